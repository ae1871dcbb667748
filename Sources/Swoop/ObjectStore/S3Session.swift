// SPDX-License-Identifier: Apache-2.0

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

    /// Sends a request; once more if it was refused for credentials that have expired, or for a clock that is wrong.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - part: what it carries in place of its own body.
    /// - Returns: the answer, or what the store says against it.
    /// - Throws: ``TransferFailure`` if there is no answer.
    func exchange(_ request: HTTPMessage, _ part: PartSending? = nil) async throws(TransferFailure) -> Answer {
        var used = try await credentials.fresh()
        let answer = try await attempt(request, part, used)
        guard case .error(let error) = answer else { return answer }
        switch error.advice {
        case .refreshCredentials: used = try await credentials.replacing(used)
        case .correctClock(let serverSeconds): clock.correct(to: serverSeconds)
        default: return answer
        }
        return try await attempt(request, part, used)
    }

    private func attempt(
        _ request: HTTPMessage,
        _ part: PartSending?,
        _ credentials: S3Credentials?
    ) async throws(TransferFailure) -> Answer {
        var message = request
        if let credentials {
            let signer = RequestSigner(credentials: credentials, region: requests.endpoint.region)
            let payload = part.map { PayloadDigest.sha256($0.piece.digest.hex) }
            message = request.signed(by: signer, payload: payload, seconds: clock.seconds)
        }
        let reply = try await transport.send(message, carrying: part)
        guard !(200..<300).contains(reply.status) else { return .reply(reply) }
        return .error(S3ErrorReply(status: reply.status, fields: reply.fields, body: reply.body))
    }
}

extension ClientTransport {
    fileprivate func send(
        _ message: HTTPMessage,
        carrying part: PartSending?
    ) async throws(TransferFailure) -> HTTPReply {
        guard let part else { return try await send(message) }
        return try await send(
            message,
            payload: part.piece.bytes,
            cancellation: part.cancellation,
            wrote: part.wrote
        )
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
