// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
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
    /// How long a connection stays that nobody uses. Short, for an origin that refuses whoever has too many counts these as
    /// well; the next lease or file comes within milliseconds.
    private static let idleTimeout: TimeAmount = .seconds(2)

    /// How connections are made.
    struct Way: Sendable {
        var options: HTTPOptions
        /// Time allowed to establish a connection.
        var connectTimeout: Duration
        /// Where connections live.
        var loop: any EventLoop
        /// What is particular to some requests.
        var route = Route()
        /// Who signs requests to the trusted origin, if anybody does.
        var signer: (any RequestSigning)?

        func following(_ route: Route) -> Way {
            var way = self
            way.route = route
            return way
        }
    }

    let pool: TransportPool
    let common: HTTPClient
    let way: Way
    let limiter: RateLimiter?

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
        let trust = try TrustSettings.configuration(for: way.options, showing: way.route)
        let tunnel = try SOCKSTunnel(way, trust)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: trust,
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(way.connectTimeout)),
            decompression: .disabled,
            http1_1ConnectionDebugInitializer: { [asksProxy = way.route.asksProxy] channel in
                channel.setOption(.recvAllocator, value: receiveSpace.allocator()).flatMap {
                    // A channel keeps a buffer for each read of a burst.
                    channel.setOption(.maxMessagesPerRead, value: 2)
                }.flatMap {
                    channel.eventLoop.makeCompletedFuture {
                        try tunnel?.add(to: channel)
                        guard asksProxy else { return }
                        try channel.pipeline.syncOperations.addHandler(AbsoluteFormHandler(), position: .first)
                    }
                }
            }
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = mostConnections
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = idleTimeout
        configuration.tracing.tracer = nil
        configuration.dnsOverride = way.route.addresses
        configuration.localAddress = way.route.localAddress
        if way.route.asked == nil { configuration.proxy = way.route.proxy?.tunnel }
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
            waitsAtLimit: request.isOpenEnded,
            report: explaining(request, report)
        )
        do {
            let isCommon = way.options.hasOneRoute
            let route = isCommon ? Route() : way.options.route(for: request)
            let client = isCommon ? common : try pool.client(way.following(route))
            var message = try RequestFields.message(
                for: request,
                options: way.options,
                asking: route.asked
            )
            if request.isTrusted, let signer = way.signer {
                let signed = signer.fields(for: HTTPMessage(method: "GET", url: request.url))
                for field in signed.pairs { message.headers.add(name: field.name, value: field.value) }
            }
            let task = client.execute(request: message, delegate: receiver, eventLoop: .delegate(on: way.loop))
            receiver.attach(task)
        } catch let failure as TransferFailure {
            receiver.end(with: failure)
        } catch {
            receiver.end(with: TransportFailure.describe(error))
        }
        return receiver
    }

    /// Reports why a certificate was refused, where that can be seen, and who could not be connected to.
    private func explaining(
        _ request: ExchangeRequest,
        _ report: @escaping @Sendable (ExchangeReport) -> Void
    ) -> @Sendable (ExchangeReport) -> Void {
        { event in
            // Every event comes by here; a route is looked for only where it matters.
            guard case .closed(let failure?) = event, TransportFailure.isOfConnecting(failure) else {
                return report(event)
            }
            let route = way.options.route(for: request)
            if let proxy = route.proxy { return report(.closed(TransportFailure.describe(failure, at: proxy))) }
            guard failure == TransportFailure.untrusted else { return report(event) }
            let inspection = CertificateInspection(
                host: request.url.host,
                port: request.url.port,
                address: route.addresses[request.url.host],
                loop: way.loop
            )
            inspection.explain(TransportFailure.untrusted).whenSuccess { report(.closed($0)) }
        }
    }
}
