// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOHTTP1

/// Reads the requests of one connection and has them answered in their order.
final class ChaosHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let state: ServerState
    private let listener: ChaosListener
    private let connection: Int
    private let writer: ResponseWriter
    private var waiting: [HTTPRequestHead] = []

    init(_ channel: any Channel, _ state: ServerState, _ listener: ChaosListener) {
        self.state = state
        self.listener = listener
        connection = state.opened()
        writer = ResponseWriter(channel, state)
        writer.onReady = { [unowned self] in answerNext() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        guard waiting.count < Self.mostWaiting else { return context.close(promise: nil) }
        waiting.append(head)
        answerNext()
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting = []
        writer.cancel()
        state.closed(connection)
        context.fireChannelInactive()
    }

    /// A request that cannot be parsed, or a connection that broke.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, !writer.isBusy {
            let head = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            context.writeAndFlush(NIOAny(ByteBuffer(string: head)), promise: nil)
        }
        context.close(promise: nil)
    }

    /// More requests than any client sends ahead of their answers.
    private static let mostWaiting = 64

    private func answerNext() {
        guard !writer.isBusy, !waiting.isEmpty else { return }
        let head = waiting.removeFirst()
        writer.perform(state.begin(request(head), at: Moment.now()), keepsAlive: head.isKeepAlive)
    }

    private func request(_ head: HTTPRequestHead) -> ChaosRequest {
        var request = ChaosRequest(
            method: head.method.rawValue,
            target: head.uri,
            fields: head.headers.map { HeaderField($0.name, $0.value) }
        )
        request.isHTTP11 = head.version == .http1_1
        request.listener = listener
        request.connection = connection
        return request
    }
}

extension Moment {
    fileprivate static func now() -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wall = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / nanosecondsPerMillisecond
        return Moment(ticks: Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds), wall: wall)
    }
}
