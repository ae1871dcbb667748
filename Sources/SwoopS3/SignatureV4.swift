// SPDX-License-Identifier: Apache-2.0

internal import Crypto

/// What a signature is good for: one day, one region, one service.
///
/// - Source: AWS docs "Elements of an AWS API request signature", credential scope.
public struct CredentialScope: Hashable, Sendable, CustomStringConvertible {
    /// `20130524`, in UTC.
    public let day: String
    /// Such as `us-east-1`.
    public let region: String
    /// Such as `s3`.
    public let service: String

    /// `20130524/us-east-1/s3/aws4_request`.
    public var description: String { "\(day)/\(region)/\(service)/aws4_request" }
}

/// The key that a day's requests to one region and service are signed with.
///
/// It is a secret, though one that expires after seven days; nothing prints it.
/// - Source: AWS docs "Create a signed AWS API request", step 3.
public struct SigningKey: Hashable, Sendable {
    /// What it is for.
    public let scope: CredentialScope
    /// Whose it is.
    public let accessKey: String
    let bytes: [UInt8]

    /// Derives the key for the day that `seconds` since 1970-01-01T00:00:00Z lie in.
    public init(credentials: S3Credentials, seconds: Int64, region: String, service: String) {
        let scope = CredentialScope(day: SigningDate(seconds: seconds).day, region: region, service: service)
        let steps = [scope.day, region, service, "aws4_request"]
        bytes = steps.reduce(Array("AWS4\(credentials.secretKey)".utf8)) { key, step in
            Self.code(of: step, key: key)
        }
        self.scope = scope
        accessKey = credentials.accessKey
    }

    /// The access key and the scope, as `Credential` has them.
    var credential: String { "\(accessKey)/\(scope)" }

    /// The signature of a request, as 64 hex digits.
    ///
    /// - Parameters:
    ///   - request: what is signed.
    ///   - date: of the day that the key is for.
    /// - Returns: 64 lower-case hex digits.
    func signature(of request: CanonicalRequest, date: SigningDate) -> String {
        let lines = [SignatureV4.algorithm, date.timestamp, scope.description, request.digest]
        return URIEncoding.hex(Self.code(of: lines.joined(separator: "\n"), key: bytes))
    }

    private static func code(of text: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What it is for, and nothing of the key.
    public var description: String { "signing key of \(credential)" }

    /// The same as ``description``, so that no container prints the key either.
    public var debugDescription: String { description }

    /// Without children, so that `dump` shows no key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Words of Signature Version 4.
enum SignatureV4 {
    static let algorithm = "AWS4-HMAC-SHA256"
    /// The only service whose paths are signed as they are, and which wants the body's digest in a field.
    static let objectService = "s3"
    /// Longest life of a signed URL, in seconds: seven days.
    static let longestLife: Int64 = 604_800
}
