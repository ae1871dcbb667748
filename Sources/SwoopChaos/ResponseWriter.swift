// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SwoopCore

/// Carries out behaviours on one connection, one at a time; lives on the connection's event loop.
///
/// A chunk is made only when the one before it is in the kernel, so a connection holds one chunk in memory however long
/// the body and however slow the client.
final class ResponseWriter {
    /// A response being sent.
    private struct Progress {
        let exchange: Exchange
        let response: Response
        let head: WireHead
        /// Body bytes to send, and sent.
        let limit: Int64
        var sent: Int64 = 0
        var sendsBody: Bool { !exchange.request.isHead }
    }

    private let channel: any Channel
    private let state: ServerState
    private var pacer = Pacer()
    private var progress: Progress?
    private var exchange: Exchange?
    /// Called when the connection is free for the next request.
    var onReady: () -> Void = {}

    init(_ channel: any Channel, _ state: ServerState) {
        self.channel = channel
        self.state = state
    }

    var isBusy: Bool { exchange != nil }

    func perform(_ exchange: Exchange, keepsAlive: Bool) {
        self.exchange = exchange
        wait(nanoseconds: exchange.behaviour.delay) { [self] in
            switch exchange.behaviour.answer {
            case .close: disconnect()
            case .reset: reset()
            case .endlessHead(let interval): sendFields(interval)
            case .respond(let response):
                complete(response, exchange) { [self] in start($0, exchange, keepsAlive: keepsAlive) }
            }
        }
    }

    /// Stops; to be called when the connection is gone.
    func cancel() {
        if let exchange { state.end(exchange) }
        exchange = nil
        progress = nil
        onReady = {}
    }

    /// Waits for digests, if the response has any in it.
    private func complete(_ response: Response, _ exchange: Exchange, then use: @escaping (Response) -> Void) {
        guard let hashing = response.hashing, let source = exchange.source else { return use(response) }
        let key = HashingKey(source: source, length: hashing.length, piece: hashing.piece)
        offLoop({ [state] in try state.digests(key, hashing) }, then: { use(response.completed(hashing, $0)) })
    }

    // MARK: Sending

    private func start(_ response: Response, _ exchange: Exchange, keepsAlive: Bool) {
        let head = WireHead(response, isHTTP11: exchange.request.isHTTP11, keepsAlive: keepsAlive)
        let limit = exchange.request.isHead ? 0 : response.sentCount
        progress = Progress(exchange: exchange, response: response, head: head, limit: limit)
        send(ByteBuffer(string: head.text)) { [self] in step() }
    }

    private func step() {
        guard let progress else { return }
        let left = progress.limit - progress.sent
        guard left > 0 else { return endBody(progress) }
        let chunk = progress.exchange.behaviour.pace.chunk(sent: progress.sent)
        let count = min(left, chunk, progress.response.place(progress.sent).left)
        waitForTurn(Int(count), progress) { [self] in
            let count = state.spend(count, of: progress.exchange)
            guard count > 0 else { return die(progress) }
            makeChunk(Int(count), progress) { [self] chunk in sendChunk(chunk, Int(count)) }
        }
    }

    private func makeChunk(_ count: Int, _ progress: Progress, then use: @escaping (ByteBuffer) -> Void) {
        let place = progress.response.place(progress.sent)
        guard case .body(let from, _) = place else {
            if case .text(let text, let from) = place { use(Self.slice(of: text, from, count)) }
            return
        }
        switch (progress.response.body, progress.exchange.source) {
        case (.text(let text), _):
            use(Self.slice(of: text, Int(from), count))
        case (.content(let range, _), let source?):
            let offset = range.lower + from
            if source.isImmediate, let chunk = try? source.read(count, at: offset) { return use(chunk) }
            offLoop({ try source.read(count, at: offset) }, then: use)
        case (.content, nil):
            disconnect()
        }
    }

    private static func slice(of text: String, _ from: Int, _ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: text.utf8.dropFirst(from).prefix(count))
    }

    private func sendChunk(_ chunk: ByteBuffer, _ count: Int) {
        guard let progress else { return }
        let bytes = progress.head.isChunked ? Self.framed(chunk) : chunk
        // Counted first, so that no one can have received a byte that the log does not have.
        state.sent(count, of: progress.exchange)
        self.progress?.sent += Int64(count)
        send(bytes) { [self] in step() }
    }

    private func endBody(_ progress: Progress) {
        switch progress.sendsBody ? progress.response.fault?.kind : nil {
        case .stall: break
        case .close: disconnect()
        case .reset: wait(nanoseconds: Self.timeToRead) { [self] in reset() }
        case nil where progress.head.isChunked && progress.sendsBody:
            send(ByteBuffer(string: "0\r\n\r\n")) { [self] in endResponse(progress) }
        case nil: endResponse(progress)
        }
    }

    private func endResponse(_ progress: Progress) {
        guard exchange != nil else { return }
        guard !progress.head.closes else { return disconnect() }
        state.end(progress.exchange)
        self.progress = nil
        exchange = nil
        onReady()
    }

    private static func framed(_ chunk: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBuffer(string: String(chunk.readableBytes, radix: 16) + "\r\n")
        bytes.writeImmutableBuffer(chunk)
        bytes.writeStaticString("\r\n")
        return bytes
    }

    /// Begins a head, and never ends it; stops with the connection.
    private func sendFields(_ interval: Int64) {
        send(ByteBuffer(string: "HTTP/1.1 200 OK\r\n")) { [self] in sendField(1, interval) }
    }

    private func sendField(_ number: Int, _ interval: Int64) {
        guard exchange != nil else { return }
        let filler = interval > 0 ? "x" : String(repeating: "x", count: 1000)
        send(ByteBuffer(string: "X-Filler-\(number): \(filler)\r\n")) { [self] in
            wait(nanoseconds: interval) { [self] in sendField(number + 1, interval) }
        }
    }

    // MARK: Ending the connection

    /// How long the client gets to read what was sent before a reset makes its kernel throw it away, in nanoseconds.
    private static let timeToRead = 20 * Moment.nanosecondsPerMillisecond

    /// The origin has sent all that it ever will.
    private func die(_ progress: Progress) {
        guard progress.exchange.behaviour.lifetime?.resets == true else { return disconnect() }
        wait(nanoseconds: Self.timeToRead) { [self] in reset() }
    }

    private func disconnect() {
        channel.close(promise: nil)
    }

    /// Closes with a lingering time of zero, which makes the kernel send RST and not FIN.
    private func reset() {
        let options = channel as? any SocketOptionProvider
        options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
        channel.close(promise: nil)
    }

    // MARK: The event loop

    /// Writes and goes on in a later turn of the loop, so that connections alternate and the stack stays flat.
    private func send(_ bytes: ByteBuffer, then next: @escaping () -> Void) {
        let loop = channel.eventLoop.assumeIsolated()
        channel.writeAndFlush(bytes).assumeIsolated().whenSuccess { loop.execute { next() } }
    }

    private func waitForTurn(_ count: Int, _ progress: Progress, then next: @escaping () -> Void) {
        let now = Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds)
        let rate = progress.exchange.behaviour.pace.rate(sent: progress.sent)
        let own = pacer.reserve(count, rate: rate, at: now)
        let shared = state.reserve(count, for: progress.exchange, at: now)
        wait(nanoseconds: max(own, shared) - now, then: next)
    }

    /// Has something done that may take its time; if it fails, the connection is closed.
    private func offLoop<T: Sendable>(_ work: @escaping @Sendable () throws -> T, then use: @escaping (T) -> Void) {
        NIOSingletons.posixBlockingThreadPool
            .runIfActive(eventLoop: channel.eventLoop, work)
            .assumeIsolated()
            .whenComplete { [self] result in
                guard exchange != nil else { return }
                if case .success(let value) = result { use(value) } else { disconnect() }
            }
    }

    private func wait(nanoseconds: Int64, then next: @escaping () -> Void) {
        guard nanoseconds > 0 else { return next() }
        channel.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) { [self] in
            if exchange != nil { next() }
        }
    }
}
