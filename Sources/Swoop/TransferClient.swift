// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO

/// Downloads representations over several connections, resumably, and proves what it wrote.
///
/// The transfers of one client share their connections, what is learnt of origins, and the rate limit; any number of
/// tasks may use it at once.
///
/// ```swift
/// let results = await TransferClient.withClient { client in
///     async let image = try? client.download(TransferRequest("https://example.org/big.iso"))
///     async let digests = try? client.download(TransferRequest("https://example.org/SHA256SUMS"))
///     return await [image, digests]
/// }
/// ```
public final class TransferClient: Sendable {
    private let configuration: ClientConfiguration
    private let loops = TransferLoops()
    let transports: TransportPool
    let origins: OriginRegistry

    private init(_ configuration: ClientConfiguration, transports: TransportPool, origins: OriginRegistry) {
        self.origins = origins
        self.configuration = configuration
        self.transports = transports
    }

    /// Runs `body` with a client and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - configuration: what all transfers of the client have in common.
    ///   - body: uses the client; no transfer outlives it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public static func withClient<Value: Sendable, Failure: Error>(
        _ configuration: ClientConfiguration = ClientConfiguration(),
        _ body: (TransferClient) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let limiter = configuration.rateLimit.map { RateLimiter(rate: $0) }
        let origins = OriginRegistry(remembering: configuration.originMemory, limiter: limiter)
        defer { origins.remember(in: configuration.originMemory) }
        return try await TransportPool.withPool(limiter: limiter) { transports async throws(Failure) in
            try await body(TransferClient(configuration, transports: transports, origins: origins))
        }
    }

    /// Downloads one representation with a client of its own, as ``download(_:monitor:)`` does.
    public static func download(
        _ request: TransferRequest,
        monitor: TransferMonitor = TransferMonitor()
    ) async throws(TransferError) -> TransferResult {
        try await withClient { client async throws(TransferError) in
            try await client.download(request, monitor: monitor)
        }
    }

    /// Downloads one representation and gives it its final name once every byte is proven.
    ///
    /// Cancelling the task stops the transfer within a moment and throws ``SwoopCore/TransferFailure/Code/cancelled``;
    /// what was fetched stays in `NAME.part`, and the same request continues from there.
    ///
    /// - Parameters:
    ///   - request: what to download, where to, how.
    ///   - monitor: where the transfer can be watched while it runs.
    /// - Returns: what the download came to. A target that exists and is to be skipped is a result, not an error.
    /// - Throws: ``TransferError``; nothing is under the final name that was not there before.
    public func download(
        _ request: TransferRequest,
        monitor: TransferMonitor = TransferMonitor()
    ) async throws(TransferError) -> TransferResult {
        try await download(request, into: request.makeStore(), monitor: monitor)
    }

    /// Runs `body` on a thread of the client's connections, so that it begins many short transfers without changing threads.
    ///
    /// - Parameter body: must not block: it would hold up transfers.
    /// - Returns: what `body` returns.
    public func nearConnections<Value: Sendable>(_ body: () async -> Value) async -> Value {
        await loops.withLoop { _ in await body() }
    }

    /// Runs `body` on the loop that has the fewest transfers.
    func onLoop<Value: Sendable>(_ body: (any EventLoop) async -> Value) async -> Value { await loops.withLoop(body) }

    /// As ``download(_:monitor:)``, into a store that is closed afterwards.
    func download(
        _ request: TransferRequest,
        into store: any ByteStore,
        monitor: TransferMonitor
    ) async throws(TransferError) -> TransferResult {
        let start = ContinuousClock.now
        let url = request.url
        var mirrors: [HTTPURL] = []
        for mirror in request.mirrors { mirrors.append(try parse(mirror)) }
        let known = mirrors
        let ending = await loops.withLoop { loop in
            let ending = await end(of: request, mirrors: known, store: store, monitor: monitor, on: loop)
            await store.close()
            return ending
        }
        let path = store.path
        switch ending.outcome {
        case .failure(let failure):
            throw TransferError(failure: failure, url: Redaction.url(url), partialPath: ending.keptPartial(path))
        case .success:
            return TransferResult(
                path: path,
                length: ending.record.progress.bytes,
                digests: ending.record.digests,
                verified: ending.record.verified,
                wasSkipped: ending.record.wasSkipped,
                resumedBytes: ending.record.progress.resumed,
                elapsed: ContinuousClock.now - start,
                account: ending.record.account,
                connections: ending.record.connections.values.sorted { $0.connection < $1.connection }
            )
        }
    }

    private func parse(_ text: String) throws(TransferError) -> HTTPURL {
        do throws(HTTPURLError) {
            return try HTTPURL.parse(text)
        } catch {
            throw TransferError(failure: TransferFailure(error), url: Redaction.url(text), partialPath: nil)
        }
    }

    private struct Ending {
        var outcome: TransferDriver.Outcome
        var record = TransferRecord()

        func keptPartial(_ path: String?) -> String? {
            record.progress.bytes > 0 ? path.map { $0 + ".part" } : nil
        }
    }

    private func end(
        of request: TransferRequest,
        mirrors: [HTTPURL],
        store: any ByteStore,
        monitor: TransferMonitor,
        on loop: any EventLoop
    ) async -> Ending {
        let place: Place
        do throws(TransferFailure) {
            place = try await self.place(of: request, on: loop)
        } catch {
            return Ending(outcome: .failure(error))
        }
        let driver = TransferDriver(
            machine: request.makeMachine(place.url, mirrors: mirrors),
            transport: place.transport,
            store: store,
            monitor: monitor,
            origins: origins,
            loop: loop
        )
        let (outcome, record) = await driver.run()
        return Ending(outcome: outcome, record: record)
    }

    /// Where a download's bytes are, and how to get there.
    private struct Place {
        var url: HTTPURL
        var transport: ClientTransport
    }

    private func place(of request: TransferRequest, on loop: any EventLoop) async throws(TransferFailure) -> Place {
        if StoreOptions.isLocation(request.url) {
            let located = try await session(for: request.url, request.store, request.http, request.options, on: loop)
            let (url, signer) = try located.download()
            let transport = try transports.transport(
                options: request.http,
                connectTimeout: request.options.connectTimeout,
                signer: signer,
                on: loop
            )
            return Place(url: url, transport: transport)
        }
        let url: HTTPURL
        do throws(HTTPURLError) { url = try HTTPURL.parse(request.url) } catch { throw TransferFailure(error) }
        let transport = try transports.transport(
            options: request.http.trusting(url),
            connectTimeout: request.options.connectTimeout,
            on: loop
        )
        return Place(url: url, transport: transport)
    }
}

extension HTTPOptions {
    /// The options with the URL's userinfo as credentials, or what the user's netrc has, unless others are given.
    func trusting(_ url: HTTPURL) -> HTTPOptions {
        guard credentials == nil else { return self }
        var options = self
        let own = url.user.map { Credentials(user: $0, password: url.password ?? "") }
        options.credentials = own ?? netrc?.credentials(for: url.host)
        return options
    }
}
