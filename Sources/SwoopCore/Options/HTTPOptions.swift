// SPDX-License-Identifier: Apache-2.0

/// What requests say besides the range, and whom they trust.
public struct HTTPOptions: Hashable, Sendable {
    /// The user's header fields; sent to the URL's own origin only.
    public var fields = HeaderFields()
    /// Value of the User-Agent field; sent everywhere.
    public var userAgent: String?
    /// Value of the Referer field; sent to the URL's own origin only.
    public var referer: String?
    /// Name and password for HTTP Basic (RFC 7617); sent to the URL's own origin only. Overrides the URL's userinfo.
    public var credentials: Credentials?
    /// PEM file with the certificates to trust instead of the system's.
    public var authorityFile: String?
    /// Whether to accept any certificate.
    public var acceptsAnyCertificate = false

    /// A user's name and password.
    public struct Credentials: Hashable, Sendable {
        /// The name; holds no colon.
        public var user: String
        /// The password.
        public var password: String

        /// Makes credentials.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// Makes options that add nothing and trust the system's certificates.
    public init() {}
}
