// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import SwoopCore

/// Stands at the socket's end of a connection to a SOCKS proxy and holds what is sent until the proxy passes it on.
///
/// The client takes the proxy for the origin and sends its request, or the TLS handshake, at once; a refusal reaches it as
/// an error of the connection. AsyncHTTPClient has SOCKS of its own, but no login.
final class SOCKSHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var handshake: SOCKSHandshake
    private let timeout: TimeAmount
    private var held: [(data: NIOAny, promise: EventLoopPromise<Void>?)] = []
    private var alarm: Scheduled<Void>?
    private var isOpen = false

    init(_ handshake: SOCKSHandshake, timeout: TimeAmount) {
        self.handshake = handshake
        self.timeout = timeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        send(handshake.greeting, context)
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            context.fireErrorCaught(ChannelError.connectTimeout(self.timeout))
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(with: ChannelError.ioOnClosedChannel) }

    func channelInactive(context: ChannelHandlerContext) {
        end(with: ChannelError.eof)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOpen else { return context.fireChannelRead(data) }
        switch handshake.receive(unwrapInboundIn(data).readableBytesView) {
        case .wait: break
        case .send(let bytes): send(bytes, context)
        case .open(let rest): open(rest, context)
        case .failed(let failure):
            end(with: failure)
            context.fireErrorCaught(failure)
            context.close(promise: nil)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOpen else { return context.write(data, promise: promise) }
        held.append((data, promise))
    }

    func flush(context: ChannelHandlerContext) {
        if isOpen { context.flush() }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
    }

    private func open(_ rest: [UInt8], _ context: ChannelHandlerContext) {
        isOpen = true
        alarm?.cancel()
        for (data, promise) in held { context.write(data, promise: promise) }
        held = []
        context.flush()
        if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
    }

    private func end(with error: any Error) {
        alarm?.cancel()
        for (_, promise) in held { promise?.fail(error) }
        held = []
    }
}
