// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO

extension TransferClient {
    /// Fetches a document into memory, over one connection.
    ///
    /// - Parameters:
    ///   - request: what to fetch and how. Its destination and pieces mean nothing here; its digest is verified.
    ///   - mostBytes: the longest document to take; a longer one fails with
    ///     ``SwoopCore/TransferFailure/Code/tooLarge``.
    /// - Returns: all of its bytes.
    /// - Throws: ``TransferError``, as ``download(_:monitor:)``.
    public func document(_ request: TransferRequest, mostBytes: Int) async throws(TransferError) -> [UInt8] {
        var request = request
        request.destination = .discard
        request.pieces = nil
        request.options.connections = 1
        request.options.maximumLength = min(request.options.maximumLength ?? .max, Int64(mostBytes))
        let buffer = BufferStore(capacity: mostBytes)
        _ = try await download(request, into: buffer, monitor: TransferMonitor())
        let bytes = buffer.bytes
        if let expected = request.options.expectedDigest { try verify(bytes, expected, url: request.url) }
        return bytes
    }

    private func verify(_ bytes: [UInt8], _ expected: Digest, url: String) throws(TransferError) {
        var digests = DigestSet([expected.algorithm])
        bytes.withUnsafeBytes { digests.update($0) }
        guard let actual = digests.digests().first, actual != expected else { return }
        let what = "its \(actual.algorithm.rawValue) is \(actual.hex), not \(expected.hex): nothing was kept"
        let failure = TransferFailure(.digestMismatch, what)
        throw TransferError(failure: failure, url: Redaction.url(url), partialPath: nil)
    }
}
