// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

/// A partial that is whole, on its way to its final name.
///
///     checkUntouched     the partial is still our file, whole
///     sync its data      after this the bytes are safe, under the partial's name
///     giveName           all or nothing
///     sync the directory after this the final name is safe
///     removeJournal      a journal left behind by a crash speaks of a partial that is gone, and proves nothing
struct Publication: Sendable {
    let paths: TargetPaths
    let partial: OwnedDescriptor
    /// Planned length in bytes, if there was a plan.
    var length: Int64?
    /// Whether an existing target may be replaced.
    var replaces: Bool
    var hasJournal: Bool
    /// Whether to wait for the disk.
    var syncs: Bool

    /// Does everything, for this file alone.
    func commit() throws(StoreError) {
        try checkUntouched()
        if syncs { try syncData() }
        try giveName()
        do {
            if syncs { try JournalFile.syncDirectory(paths.directory) }
        } catch {
            throw unpublished(error)
        }
        removeJournal()
    }

    /// Refuses to publish a file that another program exchanged, shortened or lengthened.
    func checkUntouched() throws(StoreError) {
        let own: Stat
        do {
            own = try partial.status()
        } catch {
            throw StoreError(error, "look at", paths.partial)
        }
        guard own.isNamed(paths.partial), own.size == length ?? own.size else {
            throw StoreError(
                .inputOutput,
                "cannot publish \(paths.target.string): another program moved or changed \(paths.partial.string): "
                    + "run the same command again",
                "publish",
                paths.partial.string
            )
        }
    }

    func syncData() throws(StoreError) {
        do {
            try Libc.syncData(partial.descriptor)
        } catch {
            throw StoreError(error, "sync", paths.partial)
        }
    }

    /// Gives the partial its final name, without waiting for the disk.
    func giveName() throws(StoreError) {
        do {
            try rename()
        } catch {
            throw unpublished(error)
        }
    }

    func removeJournal() {
        if hasJournal { try? Libc.unlink(paths.journal) }
    }

    private func rename() throws(Errno) {
        guard !replaces else { return try Libc.rename(paths.partial, to: paths.target) }
        do {
            try Libc.renameExclusively(paths.partial, to: paths.target)
        } catch {
            guard error == .invalidArgument || error == .noFunction || error == .notSupported else { throw error }
            try nameByLink()
        }
    }

    /// For file systems whose rename cannot refuse to replace; those without hard links too keep a moment's race.
    private func nameByLink() throws(Errno) {
        do {
            try Libc.link(paths.partial, to: paths.target)
            try Libc.unlink(paths.partial)
        } catch {
            guard error == .notPermitted || error == .notSupported || error == .noFunction else { throw error }
            guard (try? paths.target.stat(followTargetSymlink: false)) == nil else { throw .fileExists }
            try Libc.rename(paths.partial, to: paths.target)
        }
    }

    /// The error of a name that could not be given, or not made durable.
    func unpublished(_ error: Errno) -> StoreError {
        guard error == .fileExists else { return StoreError(error, "publish", paths.target) }
        return StoreError(
            .targetExists,
            "\(paths.target.string) appeared during the download: the bytes are in \(paths.partial.string)",
            "publish",
            paths.target.string
        )
    }
}
