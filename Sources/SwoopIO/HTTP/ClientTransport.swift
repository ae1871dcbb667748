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

    /// How connections are made.
    struct Way: Sendable {
        var options: HTTPOptions
        /// Time allowed to establish a connection.
        var connectTimeout: Duration
        /// Where connections live.
        var loop: any EventLoop
        /// Whether a server may ask for the user's certificate.
        var showsCertificate = false
        /// Addresses by host, where the resolver is not asked.
        var addresses: [String: String] = [:]
        /// What stands between us and the origin.
        var proxy: Proxy?
        /// Whether the proxy is asked for whole URLs, and makes no tunnel.
        var asksProxy = false

        var showingCertificate: Way {
            var way = self
            way.showsCertificate = true
            return way
        }

        /// The way for a request: a certificate is for the trusted origin only, an address for one host and port.
        func way(for request: ExchangeRequest) -> Way {
            var way = self
            way.showsCertificate = request.isTrusted && options.certificateFile != nil
            way.proxy = options.proxies?.proxy(for: request.url)
            way.asksProxy = way.proxy?.kind == .http && request.url.scheme == "http"
            let (host, port) = (request.url.host, request.url.port)
            for resolution in options.resolutions where resolution.host == host && resolution.port == port {
                way.addresses[host] = resolution.address
            }
            return way
        }

        /// Whether every request goes the same way.
        var isCommon: Bool {
            options.certificateFile == nil && options.resolutions.isEmpty && options.proxies?.isEmpty ?? true
        }
    }

    private let pool: TransportPool
    private let common: HTTPClient
    private let way: Way
    private let limiter: RateLimiter?

    /// Makes the transport of a transfer.
    ///
    /// - Parameters:
    ///   - pool: where clients for other ways come from.
    ///   - common: the client for requests that need nothing special.
    ///   - way: how connections are made.
    ///   - limiter: what bodies are braked by, if anything.
    init(pool: TransportPool, common: HTTPClient, way: Way, limiter: RateLimiter?) {
        self.pool = pool
        self.common = common
        self.way = way
        self.limiter = limiter
    }

    /// Makes a client whose connections live on the way's loop and trust whom its options trust. It must be shut down.
    static func client(_ way: Way, receiveSpace: ReceiveSpace) throws(TransferFailure) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try TrustSettings.configuration(for: way.options, showsCertificate: way.showsCertificate),
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(way.connectTimeout)),
            decompression: .disabled,
            http1_1ConnectionDebugInitializer: { [asksProxy = way.asksProxy] channel in
                channel.setOption(.recvAllocator, value: receiveSpace.allocator()).flatMap {
                    // A channel keeps a buffer for each read of a burst.
                    channel.setOption(.maxMessagesPerRead, value: 2)
                }.flatMap {
                    guard asksProxy else { return channel.eventLoop.makeSucceededVoidFuture() }
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AbsoluteFormHandler(), position: .first)
                    }
                }
            }
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = mostConnections
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tracing.tracer = nil
        configuration.dnsOverride = way.addresses
        if !way.asksProxy { configuration.proxy = way.proxy?.tunnel }
        return HTTPClient(eventLoopGroupProvider: .shared(way.loop), configuration: configuration)
    }

    public func open(
        _ request: ExchangeRequest,
        into store: any ByteStore,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) -> any Exchange {
        let receiver = BodyReceiver(
            loop: way.loop,
            store: store,
            space: pool.receiveSpace,
            limiter: limiter,
            report: report
        )
        do {
            let way = way.isCommon ? way : way.way(for: request)
            let client = self.way.isCommon ? common : try pool.client(way)
            let message = try RequestFields.message(
                for: request,
                options: way.options,
                asking: way.asksProxy ? way.proxy : nil
            )
            let task = client.execute(request: message, delegate: receiver, eventLoop: .delegate(on: way.loop))
            receiver.attach(task)
        } catch let failure as TransferFailure {
            receiver.end(with: failure)
        } catch {
            receiver.end(with: TransportFailure.describe(error))
        }
        return receiver
    }
}
