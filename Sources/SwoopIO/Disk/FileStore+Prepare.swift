// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
internal import Synchronization
internal import SystemPackage

// From a name to an open, locked partial.
extension FileStore {
    /// How often another process may exchange the partial under our hands before we give up.
    private static let lockAttempts = 8

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        await commits.room()
        let paths = try TargetPaths(destination, name: name)
        if let found = try prepareHere(paths, create: create, replacing: replacing) { return found }
        return try await blocking("prepare") { () throws(StoreError) in
            self.letGo(unless: paths)
            try paths.checkLength()
            let found = try self.look(at: paths, create: create, replacing: replacing)
            LocalDirectories.ofProcess.learn(paths.directory)
            return found
        }
    }

    /// Prepares a new file on the caller's thread, if its directory is local: these few calls cost less than the change of
    /// threads.
    ///
    /// - Returns: `nil` if there may be more to do: something is left of an earlier run, or this store has a partial.
    private func prepareHere(
        _ paths: TargetPaths,
        create: Bool,
        replacing: Bool
    ) throws(StoreError) -> PreparedPartial? {
        guard LocalDirectories.ofProcess.contains(paths.directory) else { return nil }
        guard state.withLock({ $0.partial == nil && !$0.isClosed }) else { return nil }
        try paths.checkLength()
        guard try !isTaken(paths.target) || replacing else { return remember(paths, .targetExists) }
        guard create else { return Self.isMissing(paths.partial) ? remember(paths, .fresh) : nil }
        guard Self.isMissing(paths.journal), let made = try makePartial(paths) else { return nil }
        state.withLock { $0.paths = paths }
        return try hold(made, isNew: true, paths) ? .fresh : nil
    }

    private func remember(_ paths: TargetPaths, _ found: PreparedPartial) -> PreparedPartial {
        state.withLock { $0.paths = paths }
        return found
    }

    private static func isMissing(_ path: FilePath) -> Bool {
        do {
            _ = try path.stat(followTargetSymlink: false)
            return false
        } catch {
            return error == .noSuchFileOrDirectory
        }
    }

    /// Lets go of the partial, unless it is the one of `paths`; removes it if it is still unused.
    func letGo(unless paths: TargetPaths?) {
        let old = state.withLock { state -> State? in
            guard paths == nil || state.paths != paths else { return nil }
            defer { state = State(paths: paths ?? state.paths, isClosed: state.isClosed) }
            return state
        }
        guard let old, old.isUnused, let oldPaths = old.paths, let partial = old.partial else { return }
        if partial.isNamed(oldPaths.partial) { try? Libc.unlink(oldPaths.partial) }
    }

    private func look(at paths: TargetPaths, create: Bool, replacing: Bool) throws(StoreError) -> PreparedPartial {
        for _ in 0..<Self.lockAttempts {
            if try isTaken(paths.target), !replacing {
                letGo(unless: nil)
                return .targetExists
            }
            if let held = state.withLock({ $0.partial }), held.isNamed(paths.partial) { return try replay(held, paths) }
            if create, let made = try makePartial(paths) {
                guard try hold(made, isNew: true, paths) else { continue }
                // A journal without its partial proves nothing, and must not seem to vouch for this one.
                try JournalFile.removeDurably(paths)
                return .fresh
            }
            guard let opened = try openPartial(paths) else {
                if create { continue }
                return .fresh
            }
            if try hold(opened, isNew: false, paths) { return try replay(opened, paths) }
        }
        throw Self.locked(paths)
    }

    /// Locks an open partial and keeps it; `false` if the partial's name has become another file's meanwhile.
    private func hold(_ opened: OwnedDescriptor, isNew: Bool, _ paths: TargetPaths) throws(StoreError) -> Bool {
        try lock(opened, paths)
        guard let status = try? opened.status(), status.isNamed(paths.partial) else { return false }
        state.withLock { state in
            state.partial = opened
            state.isUnused = isNew
            state.device = UInt64(status.deviceID.rawValue)
        }
        return true
    }

    /// Whether the final name exists, be it a link to nowhere.
    ///
    /// - Throws: `.badTarget` if it is something that must not be replaced by a file: a directory, a device, a pipe.
    private func isTaken(_ target: FilePath) throws(StoreError) -> Bool {
        do {
            _ = try target.stat(followTargetSymlink: false)
        } catch {
            guard error == .noSuchFileOrDirectory else { throw StoreError(error, "look at", target) }
            return false
        }
        guard let status = try? target.stat(), status.type != .regular else { return true }
        let kind = status.type == .directory ? "it is a directory" : "it is no regular file"
        throw StoreError(
            .badTarget,
            "cannot download to \(target.string): \(kind): choose another name",
            "prepare",
            target.string
        )
    }

    /// Makes the partial, and its directory if need be; `nil` if the partial exists.
    private func makePartial(_ paths: TargetPaths) throws(StoreError) -> OwnedDescriptor? {
        do {
            return try Self.make(paths.partial)
        } catch {
            guard error == .noSuchFileOrDirectory else { return try Self.existing(error, paths) }
        }
        try paths.makeDirectory()
        do {
            return try Self.make(paths.partial)
        } catch {
            return try Self.existing(error, paths)
        }
    }

    private static func make(_ partial: FilePath) throws(Errno) -> OwnedDescriptor {
        try OwnedDescriptor(
            opening: partial,
            .readWrite,
            options: [.noFollow, .create, .exclusiveCreate],
            permissions: FilePermissions(rawValue: 0o666)
        )
    }

    /// What it means that the partial could not be made: `nil` if it exists.
    private static func existing(_ error: Errno, _ paths: TargetPaths) throws(StoreError) -> OwnedDescriptor? {
        if error == .fileExists { return nil }
        throw StoreError(error, "create", paths.partial)
    }

    /// Opens the partial; `nil` if there is none.
    private func openPartial(_ paths: TargetPaths) throws(StoreError) -> OwnedDescriptor? {
        do {
            return try OwnedDescriptor(opening: paths.partial, .readWrite, options: [.noFollow, .nonBlocking])
        } catch {
            guard error == .noSuchFileOrDirectory else { throw StoreError(error, "open", paths.partial) }
            return nil
        }
    }

    /// Locks the partial. A file system without locks is used unlocked: refusing it would make Swoop useless there.
    private func lock(_ partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) {
        do throws(Errno) {
            guard try partial.status().type == .regular else { throw Errno.isDirectory }
            try Libc.tryLock(partial.descriptor)
        } catch {
            switch error {
            case .wouldBlock: throw Self.locked(paths)
            case .noLocks, .notSupported, .noFunction, .invalidArgument: return
            default: throw StoreError(error, "lock", paths.partial)
            }
        }
    }

    private static func locked(_ paths: TargetPaths) -> StoreError {
        StoreError(
            .locked,
            "another swoop is downloading to \(paths.target.string): wait for it or choose another name",
            "lock",
            paths.partial.string
        )
    }

    private func replay(_ partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) -> PreparedPartial {
        guard resumes, let journal = JournalFile.read(paths.journal) else { return .fresh }
        let length = try length(of: partial, paths)
        return JournalReading.replay(journal, boot: boot, partialLength: length).map { .found($0) } ?? .fresh
    }

    private func length(of partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) -> Int64 {
        do {
            return try partial.status().size
        } catch {
            throw StoreError(error, "look at", paths.partial)
        }
    }
}
