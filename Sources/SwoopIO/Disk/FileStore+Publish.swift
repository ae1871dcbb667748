// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization
internal import SystemPackage

// From the last written byte to the final name, or to nothing left.
//
//     check that the partial is still our file, whole
//     sync its data            after this the bytes are safe, under the partial's name
//     rename                   all or nothing
//     sync the directory       after this the final name is safe
//     remove the journal       a journal left behind by a crash speaks of a partial that is gone, and proves nothing
extension FileStore {
    public func publish(replacing: Bool) async throws(StoreError) {
        try await blocking("publish") { () throws(StoreError) in
            let (paths, partial) = try self.opened("publish")
            try self.checkUntouched(partial, paths)
            if self.waitsForDisk { try self.syncData(of: partial, paths) }
            do throws(Errno) {
                try Self.name(paths, replacing: replacing)
                if self.waitsForDisk { try JournalFile.syncDirectory(paths.directory) }
            } catch {
                throw Self.unpublished(error, paths)
            }
            try? Libc.unlink(paths.journal)
        }
    }

    public func discardPartial() async throws(StoreError) {
        try await blocking("discard") { () throws(StoreError) in
            let old = self.state.withLock { state in
                defer { state = State(paths: state.paths, isClosed: state.isClosed) }
                return state
            }
            guard let paths = old.paths, let partial = old.partial, partial.isNamed(paths.partial) else { return }
            try Self.remove(paths.journal)
            try Self.remove(paths.partial)
        }
    }

    /// Refuses to publish a file that another program exchanged, shortened or lengthened.
    private func checkUntouched(_ partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) {
        let length = try length(of: partial, paths)
        let planned = state.withLock { $0.length } ?? length
        guard partial.isNamed(paths.partial), length == planned else {
            throw StoreError(
                .inputOutput,
                "cannot publish \(paths.target.string): another program moved or changed \(paths.partial.string): "
                    + "run the same command again",
                "publish",
                paths.partial.string
            )
        }
    }

    /// Gives the partial its final name.
    private static func name(_ paths: TargetPaths, replacing: Bool) throws(Errno) {
        guard !replacing else { return try Libc.rename(paths.partial, to: paths.target) }
        do {
            try Libc.renameExclusively(paths.partial, to: paths.target)
        } catch {
            guard error == .invalidArgument || error == .noFunction || error == .notSupported else { throw error }
            try nameByLink(paths)
        }
    }

    /// For file systems whose rename cannot refuse to replace; those without hard links too keep a moment's race.
    private static func nameByLink(_ paths: TargetPaths) throws(Errno) {
        do {
            try Libc.link(paths.partial, to: paths.target)
            try Libc.unlink(paths.partial)
        } catch {
            guard error == .notPermitted || error == .notSupported || error == .noFunction else { throw error }
            guard (try? paths.target.stat(followTargetSymlink: false)) == nil else { throw .fileExists }
            try Libc.rename(paths.partial, to: paths.target)
        }
    }

    private static func unpublished(_ error: Errno, _ paths: TargetPaths) -> StoreError {
        guard error == .fileExists else { return StoreError(error, "publish", paths.target) }
        return StoreError(
            .targetExists,
            "\(paths.target.string) appeared during the download: the bytes are in \(paths.partial.string)",
            "publish",
            paths.target.string
        )
    }

    private static func remove(_ path: FilePath) throws(StoreError) {
        do {
            try Libc.unlink(path)
        } catch {
            if error != .noSuchFileOrDirectory { throw StoreError(error, "remove", path) }
        }
    }
}
