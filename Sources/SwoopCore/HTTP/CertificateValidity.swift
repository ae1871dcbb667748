// SPDX-License-Identifier: Apache-2.0

/// When a server's certificate is valid.
public struct CertificateValidity: Hashable, Sendable {
    /// The first instant, in seconds since 1970.
    public var first: Int64
    /// The last instant, in seconds since 1970.
    public var last: Int64

    /// Makes the validity from its bounds.
    public init(first: Int64, last: Int64) {
        self.first = first
        self.last = last
    }

    /// What is wrong at an instant, and what to do about it; `nil` if it is within the bounds.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Returns: a failure's message.
    public func complaint(at now: Int64) -> String? {
        if now > last { return "the certificate expired on \(Self.text(last)): tell the origin, or accept it with -k" }
        guard now < first else { return nil }
        return "the certificate is not valid before \(Self.text(first)): check this machine's clock"
    }

    private static func text(_ seconds: Int64) -> String { HTTPDate(secondsSinceEpoch: seconds).wireForm }
}
