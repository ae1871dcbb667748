// SPDX-License-Identifier: Apache-2.0

/// Why an exchange or a whole transfer failed, as a value that the core can reason about.
public struct TransferFailure: Error, Hashable, Sendable {
    /// What kind of failure this is. ``RetryPolicy`` says for each whether trying again may help.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The URL cannot be understood.
        case badURL
        /// The host name has no address.
        case unknownHost
        /// The connection was refused or the network cannot reach the host.
        case connectFailed
        /// No connection within the connect time-out.
        case connectTimeout
        /// The connection was reset or closed before the response was complete.
        case connectionLost
        /// No byte arrived within the stall time-out.
        case stalled
        /// The server's certificate or the TLS handshake was refused.
        case tlsRefused
        /// The proxy refuses: it wants a login, or does not let this origin be reached.
        case proxyRefused
        /// The origin answered with an error status; ``TransferFailure/status`` has it.
        case status
        /// The origin's response contradicts the request or itself.
        case invalidResponse
        /// A redirect that Swoop does not follow: a loop, too many, a downgrade, an unusable target.
        case redirectRefused
        /// The URL names a scheme that Swoop does not speak.
        case unsupportedScheme
        /// The representation is larger than the user allows.
        case tooLarge
        /// The origin changed the representation and the user asked not to start again, or it keeps changing.
        case changed
        /// The bytes do not have the digest that the user asked for.
        case digestMismatch
        /// The disk or quota is full.
        case diskFull
        /// The file system forbids it: permission, read-only.
        case permissionDenied
        /// The final name is taken.
        case targetExists
        /// The final name is a directory, or its directory is not one.
        case badTarget
        /// Another process works on the same partial.
        case locked
        /// The partial belongs to another URL.
        case foreignPartial
        /// The disk failed in another way.
        case inputOutput
        /// Whoever read the ordered bytes has gone.
        case readerGone
        /// The user or the embedding program stopped the transfer.
        case cancelled
        /// Swoop contradicted itself: a bug.
        case bug
    }

    /// What kind of failure this is.
    public var code: Code
    /// What happened and what to do about it; lower case, no full stop, no secrets.
    public var message: String
    /// The status of the response, where ``code`` is ``Code/status``.
    public var status: Int?
    /// How long the origin asks everybody to wait (RFC 9110 section 10.2.3).
    public var retryAfter: Duration?

    /// Makes a failure from its parts.
    public init(_ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
    }
}
