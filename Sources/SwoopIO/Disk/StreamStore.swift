// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
public import SwoopCore
internal import Synchronization
internal import SystemPackage

/// Downloads to a stream, in order: bytes that come early wait in memory, and a thread writes and hashes them when it is
/// their turn.
///
///     event loop  --write-->  ring  --next-->  writer thread  --write, hash-->  descriptor
///                                                  |
///                 whoever asks for bytes  <--consumed, room--
///
/// Memory is bounded by those who ask for bytes: ranges are asked for within the window behind what has been consumed, and
/// a body that comes in one piece is not read on while there is no ``room(at:on:)``. The store holds nothing back itself.
///
/// What has been written cannot be taken back: there is no partial, nothing to resume, and no second beginning.
///
/// Invariants
///   1. Bytes leave in order, each once, and are hashed as they leave.
///   2. `isWriting` while and only while the writer's job is queued or runs; it runs as long as a byte's turn has come.
///   3. After a failure nothing is held back: ``room(at:on:)`` opens, everything that came counts as consumed, and the next
///      call that could say what failed says it.
public final class StreamStore: ByteStore {
    private typealias Teller = @Sendable (Int64) -> Void

    private struct Gate {
        var offset: Int64
        var promise: EventLoopPromise<Void>
    }

    private struct State {
        var ring = Ring()
        var output: Output?
        var threads: NIOThreadPool?
        var isWriting = false
        /// Everything before this offset has been given to the system.
        var written: Int64 = 0
        /// What has been told as consumed, and to whom.
        var told: Int64 = 0
        var tell: Teller?
        var gates: [Gate] = []
        /// Resumed when the writer ends.
        var waiters: [CheckedContinuation<Void, Never>] = []
        var failure: StoreError?
        /// Whoever waited for the end does not any more.
        var isAbandoned = false
        var isClosed = false

        /// What to say of consumption now, if enough has been consumed.
        mutating func news(each step: Int64) -> Int64? {
            guard written - told >= step else { return nil }
            told = written
            return written
        }

        /// Takes out those who wait for room at offsets up to this one.
        mutating func openGates(upTo offset: Int64) -> [Gate] {
            defer { gates.removeAll { $0.offset <= offset } }
            return gates.filter { $0.offset <= offset }
        }
    }

    /// What may come beyond the window: the buffers that were filled when the window was found full, and a first response
    /// that was asked for before the window was known to matter.
    private static let slack: Int64 = 16 << 20

    private let descriptor: Int32
    private let window: Int64
    private let algorithms: [DigestAlgorithm]
    private let state = Mutex(State())
    private let hashes: Mutex<DigestSet>

    /// Makes a store that writes to the process's standard output.
    ///
    /// - Parameters:
    ///   - window: bytes that may wait for their turn; less than ``TransferOptions/smallestWindow`` counts as that, more
    ///     than a PiB as a PiB.
    ///   - digests: algorithms to compute while bytes leave, each at most once.
    public convenience init(window: Int64, digests: [DigestAlgorithm]) {
        self.init(descriptor: FileDescriptor.standardOutput.rawValue, window: window, digests: digests)
    }

    /// As the public one, with another descriptor, which stays the caller's.
    package init(descriptor: Int32, window: Int64, digests: [DigestAlgorithm]) {
        self.descriptor = descriptor
        self.window = min(max(TransferOptions.smallestWindow, window), 1 << 50)
        algorithms = digests
        hashes = Mutex(DigestSet(digests))
    }

    public var path: String? { nil }

    /// Bytes after which news of consumption are worth telling, and room worth reading into. When the reader is what all
    /// wait for, each step is asked for in one request: smaller ones cost more requests, larger ones a part of the window.
    private var step: Int64 { window / 16 }

    // MARK: Preparing

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        .fresh
    }

    public func begin(_ plan: PartialPlan) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            guard !state.isClosed else { throw .closed("begin") }
            guard plan.held.isEmpty else { throw .outOfOrder("continue a stream") }
            guard state.ring.taken == 0 else { throw .startedOver(after: state.ring.taken) }
            state.ring = Ring()
            guard state.output == nil else { return }
            hashes.withLock { $0 = DigestSet(plan.algorithms(asked: algorithms)) }
            state.output = try Self.open(descriptor)
            state.threads = NIOThreadPool(numberOfThreads: 1)
            state.threads?.start()
        }
    }

    private static func open(_ descriptor: Int32) throws(StoreError) -> Output {
        do {
            return try Output(descriptor)
        } catch {
            throw StoreError(stream: error)
        }
    }

    public func allocate(length: Int64) async throws(StoreError) {}

    // MARK: Bytes

    public func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
        let threads = try state.withLock { state throws(StoreError) -> NIOThreadPool? in
            if let failure = state.failure { throw failure }
            guard let threads = state.threads, !state.isClosed else {
                throw state.isClosed ? .closed("write") : .outOfOrder("write")
            }
            let limit = state.written.addingReportingOverflow(window + Self.slack)
            guard offset >= 0, limit.overflow || offset <= limit.partialValue - Int64(bytes.readableBytes) else {
                throw .outOfOrder("write far beyond its window")
            }
            state.ring.insert(bytes, at: offset)
            guard !state.isWriting, state.ring.taken < state.ring.frontier else { return nil }
            state.isWriting = true
            return threads
        }
        // A pool that has been shut down calls back at once, and the job finds the store closed.
        threads?.submit { _ in self.work() }
    }

    public func append(_ record: JournalRecord) throws(StoreError) {}

    public func sync() async throws(StoreError) {}

    public func hash(upTo frontier: Int64) {}

    public func whenConsumed(_ tell: @escaping @Sendable (Int64) -> Void) {
        state.withLock { $0.tell = tell }
    }

    public func room(at offset: Int64, on loop: any EventLoop) -> EventLoopFuture<Void>? {
        state.withLock { state in
            guard state.failure == nil, !state.isClosed, offset - state.written >= window else { return nil }
            let promise = loop.makePromise(of: Void.self)
            state.gates.append(Gate(offset: offset, promise: promise))
            return promise.futureResult
        }
    }

    // MARK: On the writer's thread

    private func work() {
        Output.ignoreBrokenPipesOnThisThread()
        while let (piece, output) = next() {
            do throws(Errno) {
                try piece.withUnsafeReadableBytes { bytes throws(Errno) in
                    try output.write(bytes) { state.withLock { !$0.isClosed } }
                    hashes.withLock { $0.update(bytes) }
                }
                wrote(piece)
            } catch {
                failed(error)
            }
        }
    }

    /// The bytes whose turn it is, or `nil` if the writer has ended.
    private func next() -> (ByteBuffer, Output)? {
        let (next, waiters) = state.withLock { state -> ((ByteBuffer, Output)?, [CheckedContinuation<Void, Never>]) in
            if state.failure == nil, !state.isClosed, let output = state.output, let piece = state.ring.next() {
                return ((piece, output), [])
            }
            defer { state.waiters = [] }
            state.isWriting = false
            return (nil, state.waiters)
        }
        for waiter in waiters { waiter.resume() }
        return next
    }

    private func wrote(_ piece: ByteBuffer) {
        let (consumed, tell, gates) = state.withLock { state -> (Int64?, Teller?, [Gate]) in
            state.written += Int64(piece.readableBytes)
            state.ring.giveBack(piece)
            return (state.news(each: step), state.tell, state.openGates(upTo: state.written + window - step))
        }
        if let consumed { tell?(consumed) }
        for gate in gates { gate.promise.succeed() }
    }

    private func failed(_ error: Errno) {
        let (tell, frontier, gates) = state.withLock { state -> (Teller?, Int64, [Gate]) in
            defer { state.ring = Ring() }
            state.failure = state.isClosed ? .closed("write") : StoreError(stream: error)
            return (state.tell, state.ring.frontier, state.openGates(upTo: .max))
        }
        tell?(frontier)
        for gate in gates { gate.promise.succeed() }
    }

    // MARK: Ending

    public func digests(length: Int64) async throws(StoreError) -> [Digest] {
        if hashes.withLock({ $0.isEmpty }) { return [] }
        let written = try await drained()
        guard written == length else { throw .outOfOrder("finish digests at \(length) bytes, having \(written)") }
        return hashes.withLock { $0.digests() }
    }

    /// Waits until the reader, or the system for it, has taken every byte.
    public func publish(replacing: Bool) async throws(StoreError) {
        _ = try await drained()
        guard state.withLock({ $0.ring.isInOrder }) else { throw .outOfOrder("publish a stream with a gap") }
    }

    public func discardPartial() async throws(StoreError) {}

    /// Waits until everything whose turn has come is written; answers how much that is. A cancelled task does not wait.
    private func drained() async throws(StoreError) -> Int64 {
        await withTaskCancellationHandler {
            await rest()
        } onCancel: {
            for waiter in abandon() { waiter.resume() }
        }
        return try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            if state.isClosed || state.isAbandoned { throw .closed("write everything") }
            guard state.output != nil else { throw .outOfOrder("finish") }
            return state.written
        }
    }

    private func rest() async {
        await withCheckedContinuation { continuation in
            let rests = state.withLock { state in
                guard state.isWriting, !state.isAbandoned else { return true }
                state.waiters.append(continuation)
                return false
            }
            if rests { continuation.resume() }
        }
    }

    private func abandon() -> [CheckedContinuation<Void, Never>] {
        state.withLock { state in
            defer { state.waiters = [] }
            state.isAbandoned = true
            return state.waiters
        }
    }

    public func close() async {
        let (threads, gates) = state.withLock { state -> (NIOThreadPool?, [Gate]) in
            defer {
                state.threads = nil
                state.tell = nil
            }
            state.isClosed = true
            return (state.threads, state.openGates(upTo: .max))
        }
        for gate in gates { gate.promise.succeed() }
        // Waits for the writer, which looks every now and then whether it is still wanted.
        try? await threads?.shutdownGracefully()
        state.withLock { state in
            state.output = nil
            state.ring = Ring()
        }
    }
}
