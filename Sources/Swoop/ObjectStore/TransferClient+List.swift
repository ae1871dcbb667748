// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import SwoopCore
internal import SwoopIO
public import SwoopS3

/// What is asked of a store about its objects.
public struct ListRequest: Sendable {
    /// `s3://BUCKET/PREFIX`; with a whole key, that object.
    public var url: String
    /// Which store, and who asks it.
    public var store: StoreOptions
    /// Proxies, addresses, certificates.
    public var http: HTTPOptions
    /// Whether everything below the prefix is listed, not only up to the next slash.
    public var isRecursive = false

    /// Makes a request.
    public init(_ url: String, store: StoreOptions = StoreOptions(), http: HTTPOptions = HTTPOptions()) {
        self.url = url
        self.store = store
        self.http = http
    }
}

extension TransferClient {
    /// Lists objects, page by page: each is told as soon as it is here, and none is kept.
    ///
    /// - Parameters:
    ///   - request: what to list.
    ///   - page: told of up to 1,000 objects and prefixes, in order; what it throws ends the list.
    /// - Throws: ``TransferError``.
    public func list(_ request: ListRequest, page: (ObjectList) async -> Void) async throws(TransferError) {
        try await asking(request) { located throws(TransferFailure) in
            var token: String?
            repeat {
                let (wanted, delimiter) = (token, request.isRecursive ? nil : "/")
                let reply = try await located.askPatiently("listing objects") { (requests) throws(S3RequestError) in
                    try requests.listObjects(
                        prefix: located.location.key,
                        delimiter: delimiter,
                        continuationToken: wanted
                    )
                }
                let list = try located.read { () throws(S3ReplyError) in try ObjectList(reply.body) }
                await page(list)
                token = list.nextToken
            } while token != nil && !Task.isCancelled
        }
    }

    /// Lists uploads that were neither completed nor given up: they cost as much as objects.
    ///
    /// - Throws: ``TransferError``.
    public func listUploads(
        _ request: ListRequest,
        page: ([UploadList.Upload]) async -> Void
    ) async throws(TransferError) {
        try await asking(request) { located throws(TransferFailure) in
            var marker: S3Requests.UploadMarker?
            repeat {
                let wanted = marker
                let reply = try await located.askPatiently("listing uploads") { (requests) throws(S3RequestError) in
                    try requests.listUploads(prefix: located.location.key, marker: wanted)
                }
                let list = try located.read { () throws(S3ReplyError) in try UploadList(reply.body) }
                await page(list.uploads)
                marker = list.next
            } while marker != nil && !Task.isCancelled
        }
    }

    /// Gives up every upload below a prefix.
    ///
    /// - Returns: the uploads that are not there any more.
    /// - Throws: ``TransferError``.
    public func removeUploads(_ request: ListRequest) async throws(TransferError) -> [UploadList.Upload] {
        var found: [UploadList.Upload] = []
        try await listUploads(request) { found += $0 }
        for upload in found {
            try await asking(request) { located throws(TransferFailure) in
                _ = try await located.askPatiently("removing an upload") { (requests) throws(S3RequestError) in
                    try requests.abortUpload(upload.key, uploadID: upload.uploadID)
                }
            }
        }
        return found
    }

    private func asking(
        _ request: ListRequest,
        _ body: (LocatedSession) async throws(TransferFailure) -> Void
    ) async throws(TransferError) {
        let failure: TransferFailure? = await onLoop { loop in
            do throws(TransferFailure) {
                try await body(
                    try await session(for: request.url, request.store, request.http, TransferOptions(), on: loop)
                )
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw TransferError(failure: failure, url: request.url, partialPath: nil) }
    }
}

extension LocatedSession {
    private static let attempts = 4

    /// As ``ask(_:_:)``, a few times if the store is busy.
    fileprivate func askPatiently(
        _ doing: String,
        _ make: (S3Requests) throws(S3RequestError) -> HTTPMessage
    ) async throws(TransferFailure) -> HTTPReply {
        var attempt = 0
        while true {
            do throws(TransferFailure) {
                return try await ask(doing, make)
            } catch {
                attempt += 1
                guard error.isTransient, attempt <= Self.attempts, !Task.isCancelled else { throw error }
            }
            let pause = RetryPolicy.backOff(attempt: attempt, base: .milliseconds(500), random: .random(in: 0..<1))
            try? await Task.sleep(for: pause)
        }
    }
}
