// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore
internal import Synchronization
internal import SystemPackage

/// Downloads to a file: bytes go to `NAME.part` at their offsets, proofs of them to `NAME.part.journal`, and the final
/// name appears in one step at the end.
///
/// Invariants
///   1. The lock is on the open partial. It is ours only if the partial's path still names that file: whoever held it
///      before may have published or removed the file between our open and our lock.
///   2. A journal that vouches for bytes is durably gone, or replaced, before the partial loses any of them.
///   3. Nothing is created by looking, and a partial that this store made and never used is removed when it closes.
///   4. The target's name is given only to the very file that was written, at the planned length.
public final class FileStore: ByteStore {
    /// What the store has open. Every call takes what it needs out of it and holds the lock for no system call.
    struct State {
        var paths: TargetPaths?
        var partial: OwnedDescriptor?
        /// Whether `partial` was made by this store and holds nothing yet.
        var isUnused = false
        var journal: JournalFile?
        var follower: DigestFollower?
        /// Planned length of the partial in bytes, if known.
        var length: Int64?
        /// Bytes written since the kernel was last asked to write back.
        var unsent: Int64 = 0
        var isClosed = false
    }

    /// How often another process may exchange the partial under our hands before we give up.
    private static let lockAttempts = 8
    /// Bytes reserved by one call: the call keeps writers out of the file.
    private static let allocationStep: Int64 = 16 << 20
    /// Bytes after which the kernel is asked to start writing them to the device.
    private static let writeBackStep: Int64 = 16 << 20

    let state = Mutex(State())
    let pool = BlockingPool(on: BlockingPool.diskThreads)
    let waitsForDisk: Bool
    private let destination: StoreDestination
    private let algorithms: [DigestAlgorithm]
    private let resumes: Bool
    private let boot: String

    /// Makes a store that has touched nothing yet.
    ///
    /// - Parameters:
    ///   - destination: where the file is to be.
    ///   - digests: algorithms to compute while bytes arrive, each at most once.
    ///   - resume: whether a partial's journal is believed; otherwise the partial is used but its bytes are not.
    ///   - sync: whether to wait for the disk before publishing.
    public convenience init(destination: StoreDestination, digests: [DigestAlgorithm], resume: Bool, sync: Bool) {
        self.init(destination: destination, digests: digests, resume: resume, sync: sync, boot: BootID.current)
    }

    /// As the public one, under another boot id: tests restart the machine with it.
    package init(destination: StoreDestination, digests: [DigestAlgorithm], resume: Bool, sync: Bool, boot: String) {
        self.destination = destination
        self.boot = boot
        algorithms = digests
        resumes = resume
        waitsForDisk = sync
    }

    public var path: String? { state.withLock { $0.paths?.target.string } }

    // MARK: Preparing

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        try await blocking("prepare") { () throws(StoreError) in
            let paths = try TargetPaths(self.destination, name: name)
            self.letGo(unless: paths)
            if create { try paths.makeDirectory() }
            try paths.checkLength()
            return try self.look(at: paths, create: create, replacing: replacing)
        }
    }

    /// Lets go of the partial, unless it is the one of `paths`; removes it if it is still unused.
    private func letGo(unless paths: TargetPaths?) {
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
            guard let (opened, isNew) = try openPartial(paths, create: create) else { return .fresh }
            try lock(opened, paths)
            guard opened.isNamed(paths.partial) else { continue }
            state.withLock {
                $0.partial = opened
                $0.isUnused = isNew
            }
            return try replay(opened, paths)
        }
        throw Self.locked(paths)
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

    /// Opens the partial, or makes it; `nil` if it is missing and is not to be made.
    private func openPartial(_ paths: TargetPaths, create: Bool) throws(StoreError) -> (OwnedDescriptor, isNew: Bool)? {
        do {
            return (try OwnedDescriptor(opening: paths.partial, .readWrite, options: [.noFollow, .nonBlocking]), false)
        } catch {
            guard error == .noSuchFileOrDirectory else { throw StoreError(error, "open", paths.partial) }
        }
        guard create else { return nil }
        do {
            let made = try OwnedDescriptor(
                opening: paths.partial,
                .readWrite,
                options: [.noFollow, .create, .exclusiveCreate],
                permissions: FilePermissions(rawValue: 0o666)
            )
            return (made, true)
        } catch {
            throw error == .fileExists ? Self.locked(paths) : StoreError(error, "create", paths.partial)
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

    func length(of partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) -> Int64 {
        do {
            return try partial.status().size
        } catch {
            throw StoreError(error, "look at", paths.partial)
        }
    }

    // MARK: Beginning

    public func begin(_ plan: PartialPlan) async throws(StoreError) {
        let old = state.withLock { state in
            defer { state.follower = nil }
            return state.follower
        }
        await old?.close()
        try await blocking("begin") { () throws(StoreError) in
            let (paths, partial) = try self.opened("begin")
            let journal = try self.startJournal(plan, paths)
            try self.size(partial, plan, paths)
            self.state.withLock { state in
                state.isUnused = false
                state.journal = journal
                state.length = plan.length
                state.follower = self.follower(of: partial, paths)
            }
        }
    }

    private func startJournal(_ plan: PartialPlan, _ paths: TargetPaths) throws(StoreError) -> JournalFile? {
        guard let identity = plan.journal else {
            try JournalFile.removeDurably(paths)
            return nil
        }
        let claims: [JournalRecord] = [.durable(plan.durable.ranges), .written(plan.held.ranges)]
        return try JournalFile.replace(paths, with: [.identity(identity), .boot(boot)] + claims)
    }

    /// Sets the length. Without bytes to keep, none of the old ones stays: what is not written reads as zeros.
    private func size(_ partial: OwnedDescriptor, _ plan: PartialPlan, _ paths: TargetPaths) throws(StoreError) {
        do {
            if plan.held.isEmpty { try partial.resize(to: 0) }
            if let length = plan.length { try partial.resize(to: length) }
        } catch {
            throw StoreError(error, "resize", paths.partial)
        }
    }

    private func follower(of partial: OwnedDescriptor, _ paths: TargetPaths) -> DigestFollower? {
        guard !algorithms.isEmpty else { return nil }
        return DigestFollower(partial, path: paths.partial, algorithms: algorithms)
    }

    public func allocate(length: Int64) async throws(StoreError) {
        let (paths, partial) = try opened("allocate")
        let isWorthwhile = try await blocking("allocate") { () throws(StoreError) in
            try self.checkSpace(for: length, partial, paths)
        }
        var offset: Int64 = 0
        // A transfer that is cancelled waits for one step, and other calls get their turn between two.
        while isWorthwhile, offset < length, !Task.isCancelled {
            let range = ByteRange(offset, min(length, offset + Self.allocationStep))
            let isPossible = try await blocking("allocate") { () throws(StoreError) in
                try self.allocate(partial, range, paths)
            }
            guard isPossible else { return }
            offset = range.upper
        }
    }

    /// Reserves a range; `false` if the file system cannot, which is no error: the space is then found as bytes arrive.
    private func allocate(
        _ partial: OwnedDescriptor,
        _ range: ByteRange,
        _ paths: TargetPaths
    ) throws(StoreError) -> Bool {
        do {
            try Libc.allocate(partial.descriptor, offset: range.lower, length: range.count)
            return true
        } catch {
            guard error == .notSupported || error == .noFunction || error == .invalidArgument else {
                throw StoreError(error, "reserve space for", paths.partial)
            }
            return false
        }
    }

    /// Says how much is missing before the disk is filled for nothing.
    ///
    /// - Returns: whether reserving space gains anything. In memory there is nothing to keep in one piece, and reserving
    ///   costs as much as writing.
    private func checkSpace(
        for length: Int64,
        _ partial: OwnedDescriptor,
        _ paths: TargetPaths
    ) throws(StoreError) -> Bool {
        guard let fileSystem = try? Libc.fileSystem(at: paths.directory), let available = fileSystem.available,
            let status = try? partial.status()
        else { return true }
        let needed = length - status.sizeAllocated
        guard needed > available else { return !fileSystem.isInMemory }
        throw StoreError(
            .diskFull,
            "not enough space for \(paths.target.string): \(ByteCount.format(needed)) more needed, "
                + "\(ByteCount.format(available)) available: free some space and run the same command again",
            "reserve space for",
            paths.partial.string
        )
    }

    // MARK: Bytes

    public func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
        let (paths, partial) = try opened("write")
        do throws(Errno) {
            try bytes.withUnsafeReadableBytes { bytes throws(Errno) in try partial.writeFully(bytes, at: offset) }
        } catch {
            throw StoreError(error, "write", paths.partial)
        }
        if waitsForDisk { startWriteBack(after: bytes.readableBytes, partial) }
    }

    /// Keeps the wait for the disk at the end short, without a wait here: asking the kernel may itself block while the
    /// device's queue is full, so that the pool does it.
    private func startWriteBack(after count: Int, _ partial: OwnedDescriptor) {
        let isDue = state.withLock { state in
            state.unsent += Int64(count)
            guard state.unsent >= Self.writeBackStep else { return false }
            state.unsent = 0
            return true
        }
        if isDue { pool.submit { try? Libc.startWriteBack(partial.descriptor) } }
    }

    public func append(_ record: JournalRecord) throws(StoreError) {
        try state.withLock { $0.journal }?.append(record)
    }

    public func sync() async throws(StoreError) {
        try await blocking("sync") { () throws(StoreError) in
            let (paths, partial) = try self.opened("sync")
            try self.syncData(of: partial, paths)
        }
    }

    func syncData(of partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) {
        do {
            try Libc.syncData(partial.descriptor)
        } catch {
            throw StoreError(error, "sync", paths.partial)
        }
    }

    // MARK: Digests

    public func hash(upTo frontier: Int64) {
        state.withLock { $0.follower }?.advance(to: frontier)
    }

    public func digests(length: Int64) async throws(StoreError) -> [Digest] {
        if algorithms.isEmpty { return [] }
        let (follower, isClosed) = state.withLock { ($0.follower, $0.isClosed) }
        guard let follower else { throw isClosed ? .closed("verify") : .outOfOrder("verify") }
        return try await follower.finish(length: length)
    }

    // MARK: Ending

    public func close() async {
        let follower = state.withLock { state in
            state.isClosed = true
            return state.follower
        }
        await follower?.close()
        await pool.close { self.letGo(unless: nil) }
    }

    /// Runs a call that may block, after those before it, on a thread that may.
    func blocking<Value: Sendable>(
        _ operation: String,
        _ call: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let outcome = await pool.run { () -> Result<Value, StoreError> in
            do throws(StoreError) {
                return .success(try call())
            } catch {
                return .failure(error)
            }
        }
        guard let outcome else { throw .closed(operation) }
        return try outcome.get()
    }

    /// The names and the partial that `prepare` found.
    func opened(_ operation: String) throws(StoreError) -> (TargetPaths, OwnedDescriptor) {
        let (paths, partial, isClosed) = state.withLock { ($0.paths, $0.partial, $0.isClosed) }
        guard let paths, let partial else { throw isClosed ? .closed(operation) : .outOfOrder(operation) }
        return (paths, partial)
    }
}
