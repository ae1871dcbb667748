// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
public import SwoopCore

/// HTTP/1.1 by AsyncHTTPClient's delegate API, every connection on one event loop; made by ``TransportPool``.
///
/// HTTP/1.1 only: over HTTP/2 all ranges would share one TCP connection, and one congestion window. Redirects are the
/// core's business, so the client follows none. See `docs/design/0005-transport.md`.
public struct ClientTransport: HTTPTransport {
    /// Connections that the client may open to one origin: more than the core ever asks for, because it counts them.
    private static let mostConnections = 4096

    private let client: HTTPClient
    private let loop: any EventLoop
    private let options: HTTPOptions
    private let limiter: RateLimiter?

    /// Makes the transport of a transfer.
    ///
    /// - Parameters:
    ///   - client: whose connections to use.
    ///   - loop: the client's event loop.
    ///   - options: what requests say.
    ///   - limiter: what bodies are braked by, if anything.
    init(client: HTTPClient, loop: any EventLoop, options: HTTPOptions, limiter: RateLimiter?) {
        self.client = client
        self.loop = loop
        self.options = options
        self.limiter = limiter
    }

    /// Makes a client whose connections live on `loop` and trust whom `options` trust. It must be shut down.
    static func client(
        options: HTTPOptions,
        connectTimeout: Duration,
        receiveSpace: ReceiveSpace,
        on loop: any EventLoop
    ) throws(TransferFailure) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try TrustSettings.configuration(for: options),
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout)),
            decompression: .disabled,
            http1_1ConnectionDebugInitializer: { channel in
                channel.setOption(.recvAllocator, value: receiveSpace.allocator()).flatMap {
                    // A channel keeps a buffer for each read of a burst.
                    channel.setOption(.maxMessagesPerRead, value: 2)
                }
            }
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = mostConnections
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tracing.tracer = nil
        return HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration)
    }

    public func open(
        _ request: ExchangeRequest,
        into store: any ByteStore,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) -> any Exchange {
        let receiver = BodyReceiver(loop: loop, store: store, limiter: limiter, report: report)
        do {
            let message = try RequestFields.message(for: request, options: options)
            let task = client.execute(request: message, delegate: receiver, eventLoop: .delegate(on: loop))
            receiver.attach(task)
        } catch {
            receiver.end(with: TransportFailure.describe(error))
        }
        return receiver
    }
}
