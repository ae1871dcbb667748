// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import SwoopCore
internal import Synchronization

/// Receives one response: holds its body until the core has judged its head, then writes every chunk at its offset from
/// the event loop. This is the hot path: no task, no actor, no copy between socket buffer and `pwrite`.
///
///     awaiting --head--> held --accept--> flowing --end, limit, failure--> ended
///                        held <--limit--- flowing   where the request has no end; --lengthen--> flowing
///       any --cancel--> ended
///
/// After each chunk the next one may have to stay in the socket for a while (``BodyBrake``): the body is held and enough of
/// it is kept, a rate limit wants a pause, or the store is full. That is back-pressure down to the origin. Meanwhile a
/// heartbeat reports that nothing new was written, so that a connection which is held back does not pass for dead.
///
/// While the body is held, its first chunks wait here and the rest in the socket. An end that comes meanwhile waits too: a
/// response that breaks off at once still delivers what it brought, so that asking again and again gets somewhere. (The
/// client drops chunks that it has not handed over when the connection fails.)
///
/// Every call comes on one event loop; the mutex is uncontended and keeps the compiler's proof.
final class BodyReceiver: HTTPClientResponseDelegate, Exchange {
    typealias Response = Void

    /// A report is made after this time, or after as many bytes as the receive space says, whichever comes first.
    static let reportInterval: TimeAmount = .milliseconds(100)

    enum Phase {
        case awaiting, held, flowing, ended
    }

    /// How an exchange ends.
    struct End {
        var failure: TransferFailure?
        /// Whether the response was complete, so that its connection can be used again.
        var isResponseOver = false
        var isReported = true
    }

    struct State {
        var phase: Phase = .awaiting
        var task: HTTPClient.Task<Void>?
        /// The chunks that came while the body was held.
        var heldChunks: [ByteBuffer] = []
        /// What the next chunk waits for, if it does.
        var brake: BodyBrake?
        /// The end that came while the body was held.
        var heldEnd: End?
        /// Where the next byte belongs.
        var position: Int64 = 0
        /// Nothing at or beyond this is written.
        var limit: Int64 = .max
        /// Body bytes still to come, if the response says.
        var bodyLeft: Int64?
        var reported: Int64 = 0
        var reportedAt: NIODeadline = .distantPast
    }

    let loop: any EventLoop
    let store: any ByteStore
    private let space: ReceiveSpace
    private let limiter: RateLimiter?
    /// Whether a response that has more is held at its limit instead of being closed.
    private let waitsAtLimit: Bool
    let report: @Sendable (ExchangeReport) -> Void
    let state = Mutex(State())

    init(
        loop: any EventLoop,
        store: any ByteStore,
        space: ReceiveSpace,
        limiter: RateLimiter? = nil,
        waitsAtLimit: Bool = false,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) {
        self.loop = loop
        self.store = store
        self.space = space
        self.limiter = limiter
        self.waitsAtLimit = waitsAtLimit
        self.report = report
    }

    /// Takes the running request, so that it can be cancelled.
    func attach(_ task: HTTPClient.Task<Void>) {
        let isOver = state.withLock { state in
            state.task = task
            return state.phase == .ended
        }
        if isOver { task.cancel() }
    }

    // MARK: Exchange

    func accept(from: Int64, upTo: Int64?) {
        let isHeld = state.withLock { state in
            guard state.phase == .held else { return false }
            state.position = from
            state.reported = from
            state.limit = upTo ?? .max
            return true
        }
        if isHeld { flow() }
    }

    func shorten(to limit: Int64) {
        let isReached = state.withLock { state in
            state.limit = min(state.limit, limit)
            return state.phase == .flowing && state.position >= state.limit
        }
        if isReached { reachedLimit() }
    }

    func lengthen(to limit: Int64) {
        let held: Int64? = state.withLock { state in
            state.limit = max(state.limit, limit)
            return state.phase == .held ? state.position : nil
        }
        guard let held else { return }
        // Before its limit was lowered it may have been read beyond it.
        report(.wrote(upTo: held))
        flow()
    }

    /// Lets what was held go where it belongs, and then what follows.
    private func flow() {
        let (chunks, end) = state.withLock { state in
            state.phase = .flowing
            state.reportedAt = .now()
            defer { (state.heldChunks, state.heldEnd) = ([], nil) }
            return (state.heldChunks, state.heldEnd)
        }
        for chunk in chunks { hold(chunk) ?? receive(chunk) }
        lift(.held)
        if let end { endOrHold(end) }
    }

    func cancel() { end(End(isReported: false)) }

    // MARK: HTTPClientResponseDelegate

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        take(head)
        return loop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        take(buffer) ?? loop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) throws { endOrHold(End(isResponseOver: true)) }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        endOrHold(End(failure: TransportFailure.describe(error)))
    }

    // MARK: Receiving

    /// Takes the response's head, and holds the body until the core has judged it.
    func take(_ head: HTTPResponseHead) {
        let isWanted = state.withLock { state in
            guard state.phase == .awaiting else { return false }
            state.phase = .held
            state.bodyLeft = Self.bodyLength(head)
            return true
        }
        if isWanted {
            let fields = HeaderFields(head.headers.map { ($0.name, $0.value) })
            report(.head(ResponseHead(status: Int(head.status.code), fields: fields)))
        }
    }

    private static func bodyLength(_ head: HTTPResponseHead) -> Int64? {
        guard head.headers["transfer-encoding"].isEmpty else { return nil }
        return head.headers.first(name: "content-length").flatMap { Int64($0) }
    }

    /// Takes a chunk of the body.
    ///
    /// - Returns: what the client is to wait for before it reads on; `nil` if it may go on.
    func take(_ buffer: ByteBuffer) -> EventLoopFuture<Void>? {
        let pause = limiter?.take(buffer.readableBytes) ?? .zero
        hold(buffer) ?? receive(buffer)
        return brake(pausing: pause)
    }

    /// Keeps a chunk if the body is held; `nil` if it is not.
    private func hold(_ buffer: ByteBuffer) -> Void? {
        state.withLock { state in
            guard state.phase == .held else { return nil }
            state.heldChunks.append(buffer)
            return ()
        }
    }

    private func receive(_ buffer: ByteBuffer) {
        switch state.withLock({ write(buffer, &$0) }) {
        case .ignore: break
        case .goOn: reportIfDue()
        case .limitReached: reachedLimit()
        case .failed(let error):
            report(.storeFailed(error))
            cancel()
        }
    }

    private enum WriteOutcome {
        case ignore, goOn, limitReached
        case failed(StoreError)
    }

    /// Writes what belongs below the limit. Anything more is kept where the response may be read on; elsewhere the tail was
    /// given away, or the response is longer than it said, and this connection is not used again.
    private func write(_ buffer: ByteBuffer, _ state: inout State) -> WriteOutcome {
        guard state.phase == .flowing else { return .ignore }
        let count = Int64(buffer.readableBytes)
        let wanted = max(0, min(count, state.limit - state.position))
        var rest = buffer
        guard let slice = rest.readSlice(length: Int(wanted)) else { return .ignore }
        do {
            if wanted > 0 { try store.write(slice, at: state.position) }
        } catch {
            return .failed(error)
        }
        state.position += wanted
        let isKept = waitsAtLimit && wanted < count
        if isKept { state.heldChunks.append(rest) }
        state.bodyLeft = state.bodyLeft.map { $0 - (isKept ? wanted : count) }
        let isCutShort = state.position >= state.limit && (wanted < count || (state.bodyLeft ?? 0) > 0)
        return isCutShort ? .limitReached : .goOn
    }

    private func reportIfDue() {
        let now = NIODeadline.now()
        let step = space.reportStep
        let due: Int64? = state.withLock { state in
            // The end of the response reports its last bytes, so that it comes before anything that they complete: a
            // connection whose response is over can be used again.
            guard state.bodyLeft != 0 else { return nil }
            let isDue =
                state.position - state.reported >= step
                || now - state.reportedAt >= Self.reportInterval
            guard isDue, state.position > state.reported else { return nil }
            state.reported = state.position
            state.reportedAt = now
            return state.position
        }
        if let due { report(.wrote(upTo: due)) }
    }

    // MARK: Ending

    /// Closes the connection, or holds what the response has beyond its limit.
    private func reachedLimit() {
        guard waitsAtLimit else { return end(End()) }
        let position = state.withLock { state in
            state.phase = .held
            state.reported = state.position
            return state.position
        }
        report(.wrote(upTo: position))
    }

    /// Ends the exchange because of a failure, reporting it unless the exchange has ended before.
    func end(with failure: TransferFailure) { end(End(failure: failure)) }

    private func endOrHold(_ end: End) {
        let isHeld = state.withLock { state in
            if state.phase == .held { state.heldEnd = end }
            return state.phase == .held
        }
        if !isHeld { self.end(end) }
    }

    /// Before the response is over, only closing the connection ends it (HTTP/1.1); after a complete response the
    /// connection stays open for the next segment.
    private func end(_ end: End) {
        let (wasOver, task, brake, unreported) = state.withLock { state in
            defer {
                state.phase = .ended
                state.heldChunks = []
                state.brake = nil
                state.reported = state.position
            }
            let unreported = state.position > state.reported ? state.position : nil
            return (state.phase == .ended, state.task, state.brake, unreported)
        }
        if wasOver { return }
        brake?.letGo()
        if end.isReported {
            if let unreported { report(.wrote(upTo: unreported)) }
            report(.closed(end.failure))
        }
        if !end.isResponseOver { task?.cancel() }
    }
}
