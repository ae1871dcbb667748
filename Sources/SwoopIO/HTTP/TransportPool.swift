// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
public import NIOCore
public import SwoopCore
internal import Synchronization

/// The connections of many transfers: those that trust the same certificates share them.
///
/// The core decides how many connections a transfer may use, and the pool opens what it is asked for.
public final class TransportPool: Sendable {
    /// What makes connections interchangeable, besides their origin.
    private struct Kind: Hashable {
        var authorityFile: String?
        var acceptsAnyCertificate: Bool
        var connectTimeout: Duration
        var loop: ObjectIdentifier
        var route: Route
    }

    private let limiter: RateLimiter?
    /// The memory that its connections read into.
    let receiveSpace: ReceiveSpace
    private let clients = Mutex<[Kind: HTTPClient]>([:])

    private init(limiter: RateLimiter?) {
        self.limiter = limiter
        receiveSpace = ReceiveSpace(limiter: limiter)
    }

    /// Runs `body` with a pool and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - limiter: keeps all connections together below a rate, if there is one.
    ///   - body: uses the pool; no exchange outlives it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public static func withPool<Value: Sendable, Failure: Error>(
        limiter: RateLimiter?,
        _ body: (TransportPool) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let pool = TransportPool(limiter: limiter)
        let outcome: Result<Value, Failure>
        do throws(Failure) {
            outcome = .success(try await body(pool))
        } catch {
            outcome = .failure(error)
        }
        await pool.close()
        return try outcome.get()
    }

    /// The transport for one transfer.
    ///
    /// - Parameters:
    ///   - options: what requests say, whom they trust.
    ///   - connectTimeout: time allowed to establish a connection.
    ///   - signer: who signs its requests to the trusted origin, if anybody does.
    ///   - loop: where its connections live and its reports are made.
    /// - Returns: a transport whose connections other transfers with the same trust and loop use too.
    /// - Throws: `TransferFailure` if the authority file cannot be used.
    public func transport(
        options: HTTPOptions,
        connectTimeout: Duration,
        signer: (any RequestSigning)? = nil,
        on loop: any EventLoop
    ) throws(TransferFailure) -> ClientTransport {
        var way = ClientTransport.Way(options: options, connectTimeout: connectTimeout, loop: loop)
        way.signer = signer
        let transport = ClientTransport(pool: self, common: try client(way), way: way, limiter: limiter)
        // A certificate that cannot be read is found out before anything is asked.
        if let file = options.certificateFile {
            var route = Route()
            (route.certificateFile, route.keyFile) = (file, options.keyFile ?? file)
            _ = try client(way.following(route))
        }
        return transport
    }

    /// The client for a way to connect, made if it is the first of its kind.
    func client(_ way: ClientTransport.Way) throws(TransferFailure) -> HTTPClient {
        let options = way.options
        let kind = Kind(
            authorityFile: options.authorityFile,
            acceptsAnyCertificate: options.acceptsAnyCertificate,
            connectTimeout: way.connectTimeout,
            loop: ObjectIdentifier(way.loop),
            route: way.route
        )
        return try clients.withLock { clients throws(TransferFailure) in
            if let client = clients[kind] { return client }
            let client = try ClientTransport.client(way, receiveSpace: receiveSpace)
            clients[kind] = client
            return client
        }
    }

    private func close() async {
        let open = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        // Nothing is left to fail: every exchange has been cancelled or has ended.
        for client in open { try? await client.shutdown() }
    }
}
