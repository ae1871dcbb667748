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
        /// Whether `partial` was made by this store and holds nothing yet; then there is no journal either.
        var isUnused = false
        /// Whether the file is one of those that are published together with others.
        var isSmall = false
        /// Where `partial` is.
        var device: UInt64 = 0
        var journal: JournalFile?
        var follower: DigestFollower?
        /// Digests to compute: those that were asked for, and the one that the origin states.
        var algorithms: [DigestAlgorithm] = []
        /// Planned length of the partial in bytes, if known.
        var length: Int64?
        /// Bytes written since the kernel was last asked to write back.
        var unsent: Int64 = 0
        var isClosed = false
    }

    /// Bytes reserved by one call: the call keeps writers out of the file.
    private static let allocationStep: Int64 = 16 << 20
    /// Length of the largest file that is published together with others: one that comes whole in a first response.
    private static let largestSmallFile: Int64 = 4 << 20
    /// Bytes after which the kernel is asked to start writing them to the device.
    private static let writeBackStep: Int64 = 16 << 20

    let state = Mutex(State())
    let pool = BlockingPool(on: BlockingPool.diskThreads)
    let commits: CommitGroup
    let waitsForDisk: Bool
    let destination: StoreDestination
    private let algorithms: [DigestAlgorithm]
    let resumes: Bool
    let boot: String

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
        commits = .ofProcess
        self.boot = boot
        algorithms = digests
        resumes = resume
        waitsForDisk = sync
    }

    public var path: String? { state.withLock { $0.paths?.target.string } }

    /// Which device holds the partial.
    var device: UInt64 { state.withLock { $0.device } }

    // MARK: Beginning

    public func begin(_ plan: PartialPlan) async throws(StoreError) {
        if try beginSmall(plan) { return }
        let old = state.withLock { state in
            defer { state.follower = nil }
            return state.follower
        }
        await old?.close()
        try await blocking("begin") { () throws(StoreError) in
            let (paths, partial) = try self.opened("begin")
            let journal = try self.startJournal(plan, paths)
            try self.size(partial, plan, paths)
            self.begun(plan, journal, follower: self.follower(of: partial, plan, paths))
        }
    }

    /// Begins a small file in a partial that was made for it, which needs no disk: its bytes give it its length.
    ///
    /// - Returns: whether the plan is of that kind.
    private func beginSmall(_ plan: PartialPlan) throws(StoreError) -> Bool {
        guard isSmall(plan), state.withLock({ $0.isUnused && $0.follower == nil }) else { return false }
        let (paths, partial) = try opened("begin")
        begun(plan, nil, follower: follower(of: partial, plan, paths))
        return true
    }

    private func isSmall(_ plan: PartialPlan) -> Bool {
        plan.journal == nil && plan.held.isEmpty && plan.length ?? .max <= Self.largestSmallFile
    }

    private func begun(_ plan: PartialPlan, _ journal: JournalFile?, follower: DigestFollower?) {
        state.withLock { state in
            state.isUnused = false
            state.isSmall = isSmall(plan)
            state.journal = journal
            state.length = plan.length
            state.follower = follower
            state.algorithms = plan.algorithms(asked: algorithms)
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

    private func follower(
        of partial: OwnedDescriptor,
        _ plan: PartialPlan,
        _ paths: TargetPaths
    ) -> DigestFollower? {
        let algorithms = plan.algorithms(asked: algorithms)
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

    private func syncData(of partial: OwnedDescriptor, _ paths: TargetPaths) throws(StoreError) {
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
        let (follower, isClosed, isAsked) = state.withLock { ($0.follower, $0.isClosed, !$0.algorithms.isEmpty) }
        if !isAsked, algorithms.isEmpty { return [] }
        guard let follower else { throw isClosed ? .closed("verify") : .outOfOrder("verify") }
        return try await follower.finish(length: length)
    }

    // MARK: Ending

    public func close() async {
        let (follower, isEmpty) = state.withLock { state in
            state.isClosed = true
            return (state.follower, state.partial == nil)
        }
        await follower?.close()
        if isEmpty, pool.closeIfIdle() { return }
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
