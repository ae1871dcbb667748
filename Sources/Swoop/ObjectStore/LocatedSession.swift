// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

/// A session with the store that a URL means, and what it names there.
struct LocatedSession: Sendable {
    let session: S3Session
    let location: S3Location

    /// The object's URL, and who signs the requests for it.
    func download() throws(TransferFailure) -> (url: HTTPURL, signer: any RequestSigning) {
        guard !location.isPrefix else {
            let advice = "write the key of an object; swoop ls \(location) lists them"
            throw TransferFailure(.badURL, "\(location) is a prefix, not an object: \(advice)")
        }
        let request = try make { (requests) throws(S3RequestError) in
            try requests.getObject(location.key, versionId: location.versionId)
        }
        return (request.url, S3Signer(session: session))
    }

    // MARK: Requests and answers

    /// A request of the bucket; one that cannot be made is the user's mistake.
    func make(
        _ make: (S3Requests) throws(S3RequestError) -> HTTPMessage
    ) throws(TransferFailure) -> HTTPMessage {
        do throws(S3RequestError) {
            return try make(session.requests)
        } catch {
            throw TransferFailure(.badURL, error.message)
        }
    }

    /// Sends a request, whose answer must be a success.
    ///
    /// - Parameters:
    ///   - doing: what is said of it if it is refused, as in `opening an upload`.
    ///   - make: makes it.
    /// - Returns: the answer.
    /// - Throws: ``TransferFailure``.
    func ask(
        _ doing: String,
        _ make: (S3Requests) throws(S3RequestError) -> HTTPMessage
    ) async throws(TransferFailure) -> HTTPReply {
        switch try await session.exchange(try self.make(make)) {
        case .reply(let reply): return reply
        case .error(let error): throw failure(error, doing)
        }
    }

    func failure(_ error: S3ErrorReply, _ doing: String) -> TransferFailure {
        error.asFailure(doing: doing, at: location.description)
    }

    /// What an answer holds.
    func read<Value>(_ read: () throws(S3ReplyError) -> Value) throws(TransferFailure) -> Value {
        do throws(S3ReplyError) {
            return try read()
        } catch {
            throw TransferFailure(.invalidResponse, "the store's answer cannot be read: \(error.message)")
        }
    }
}

/// Signs the requests of a download.
struct S3Signer: RequestSigning {
    let session: S3Session

    func fields(for message: HTTPMessage) -> HeaderFields {
        guard let credentials = session.credentials.latest else { return HeaderFields() }
        return RequestSigner(credentials: credentials, region: session.requests.endpoint.region).sign(
            method: message.method,
            url: message.url,
            fields: message.fields,
            payload: .empty,
            seconds: session.clock.seconds
        )
    }
}
