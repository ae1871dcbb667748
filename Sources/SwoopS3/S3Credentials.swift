// SPDX-License-Identifier: Apache-2.0

/// What requests to an object store are signed with.
///
/// Printing one in any way shows at most the access key, which names the account and is sent in the clear anyway.
/// - Source: AWS docs "Temporary security credentials in IAM".
public struct S3Credentials: Hashable, Sendable {
    /// Names the key pair. No secret.
    public var accessKey: String
    /// The key that signatures are made with. A secret; never sent.
    public var secretKey: String
    /// Proves that temporary credentials were given out; `nil` for lasting ones. A secret; sent with each request.
    public var sessionToken: String?
    /// When the store stops taking them, in seconds since 1970-01-01T00:00:00Z; `nil` if never or unknown.
    public var expiresAt: Int64?

    /// Makes credentials, kept as given: nothing is validated here.
    public init(accessKey: String, secretKey: String, sessionToken: String? = nil, expiresAt: Int64? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    /// Whether they will have expired `margin` seconds after `seconds`, so that new ones are to be fetched first.
    ///
    /// - Parameters:
    ///   - seconds: now, since 1970-01-01T00:00:00Z.
    ///   - margin: how long a request may take to reach the store, in seconds.
    /// - Returns: whether they have expired, or will within the margin.
    public func isExpired(at seconds: Int64, margin: Int64 = 0) -> Bool {
        guard let expiresAt else { return false }
        let (moment, overflow) = seconds.addingReportingOverflow(margin)
        return overflow ? margin > 0 : moment >= expiresAt
    }
}

extension S3Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The access key, and nothing of the secrets.
    public var description: String { "credentials of \(accessKey)" }

    /// The same as ``description``, so that no container prints a secret either.
    public var debugDescription: String { description }

    /// Without children, so that `dump` and debuggers that use mirrors show no secret.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
