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
        do throws(S3RequestError) {
            let request = try session.requests.getObject(location.key, versionId: location.versionId)
            return (request.url, S3Signer(session: session))
        } catch {
            throw error.failure
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
