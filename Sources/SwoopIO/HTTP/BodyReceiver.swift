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
///       any --cancel--> ended
///
/// While the body is held, its first chunks wait here and the rest in the socket. An end that comes meanwhile waits too: a
/// response that breaks off at once still delivers what it brought, so that asking again and again gets somewhere. (The
/// client drops chunks that it has not handed over when the connection fails.)
///
/// Every call comes on one event loop; the mutex is uncontended and keeps the compiler's proof.
final class BodyReceiver: HTTPClientResponseDelegate, Exchange {
    typealias Response = Void

    /// A report is made for at least this many bytes or after this time, whichever comes first.
    private static let reportBytes: Int64 = 1 << 20
    private static let reportInterval: TimeAmount = .milliseconds(100)
    /// Bytes that are taken from the client while the body is held.
    private static let mostHeld = 2 << 20

    private enum Phase {
        case awaiting, held, flowing, ended
    }

    /// How an exchange ends.
    private struct End {
        var failure: TransferFailure?
        /// Whether the response was complete, so that its connection can be used again.
        var isResponseOver = false
        var isReported = true
    }

    private struct State {
        var phase: Phase = .awaiting
        var task: HTTPClient.Task<Void>?
        /// The chunks that came while the body was held, and the promise that lets the next one come, once they are many.
        var heldChunks: [ByteBuffer] = []
        var heldPromise: EventLoopPromise<Void>?
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

    private let loop: any EventLoop
    private let store: any ByteStore
    private let report: @Sendable (ExchangeReport) -> Void
    private let state = Mutex(State())

    init(loop: any EventLoop, store: any ByteStore, report: @escaping @Sendable (ExchangeReport) -> Void) {
        self.loop = loop
        self.store = store
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
        let held = state.withLock { state -> (chunks: [ByteBuffer], promise: EventLoopPromise<Void>?, end: End?)? in
            guard state.phase == .held else { return nil }
            state.phase = .flowing
            state.position = from
            state.reported = from
            state.limit = upTo ?? .max
            state.reportedAt = .now()
            defer {
                state.heldChunks = []
                state.heldPromise = nil
            }
            return (state.heldChunks, state.heldPromise, state.heldEnd)
        }
        guard let held else { return }
        for chunk in held.chunks { receive(chunk) }
        held.promise?.succeed()
        if let end = held.end { self.end(end) }
    }

    func shorten(to limit: Int64) {
        let isReached = state.withLock { state in
            state.limit = min(state.limit, limit)
            return state.phase == .flowing && state.position >= state.limit
        }
        if isReached { end(End()) }
    }

    func cancel() { end(End(isReported: false)) }

    // MARK: HTTPClientResponseDelegate

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
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
        return loop.makeSucceededVoidFuture()
    }

    private static func bodyLength(_ head: HTTPResponseHead) -> Int64? {
        guard head.headers["transfer-encoding"].isEmpty else { return nil }
        return head.headers.first(name: "content-length").flatMap { Int64($0) }
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let (isHeld, promise) = state.withLock { state in (state.phase == .held, hold(buffer, &state)) }
        if let promise { return promise.futureResult }
        if !isHeld { receive(buffer) }
        return loop.makeSucceededVoidFuture()
    }

    /// Keeps a chunk of a held body.
    ///
    /// - Returns: what the client is to wait for, once enough is kept.
    private func hold(_ buffer: ByteBuffer, _ state: inout State) -> EventLoopPromise<Void>? {
        guard state.phase == .held else { return nil }
        state.heldChunks.append(buffer)
        let count = state.heldChunks.reduce(0) { $0 + $1.readableBytes }
        if count >= Self.mostHeld { state.heldPromise = loop.makePromise() }
        return state.heldPromise
    }

    private func receive(_ buffer: ByteBuffer) {
        switch state.withLock({ write(buffer, &$0) }) {
        case .ignore: break
        case .goOn: reportIfDue()
        case .limitReached: end(End())
        case .failed(let error):
            report(.storeFailed(error))
            cancel()
        }
    }

    private enum WriteOutcome {
        case ignore, goOn, limitReached
        case failed(StoreError)
    }

    /// Writes what belongs below the limit. Anything more means that the tail was given away, or that the response is
    /// longer than it said: either way this connection is not used again.
    private func write(_ buffer: ByteBuffer, _ state: inout State) -> WriteOutcome {
        guard state.phase == .flowing else { return .ignore }
        let count = Int64(buffer.readableBytes)
        let wanted = min(count, state.limit - state.position)
        guard wanted > 0 else { return .limitReached }
        guard let slice = buffer.getSlice(at: buffer.readerIndex, length: Int(wanted)) else { return .ignore }
        do {
            try store.write(slice, at: state.position)
        } catch {
            return .failed(error)
        }
        state.position += wanted
        state.bodyLeft = state.bodyLeft.map { $0 - count }
        let isCutShort = state.position >= state.limit && (wanted < count || (state.bodyLeft ?? 0) > 0)
        return isCutShort ? .limitReached : .goOn
    }

    private func reportIfDue() {
        let now = NIODeadline.now()
        let due: Int64? = state.withLock { state in
            let isDue =
                state.position - state.reported >= Self.reportBytes
                || now - state.reportedAt >= Self.reportInterval
            guard isDue, state.position > state.reported else { return nil }
            state.reported = state.position
            state.reportedAt = now
            return state.position
        }
        if let due { report(.wrote(upTo: due)) }
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) throws { endOrHold(End(isResponseOver: true)) }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        endOrHold(End(failure: TransportFailure.describe(error)))
    }

    // MARK: Ending

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
        let (wasOver, task, held, unreported) = state.withLock { state in
            defer {
                state.phase = .ended
                state.heldChunks = []
                state.heldPromise = nil
                state.reported = state.position
            }
            let unreported = state.position > state.reported ? state.position : nil
            return (state.phase == .ended, state.task, state.heldPromise, unreported)
        }
        if wasOver { return }
        held?.succeed()
        if end.isReported {
            if let unreported { report(.wrote(upTo: unreported)) }
            report(.closed(end.failure))
        }
        if !end.isResponseOver { task?.cancel() }
    }
}
