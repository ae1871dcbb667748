// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
public import NIOCore
internal import NIOPosix
internal import NIOSSL
public import SwoopCore

/// HTTP/1.1 by AsyncHTTPClient's delegate API, every connection on one event loop.
///
/// HTTP/1.1 only: over HTTP/2 all ranges would share one TCP connection, and one congestion window. Redirects are the
/// core's business, so the client follows none. See `docs/design/0005-transport.md`.
public struct ClientTransport: HTTPTransport {
    private let client: HTTPClient
    private let loop: any EventLoop
    private let options: HTTPOptions

    /// Runs `body` with a transport and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - options: what requests say, whom they trust.
    ///   - connectTimeout: time allowed to establish a connection.
    ///   - connections: connections that may be open to one origin.
    ///   - loop: where everything happens.
    ///   - body: uses the transport.
    /// - Returns: what `body` returns.
    /// - Throws: `TransferFailure` if the authority file cannot be used.
    public static func withTransport<Result: Sendable>(
        options: HTTPOptions,
        connectTimeout: Duration,
        connections: Int,
        on loop: any EventLoop,
        _ body: (ClientTransport) async -> Result
    ) async throws(TransferFailure) -> Result {
        let configuration = try configuration(
            options: options,
            connectTimeout: connectTimeout,
            connections: connections
        )
        let client = HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration)
        let result = await body(ClientTransport(client: client, loop: loop, options: options))
        // Nothing is left to fail: every exchange has been cancelled or has ended.
        try? await client.shutdown()
        return result
    }

    /// Bytes asked of one `read`. A MiB costs no more than a bare libcurl loop; many connections share 8 MiB, which
    /// bounds memory and is still far above the 64 KiB at which system calls begin to tell.
    private static func receiveBuffer(connections: Int) -> Int {
        max(64 << 10, min(1 << 20, (8 << 20) / max(1, connections)))
    }

    private static func configuration(
        options: HTTPOptions,
        connectTimeout: Duration,
        connections: Int
    ) throws(TransferFailure) -> HTTPClient.Configuration {
        let buffer = receiveBuffer(connections: connections)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try TrustSettings.configuration(for: options),
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout)),
            decompression: .disabled,
            http1_1ConnectionDebugInitializer: { channel in
                let allocator = FixedSizeRecvByteBufferAllocator(capacity: buffer)
                return channel.setOption(.recvAllocator, value: allocator).flatMap {
                    // A channel keeps a buffer for each read of a burst.
                    channel.setOption(.maxMessagesPerRead, value: 2)
                }
            }
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    public func open(
        _ request: ExchangeRequest,
        into store: any ByteStore,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) -> any Exchange {
        let receiver = BodyReceiver(loop: loop, store: store, report: report)
        do {
            let message = try RequestFields.message(for: request, options: options)
            // Asking for the channel's loop too would make AsyncHTTPClient open a connection for every request that finds
            // none idle, instead of waiting for the one that is just being put back; the group has one loop anyway.
            let task = client.execute(request: message, delegate: receiver, eventLoop: .delegate(on: loop))
            receiver.attach(task)
        } catch {
            receiver.end(with: TransportFailure.describe(error))
        }
        return receiver
    }
}
