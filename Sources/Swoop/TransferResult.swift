// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// What a download came to.
public struct TransferResult: Hashable, Sendable {
    /// What one connection contributed.
    public struct ConnectionStatistics: Hashable, Sendable {
        /// Slot of the connection, from 0.
        public var connection: Int
        /// Segments of which it delivered bytes.
        public var segments = 0
        /// Bytes it delivered.
        public var bytes: Int64 = 0

        /// Makes the statistics of a connection that has done nothing yet.
        public init(connection: Int) { self.connection = connection }
    }

    /// Path of the published file; `nil` if nothing was kept.
    public var path: String?
    /// Length in bytes.
    public var length: Int64
    /// The digests that were computed; one that was compared, if any, comes first.
    public var digests: [Digest]
    /// The digest that the bytes were compared with (and agreed, or this would be an error), if the user or the origin gave
    /// one.
    public var verified: DigestAlgorithm?
    /// Whether the target existed and was left alone; then nothing was fetched.
    public var wasSkipped: Bool
    /// Bytes that an earlier run had fetched.
    public var resumedBytes: Int64
    /// Time from the call to the published file.
    public var elapsed: Duration
    /// Where the time went; see ``SwoopCore/Explanation``.
    public var account = TransferAccount()
    /// What each connection contributed, ordered by connection.
    public var connections: [ConnectionStatistics]

    /// Whether the bytes were compared with a digest.
    public var isVerified: Bool { verified != nil }
}
