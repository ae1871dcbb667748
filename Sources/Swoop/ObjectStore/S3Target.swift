// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

/// An object that is uploaded to.
struct S3Target: UploadTarget {
    let session: S3Session
    let location: S3Location
    let options: ObjectOptions
    /// Whether an object that is there shall stay.
    let ifNotExists: Bool

    private var key: String { location.key }

    /// Looks whether an object is there, where it must not be and the store does not decide that by itself. Another writer may
    /// come in between.
    func refuseIfThere() async throws(TransferFailure) {
        guard ifNotExists, !session.requests.endpoint.profile.takesConditionalWrite else { return }
        let request = try make { () throws(S3RequestError) in try session.requests.headObject(key) }
        if case .reply = try await session.exchange(request) {
            throw TransferFailure(.targetExists, "\(location) exists: it was left alone")
        }
    }

    func create() async throws(TransferFailure) -> UploadEvent {
        let reply = try await ask("opening an upload") { () throws(S3RequestError) in
            try session.requests.createUpload(key, options: options)
        }
        return .created(uploadID: try read { () throws(S3ReplyError) in try CreatedUpload(reply.body).uploadID })
    }

    func parts(of uploadID: String) async throws(TransferFailure) -> UploadEvent {
        var parts: [StoredPart] = []
        var marker: Int?
        repeat {
            let request = try make { () throws(S3RequestError) in
                try session.requests.listParts(key, uploadID: uploadID, marker: marker)
            }
            switch try await session.exchange(request) {
            case .error(let error) where error.advice == .startUploadAgain: return .uploadGone(uploadID: uploadID)
            case .error(let error): throw error.asFailure(doing: "listing the parts", at: location.description)
            case .reply(let reply):
                let page = try read { () throws(S3ReplyError) in try PartList(reply.body) }
                parts += page.parts.map { StoredPart(number: $0.number, length: $0.size, tag: unquoted($0.etag)) }
                marker = page.nextMarker
            }
        } while marker != nil && parts.count < session.requests.endpoint.profile.mostParts
        return .listed(parts)
    }

    func send(_ sending: PartSending, uploadID: String?) async throws(TransferFailure) -> PartAnswer {
        let request = try make { () throws(S3RequestError) in
            guard let uploadID else {
                return try session.requests.putObject(key, options: options, ifNotExists: ifNotExists)
            }
            return try session.requests.uploadPart(key, uploadID: uploadID, number: sending.part)
        }
        let payload = S3Session.Payload(
            bytes: sending.piece.bytes,
            digest: sending.piece.digest,
            cancellation: sending.cancellation,
            wrote: sending.wrote
        )
        switch try await session.exchange(request, payload) {
        case .reply(let reply): return .stored(tag: unquoted(reply.fields["ETag"] ?? ""))
        case .error(let error) where error.advice == .startUploadAgain: return .uploadGone
        case .error(let error):
            let what = uploadID == nil ? "sending the object" : "sending part \(sending.part)"
            throw error.asFailure(doing: what, at: location.description)
        }
    }

    func complete(_ uploadID: String, _ parts: [StoredPart], length: Int64) async throws(TransferFailure) -> UploadEvent
    {
        let request = try make { () throws(S3RequestError) in
            try session.requests.completeUpload(
                key,
                uploadID: uploadID,
                parts: parts.map { S3Requests.CompletedPart(number: $0.number, etag: "\"\($0.tag)\"") },
                objectSize: length,
                ifNotExists: ifNotExists
            )
        }
        switch try await session.exchange(request) {
        case .error(let error): return try gone(error, uploadID, "completing the upload")
        case .reply(let reply):
            // An answer of 200 may hold an error: the store sent its head before it began to work.
            switch try read({ () throws(S3ReplyError) in try CompletedUpload.read(reply.body) }) {
            case .completed(let tag): return .completed(tag: tag.map(unquoted))
            case .failed(let error): return try gone(error, uploadID, "completing the upload")
            }
        }
    }

    func inspect() async throws(TransferFailure) -> UploadEvent {
        let reply = try await ask("looking at the object") { () throws(S3RequestError) in
            try session.requests.headObject(key)
        }
        guard let length = reply.fields["Content-Length"].flatMap({ Int64($0) }) else {
            throw TransferFailure(.invalidResponse, "the store does not say how long \(location) is")
        }
        return .inspected(length: length, tag: reply.fields["ETag"].map(unquoted))
    }

    func abort(_ uploadID: String) async throws(TransferFailure) -> UploadEvent {
        let request = try make { () throws(S3RequestError) in try session.requests.abortUpload(key, uploadID: uploadID)
        }
        switch try await session.exchange(request) {
        case .reply: return .aborted
        case .error(let error) where error.advice == .startUploadAgain: return .aborted
        case .error(let error): throw error.asFailure(doing: "removing the upload", at: location.description)
        }
    }

    // MARK: Requests and answers

    private func gone(_ error: S3ErrorReply, _ uploadID: String, _ doing: String) throws(TransferFailure) -> UploadEvent
    {
        guard error.advice == .startUploadAgain else { throw error.asFailure(doing: doing, at: location.description) }
        return .uploadGone(uploadID: uploadID)
    }

    private func ask(
        _ doing: String,
        _ make: () throws(S3RequestError) -> S3Request
    ) async throws(TransferFailure) -> HTTPReply {
        switch try await session.exchange(try self.make(make)) {
        case .reply(let reply): return reply
        case .error(let error): throw error.asFailure(doing: doing, at: location.description)
        }
    }

    private func make(_ make: () throws(S3RequestError) -> S3Request) throws(TransferFailure) -> S3Request {
        do throws(S3RequestError) {
            return try make()
        } catch {
            throw error.failure
        }
    }

    private func read<Value>(_ read: () throws(S3ReplyError) -> Value) throws(TransferFailure) -> Value {
        do throws(S3ReplyError) {
            return try read()
        } catch {
            throw TransferFailure(.invalidResponse, "the store's answer cannot be read: \(error.message)")
        }
    }

    private func unquoted(_ tag: String) -> String {
        tag.count >= 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"") ? String(tag.dropFirst().dropLast()) : tag
    }
}
