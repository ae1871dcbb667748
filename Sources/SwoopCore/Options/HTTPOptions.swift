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
    /// Names and passwords by host, where neither ``credentials`` nor the URL has any.
    public var netrc: Netrc?
    /// Cookies; sent to the URL's own origin only, where domain and path say so.
    public var cookies: CookieJar?
    /// PEM file with our certificate and those that link it to an authority; shown to the URL's own origin only.
    public var certificateFile: String?
    /// PEM file with that certificate's private key; the certificate's own file if not given.
    public var keyFile: String?
    /// Addresses to connect to in place of what the system's resolver says.
    public var resolutions: [Resolution] = []
    /// Addresses of ours that connections come from, in turn; empty to leave it to the system.
    public var localAddresses: [String] = []
    /// Proxies; `nil` to go straight to every origin.
    public var proxies: ProxySettings?
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

    /// An address to connect to for a host and port. Everything else is done as if the resolver had said it.
    public struct Resolution: Hashable, Sendable {
        /// Lower case; an IPv6 address stands without brackets.
        public var host: String
        /// 1 to 65535.
        public var port: Int
        /// An IPv4 or IPv6 address, without brackets.
        public var address: String

        /// Reads `HOST:PORT:ADDRESS`, IPv6 addresses in brackets; `nil` if it is something else.
        public static func parse(_ text: String) -> Resolution? {
            guard let (host, afterHost) = part(text[...]), let (port, address) = part(afterHost) else { return nil }
            guard let number = Int(port), (1...65_535).contains(number), !host.isEmpty else { return nil }
            let bare = address.first == "[" && address.last == "]" ? address.dropFirst().dropLast() : address
            guard !bare.isEmpty, bare.utf8.allSatisfy({ ASCII.isAddressByte($0) }) else { return nil }
            guard let host = InternationalHost.ascii(host) else { return nil }
            return Resolution(host: host, port: number, address: String(bare))
        }

        /// What stands before the next colon outside of brackets, and what stands after it.
        private static func part(_ text: Substring) -> (Substring, Substring)? {
            let start = text.first == "[" ? text.firstIndex(of: "]") : text.startIndex
            guard let start, let colon = text[start...].firstIndex(of: ":") else { return nil }
            let (before, after) = (text[..<colon], text[text.index(after: colon)...])
            guard before.first == "[" else { return before.contains("]") ? nil : (before, after) }
            return before.last == "]" ? (before.dropFirst().dropLast(), after) : nil
        }
    }

    /// The options without what is for the user's own origin only: for an origin that somebody else names. Netrc and cookies
    /// stay, for they say themselves whom they are for.
    public var withoutSecrets: HTTPOptions {
        var options = self
        options.fields = HeaderFields()
        options.credentials = nil
        options.referer = nil
        options.certificateFile = nil
        options.keyFile = nil
        return options
    }

    /// Makes options that add nothing and trust the system's certificates.
    public init() {}
}
