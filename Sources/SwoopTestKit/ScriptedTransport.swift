// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore
public import SwoopIO
internal import Synchronization

/// A transport whose responses are written down beforehand: no socket, no server.
public final class ScriptedTransport: HTTPTransport {
    /// What happens in an exchange, in order. Steps after `.head` wait until the body is accepted.
    public enum Step: Hashable, Sendable {
        /// The response's head arrives.
        case head(ResponseHead)
        /// Body bytes arrive.
        case bytes([UInt8])
        /// The response is complete.
        case end
        /// The exchange fails.
        case failure(TransferFailure)
        /// Nothing more ever happens.
        case silence
    }

    private let loop: any EventLoop
    private let script: @Sendable (ExchangeRequest, _ ordinal: Int) -> [Step]
    private let opened = Mutex<[ExchangeRequest]>([])

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - loop: where reports are made.
    ///   - script: the steps for a request; `ordinal` counts requests from 0.
    public init(on loop: any EventLoop, script: @escaping @Sendable (ExchangeRequest, _ ordinal: Int) -> [Step]) {
        self.loop = loop
        self.script = script
    }

    /// The requests sent so far.
    public var requests: [ExchangeRequest] { opened.withLock { $0 } }

    public func open(
        _ request: ExchangeRequest,
        into store: any ByteStore,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) -> any Exchange {
        let ordinal = opened.withLock { opened in
            opened.append(request)
            return opened.count - 1
        }
        let exchange = ScriptedExchange(
            script(request, ordinal),
            waitsAtLimit: request.isOpenEnded,
            on: loop,
            into: store,
            report: report
        )
        exchange.play()
        return exchange
    }

    /// An honest origin's answer: the asked range of `content`, in bodies of at most `piece` bytes.
    public static func honest(_ content: [UInt8], to request: ExchangeRequest, piece: Int = 64 << 10) -> [Step] {
        let length = Int64(content.count)
        guard let asked = request.range, asked.lower < length else {
            let fields = HeaderFields([("ETag", "\"1\""), ("Content-Length", "\(length)")])
            return [.head(ResponseHead(status: 200, fields: fields))] + pieces(content[...], piece) + [.end]
        }
        let range = asked.intersection(ByteRange(0, length))
        let fields = HeaderFields([
            ("ETag", "\"1\""), ("Content-Length", "\(range.count)"),
            ("Content-Range", "bytes \(range.lower)-\(range.upper - 1)/\(length)"),
        ])
        let body = content[Int(range.lower)..<Int(range.upper)]
        return [.head(ResponseHead(status: 206, fields: fields))] + pieces(body, piece) + [.end]
    }

    private static func pieces(_ body: ArraySlice<UInt8>, _ size: Int) -> [Step] {
        stride(from: body.startIndex, to: body.endIndex, by: size).map {
            .bytes(Array(body[$0..<min($0 + size, body.endIndex)]))
        }
    }
}

/// One exchange of a ``ScriptedTransport``: plays its steps one event loop tick at a time.
private final class ScriptedExchange: Exchange {
    private struct State {
        var steps: ArraySlice<ScriptedTransport.Step>
        var isOver = false
        var isAccepted = false
        var position: Int64 = 0
        var limit: Int64 = .max
    }

    private let loop: any EventLoop
    private let waitsAtLimit: Bool
    private let store: any ByteStore
    private let report: @Sendable (ExchangeReport) -> Void
    private let state: Mutex<State>

    init(
        _ steps: [ScriptedTransport.Step],
        waitsAtLimit: Bool,
        on loop: any EventLoop,
        into store: any ByteStore,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) {
        self.loop = loop
        self.waitsAtLimit = waitsAtLimit
        self.store = store
        self.report = report
        state = Mutex(State(steps: steps[...]))
    }

    func accept(from: Int64, upTo: Int64?) {
        state.withLock { state in
            state.isAccepted = true
            state.position = from
            state.limit = upTo ?? .max
        }
        play()
    }

    func shorten(to limit: Int64) { state.withLock { $0.limit = min($0.limit, limit) } }

    func lengthen(to limit: Int64) {
        state.withLock { $0.limit = max($0.limit, limit) }
        play()
    }

    func cancel() { state.withLock { $0.isOver = true } }

    func play() { loop.execute { self.playNext() } }

    private func playNext() {
        let next: (ScriptedTransport.Step, State)? = state.withLock { state in
            guard !state.isOver, let step = state.steps.popFirst() else { return nil }
            return (step, state)
        }
        guard let (step, state) = next else { return }
        switch step {
        case .head(let head): report(.head(head))
        case .bytes(let bytes): receive(bytes, state)
        case .end: end(nil)
        case .failure(let failure): end(failure)
        case .silence: break
        }
    }

    private func receive(_ bytes: [UInt8], _ seen: State) {
        let count = Int(min(Int64(bytes.count), max(0, seen.limit - seen.position)))
        do throws(StoreError) {
            try store.write(ByteBuffer(bytes: bytes[..<count]), at: seen.position)
        } catch {
            cancel()
            return report(.storeFailed(error))
        }
        let position = seen.position + Int64(count)
        state.withLock { state in
            state.position = position
            if waitsAtLimit, count < bytes.count {
                state.steps.insert(.bytes(Array(bytes[count...])), at: state.steps.startIndex)
            }
        }
        report(.wrote(upTo: position))
        guard position >= seen.limit, count < bytes.count else { return play() }
        if !waitsAtLimit { end(nil) }
    }

    private func end(_ failure: TransferFailure?) {
        cancel()
        report(.closed(failure))
    }
}
