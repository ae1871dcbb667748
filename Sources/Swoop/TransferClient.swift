// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import SwoopCore
internal import SwoopIO

/// Downloads representations over several connections, resumably, and proves what it wrote.
///
/// ```swift
/// let result = try await TransferClient().download(TransferRequest("https://example.org/big.iso"))
/// print(result.path ?? "", result.length)
/// ```
public struct TransferClient: Sendable {
    /// Makes a client.
    public init() {}

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
        let start = ContinuousClock.now
        let url = try parse(request.url)
        let store = request.makeStore()
        let ending = await end(of: request, url: url, store: store, monitor: monitor)
        let path = store.path
        await store.close()
        switch ending.outcome {
        case .failure(let failure):
            throw TransferError(failure: failure, url: url.redacted, partialPath: ending.keptPartial(path))
        case .success:
            return TransferResult(
                path: path,
                length: ending.record.progress.bytes,
                digests: ending.record.digests,
                isVerified: request.options.expectedDigest != nil && !ending.record.wasSkipped,
                wasSkipped: ending.record.wasSkipped,
                resumedBytes: ending.record.progress.resumed,
                elapsed: ContinuousClock.now - start,
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
        url: HTTPURL,
        store: any ByteStore,
        monitor: TransferMonitor
    ) async -> Ending {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let machine = DownloadMachine(url: url, explicitName: request.explicitName, options: request.options)
        do throws(TransferFailure) {
            return try await ClientTransport.withTransport(
                options: request.http.trusting(url),
                connectTimeout: request.options.connectTimeout,
                connections: request.options.connectionCount,
                on: loop
            ) { transport in
                let driver = TransferDriver(
                    machine: machine,
                    transport: transport,
                    store: store,
                    monitor: monitor,
                    loop: loop
                )
                let (outcome, record) = await driver.run()
                return Ending(outcome: outcome, record: record)
            }
        } catch {
            return Ending(outcome: .failure(error))
        }
    }
}

extension HTTPOptions {
    /// The options with the URL's userinfo as credentials, unless others are given.
    func trusting(_ url: HTTPURL) -> HTTPOptions {
        guard credentials == nil, let user = url.user else { return self }
        var options = self
        options.credentials = Credentials(user: user, password: url.password ?? "")
        return options
    }
}
