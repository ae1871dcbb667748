// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization
internal import SystemPackage

// From the last written byte to the final name, or to nothing left.
extension FileStore {
    public func publish(replacing: Bool) async throws(StoreError) {
        let isSmall = state.withLock { $0.isSmall }
        if isSmall {
            // Throws before there is anything to wait for, if it is out of order.
            _ = try opened("publish")
            try await commits.commit(self, replacing: replacing)
        } else {
            try await blocking("publish") { () throws(StoreError) in
                try self.publication(replacing: replacing).commit()
                self.letGoOfPublished()
            }
        }
    }

    /// What there is to publish.
    func publication(replacing: Bool) throws(StoreError) -> Publication {
        let (paths, partial) = try opened("publish")
        return state.withLock { state in
            Publication(
                paths: paths,
                partial: partial,
                length: state.length,
                replaces: replacing,
                hasJournal: state.journal != nil,
                syncs: waitsForDisk
            )
        }
    }

    /// Lets go of what has its final name now.
    func letGoOfPublished() {
        let old = state.withLock { state in
            let old = state
            state = State(paths: old.paths, follower: old.follower, isClosed: old.isClosed)
            return old
        }
        // The descriptors are closed here, on a thread that may block.
        _ = consume old
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

    private static func remove(_ path: FilePath) throws(StoreError) {
        do {
            try Libc.unlink(path)
        } catch {
            if error != .noSuchFileOrDirectory { throw StoreError(error, "remove", path) }
        }
    }
}
