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
/// Every call comes on one event loop; the mutex is uncontended and keeps the compiler's proof.
final class BodyReceiver: HTTPClientResponseDelegate, Exchange {
    typealias Response = Void

    /// A report is made for at least this many bytes or after this time, whichever comes first.
    private static let reportBytes: Int64 = 1 << 20
    private static let reportInterval: TimeAmount = .milliseconds(100)

    private enum Phase {
        case awaiting
        case held(EventLoopPromise<Void>)
        case flowing
        case ended
    }

    private struct State {
        var phase: Phase = .awaiting
        var task: HTTPClient.Task<Void>?
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
            if case .ended = state.phase { return true }
            return false
        }
        if isOver { task.cancel() }
    }

    // MARK: Exchange

    func accept(from: Int64, upTo: Int64?) {
        let promise: EventLoopPromise<Void>? = state.withLock { state in
            guard case .held(let promise) = state.phase else { return nil }
            state.phase = .flowing
            state.position = from
            state.reported = from
            state.limit = upTo ?? .max
            state.reportedAt = .now()
            return promise
        }
        promise?.succeed()
    }

    func shorten(to limit: Int64) {
        let isReached = state.withLock { state in
            state.limit = min(state.limit, limit)
            if case .flowing = state.phase { return state.position >= state.limit }
            return false
        }
        if isReached { finishEarly() }
    }

    func cancel() { end(quietly: true, failure: nil, isResponseOver: false) }

    // MARK: HTTPClientResponseDelegate

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let isWanted = state.withLock { state in
            guard case .awaiting = state.phase else { return false }
            state.phase = .held(promise)
            state.bodyLeft = Self.bodyLength(head)
            return true
        }
        guard isWanted else {
            promise.fail(CancellationError())
            return promise.futureResult
        }
        let fields = HeaderFields(head.headers.map { ($0.name, $0.value) })
        report(.head(ResponseHead(status: Int(head.status.code), fields: fields)))
        return promise.futureResult
    }

    private static func bodyLength(_ head: HTTPResponseHead) -> Int64? {
        guard head.headers["transfer-encoding"].isEmpty else { return nil }
        return head.headers.first(name: "content-length").flatMap { Int64($0) }
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        switch state.withLock({ write(buffer, &$0) }) {
        case .ignore: break
        case .goOn: reportIfDue()
        case .limitReached: finishEarly()
        case .failed(let error):
            report(.storeFailed(error))
            cancel()
        }
        return loop.makeSucceededVoidFuture()
    }

    private enum WriteOutcome {
        case ignore, goOn, limitReached
        case failed(StoreError)
    }

    /// Writes what belongs below the limit. Anything more means that the tail was given away, or that the response is
    /// longer than it said: either way this connection is not used again.
    private func write(_ buffer: ByteBuffer, _ state: inout State) -> WriteOutcome {
        guard case .flowing = state.phase else { return .ignore }
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

    func didFinishRequest(task: HTTPClient.Task<Void>) throws {
        end(quietly: false, failure: nil, isResponseOver: true)
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        end(with: TransportFailure.describe(error))
    }

    // MARK: Ending

    /// Ends the exchange because of a failure, reporting it unless the exchange has ended before.
    func end(with failure: TransferFailure) { end(quietly: false, failure: failure, isResponseOver: false) }

    /// The limit was reached before the response was over: over HTTP/1.1 only closing the connection ends it.
    private func finishEarly() { end(quietly: false, failure: nil, isResponseOver: false) }

    private func end(quietly: Bool, failure: TransferFailure?, isResponseOver: Bool) {
        let (old, task, unreported): (Phase, HTTPClient.Task<Void>?, Int64?) = state.withLock { state in
            defer { state.phase = .ended }
            let unreported = state.position > state.reported ? state.position : nil
            state.reported = state.position
            return (state.phase, state.task, unreported)
        }
        if case .ended = old { return }
        if case .held(let promise) = old { promise.fail(CancellationError()) }
        if !quietly {
            if let unreported { report(.wrote(upTo: unreported)) }
            report(.closed(failure))
        }
        // After a complete response the connection stays open for the next segment.
        if !isResponseOver { task?.cancel() }
    }
}
