// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO
internal import SwoopS3
internal import Synchronization

/// Talks to one bucket: signs what is sent, and tells answers from errors.
struct S3Session: Sendable {
    /// Makes the requests.
    let requests: S3Requests
    let transport: ClientTransport
    let credentials: CredentialKeeper
    /// How far the store's clock is ahead of ours.
    let clock = StoreClock()

    /// What comes back.
    enum Answer: Sendable {
        case reply(HTTPReply)
        case error(S3ErrorReply)
    }

    /// What a request carries besides its own body.
    struct Payload: Sendable {
        var bytes: ByteBuffer
        var digest: Digest
        var cancellation: Cancellation?
        var wrote: @Sendable (Int64) -> Void = { _ in }
    }

    /// Sends a request; once more if it was refused for credentials that have expired, or for a clock that is wrong.
    func exchange(_ request: S3Request, _ payload: Payload? = nil) async throws(TransferFailure) -> Answer {
        var used = try await credentials.fresh()
        var answer = try await attempt(request, payload, used)
        guard case .error(let error) = answer else { return answer }
        switch error.advice {
        case .refreshCredentials: used = try await credentials.replacing(used)
        case .correctClock(let serverSeconds): clock.correct(to: serverSeconds)
        default: return answer
        }
        answer = try await attempt(request, payload, used)
        return answer
    }

    private func attempt(
        _ request: S3Request,
        _ payload: Payload?,
        _ credentials: S3Credentials?
    ) async throws(TransferFailure) -> Answer {
        let signed = sign(request, payload, credentials)
        let message = HTTPMessage(method: signed.method, url: signed.url, fields: signed.fields, body: signed.body)
        var wrote: @Sendable (Int64) -> Void = { _ in }
        if let payload { wrote = payload.wrote }
        let reply = try await transport.send(
            message,
            payload: payload?.bytes,
            cancellation: payload?.cancellation,
            wrote: wrote
        )
        guard !(200..<300).contains(reply.status) else { return .reply(reply) }
        return .error(S3ErrorReply(status: reply.status, fields: reply.fields, body: reply.body))
    }

    private func sign(_ request: S3Request, _ payload: Payload?, _ credentials: S3Credentials?) -> S3Request {
        guard let credentials else { return request }
        let signer = RequestSigner(credentials: credentials, region: requests.endpoint.region)
        return request.signed(by: signer, payload: payload.map { .sha256($0.digest.hex) }, seconds: clock.seconds)
    }
}

/// The time as a store sees it: a signature is good for some minutes only.
final class StoreClock: Sendable {
    private let offset = Mutex<Int64>(0)

    /// Seconds since 1970.
    var seconds: Int64 { WallClock.seconds + offset.withLock { $0 } }

    /// Takes the store's word for what time it is.
    func correct(to seconds: Int64) { offset.withLock { $0 = seconds - WallClock.seconds } }
}

extension S3RequestError {
    /// The same as a failure of a transfer: the request cannot be made as asked.
    var failure: TransferFailure { TransferFailure(.badURL, message) }
}
