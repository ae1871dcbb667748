// SPDX-License-Identifier: Apache-2.0

/// How far a transfer is, at one instant. Views pull it at their own rate.
public struct TransferProgress: Hashable, Sendable {
    /// What the transfer is doing.
    public enum Phase: String, Hashable, Sendable {
        case connecting, transferring, waiting, verifying, publishing, finished
    }

    /// A segment that a connection is fetching.
    public struct Segment: Hashable, Sendable {
        /// Slot of the connection, from 0.
        public var connection: Int
        /// The bytes leased to the connection; `upper` is `Int64.max` if the length is unknown.
        public var range: ByteRange
        /// One past the last byte written.
        public var position: Int64

        /// Makes a segment from its parts.
        public init(connection: Int, range: ByteRange, position: Int64) {
            self.connection = connection
            self.range = range
            self.position = position
        }
    }

    /// What the transfer is doing.
    public var phase: Phase = .connecting
    /// Name of the download, once known.
    public var name: String?
    /// Length of the representation, once known.
    public var length: Int64?
    /// Bytes held so far, earlier runs' included.
    public var bytes: Int64 = 0
    /// Bytes that an earlier run had fetched.
    public var resumed: Int64 = 0
    /// Whether a later run can tell that the origin still has this version, and may go on from what is held.
    public var isResumable = true
    /// Bytes per second over the last seconds.
    public var throughput: Double = 0
    /// The bytes held.
    public var held = RangeSet()
    /// Segments being fetched, ordered by connection.
    public var segments: [Segment] = []
    /// Time since the transfer started.
    public var elapsed: Duration = .zero

    /// Makes the progress of a transfer that has not begun.
    public init() {}

    /// Time until the last byte at the present throughput, or `nil` if nobody can say.
    public var remaining: Duration? {
        guard let length, throughput > 0 else { return nil }
        let seconds = Double(max(0, length - bytes)) / throughput
        return seconds < 1e9 ? .seconds(seconds) : nil
    }
}
