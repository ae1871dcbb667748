// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

/// An object that is uploaded to. Each call is one request, or a few that belong together, and answers with the machine's
/// event.
struct S3Target: Sendable {
    let store: LocatedSession
    let options: ObjectOptions
    /// Whether an object that is there shall stay.
    let ifNotExists: Bool

    private var key: String { store.location.key }

    /// What the controller of connections knows the store by.
    var origin: Origin {
        get throws(TransferFailure) {
            try store.make { (requests) throws(S3RequestError) in try requests.headObject(key) }.url.origin
        }
    }

    /// Looks whether an object is there, where it must not be and the store does not decide that by itself. Another writer may
    /// come in between.
    func refuseIfThere() async throws(TransferFailure) {
        guard ifNotExists, !store.session.requests.endpoint.profile.takesConditionalWrite else { return }
        let request = try store.make { (requests) throws(S3RequestError) in try requests.headObject(key) }
        if case .reply = try await store.session.exchange(request) {
            throw TransferFailure(.targetExists, "\(store.location) exists: it was left alone")
        }
    }

    /// Opens an upload: `.created`.
    func create() async throws(TransferFailure) -> UploadEvent {
        let reply = try await store.ask("opening an upload") { (requests) throws(S3RequestError) in
            try requests.createUpload(key, options: options)
        }
        return .created(uploadID: try store.read { () throws(S3ReplyError) in try CreatedUpload(reply.body).uploadID })
    }

    /// Which parts the store has: `.listed` or `.uploadGone`.
    func parts(of uploadID: String) async throws(TransferFailure) -> UploadEvent {
        var parts: [StoredPart] = []
        var marker: Int?
        repeat {
            let wanted = marker
            let request = try store.make { (requests) throws(S3RequestError) in
                try requests.listParts(key, uploadID: uploadID, marker: wanted)
            }
            switch try await store.session.exchange(request) {
            case .error(let error): return try gone(error, uploadID, "listing the parts")
            case .reply(let reply):
                let page = try store.read { () throws(S3ReplyError) in try PartList(reply.body) }
                parts += page.parts.map { StoredPart(number: $0.number, length: $0.size, tag: unquoted($0.etag)) }
                marker = page.nextMarker
            }
        } while marker != nil && parts.count < store.session.requests.endpoint.profile.mostParts
        return .listed(parts)
    }

    /// Sends a part, or the whole object if there is no upload.
    func send(_ sending: PartSending, uploadID: String?) async throws(TransferFailure) -> PartAnswer {
        let request = try store.make { (requests) throws(S3RequestError) in
            guard let uploadID else { return try requests.putObject(key, options: options, ifNotExists: ifNotExists) }
            return try requests.uploadPart(key, uploadID: uploadID, number: sending.part)
        }
        switch try await store.session.exchange(request, sending) {
        case .reply(let reply): return .stored(tag: unquoted(reply.fields["ETag"] ?? ""))
        case .error(let error) where error.advice == .startUploadAgain: return .uploadGone
        case .error(let error):
            throw store.failure(error, uploadID == nil ? "sending the object" : "sending part \(sending.part)")
        }
    }

    /// Makes the object: `.completed` or `.uploadGone`.
    func complete(
        _ uploadID: String,
        _ parts: [StoredPart],
        length: Int64
    ) async throws(TransferFailure) -> UploadEvent {
        let request = try store.make { (requests) throws(S3RequestError) in
            try requests.completeUpload(
                key,
                uploadID: uploadID,
                parts: parts,
                objectSize: length,
                ifNotExists: ifNotExists
            )
        }
        switch try await store.session.exchange(request) {
        case .error(let error): return try gone(error, uploadID, "completing the upload")
        case .reply(let reply):
            // An answer of 200 may hold an error: the store sent its head before it began to work.
            switch try store.read({ () throws(S3ReplyError) in try CompletedUpload.read(reply.body) }) {
            case .completed(let tag): return .completed(tag: tag.map(unquoted))
            case .failed(let error): return try gone(error, uploadID, "completing the upload")
            }
        }
    }

    /// Looks at the object: `.inspected`.
    func inspect() async throws(TransferFailure) -> UploadEvent {
        let reply = try await store.ask("looking at the object") { (requests) throws(S3RequestError) in
            try requests.headObject(key)
        }
        guard let length = reply.fields["Content-Length"].flatMap({ Int64($0) }) else {
            throw TransferFailure(.invalidResponse, "the store does not say how long \(store.location) is")
        }
        return .inspected(length: length, tag: reply.fields["ETag"].map(unquoted))
    }

    /// Gives the upload up: `.aborted`.
    func abort(_ uploadID: String) async throws(TransferFailure) -> UploadEvent {
        let request = try store.make { (requests) throws(S3RequestError) in
            try requests.abortUpload(key, uploadID: uploadID)
        }
        switch try await store.session.exchange(request) {
        case .reply: return .aborted
        case .error(let error) where error.advice == .startUploadAgain: return .aborted
        case .error(let error): throw store.failure(error, "removing the upload")
        }
    }

    private func gone(
        _ error: S3ErrorReply,
        _ uploadID: String,
        _ doing: String
    ) throws(TransferFailure) -> UploadEvent {
        guard error.advice == .startUploadAgain else { throw store.failure(error, doing) }
        return .uploadGone(uploadID: uploadID)
    }

    private func unquoted(_ tag: String) -> String {
        tag.count >= 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"") ? String(tag.dropFirst().dropLast()) : tag
    }
}
