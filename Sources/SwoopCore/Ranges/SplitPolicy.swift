// SPDX-License-Identifier: Apache-2.0

/// Sizes segments and decides which live segment gives up its tail.
///
/// Segments are bounded leases: a free connection asks for the next unrequested bytes over the connection it has, and
/// nothing is taken from a live segment until every byte has been asked for. See `docs/design/0003-leases.md`.
public enum SplitPolicy {
    /// Smallest and largest segment sized by time, in bytes.
    public static let segmentBounds: ClosedRange<Int64> = (1 << 20)...(256 << 20)
    /// Size of a segment before anything is known about the connection's throughput, in bytes; also the probe's.
    public static let firstSegment: Int64 = 4 << 20
    /// How long a segment should keep its connection busy.
    public static let segmentSpan: Duration = .seconds(3)
    /// Smallest tail worth a request, in bytes.
    public static let minimumTail: Int64 = 64 << 10
    /// A segment that ends sooner than this is left alone: asking anew costs about as long.
    public static let minimumRemaining: Duration = .milliseconds(400)

    /// How many bytes the next segment should have.
    ///
    /// About ``segmentSpan`` of the connection's throughput, but no more than half an even share of what nobody has asked
    /// for yet, so that segments shrink towards the end and all connections finish together (guided self-scheduling:
    /// Polychronopoulos and Kuck, 1987). They do not shrink below what makes the pause between two of them cheap: it lasts
    /// a round trip, and a sender that bursts after it loses packets. A lone connection shares with nobody.
    ///
    /// - Parameters:
    ///   - unrequested: bytes that nobody has asked for; at least 1.
    ///   - connections: connections that share them; at least 1.
    ///   - throughput: bytes per second of one connection, or `nil` if unknown.
    ///   - latency: time from a request to its first byte.
    ///   - fixed: the user's segment size, or `nil`.
    /// - Returns: between 1 and `unrequested`.
    public static func segmentSize(
        unrequested: Int64,
        connections: Int,
        throughput: Double?,
        latency: Duration = .zero,
        fixed: Int64?
    ) -> Int64 {
        if let fixed { return min(max(1, fixed), unrequested) }
        let byTime = throughput.map { bytes($0, segmentSpan) } ?? firstSegment
        let worthwhile = throughput.map { bytes($0, min(latency * pauses, segmentSpan)) } ?? 0
        let share = connections <= 1 ? unrequested : unrequested / Int64(connections) / 2
        let wanted = min(byTime, max(share, worthwhile))
        let bounded = min(max(wanted, segmentBounds.lowerBound), segmentBounds.upperBound)
        // Whole multiples of the smallest segment keep writes on page boundaries.
        return min(bounded - bounded % segmentBounds.lowerBound, unrequested)
    }

    /// A segment takes at least so many times as long as the pause before it.
    private static let pauses = 16

    private static func bytes(_ throughput: Double, _ time: Duration) -> Int64 {
        Int64(min(max(0, throughput * time.seconds), 1e15))
    }

    /// A live segment as a candidate for giving up its tail.
    public struct Candidate: Hashable, Sendable {
        /// The exchange that fetches it.
        public var exchange: ExchangeID
        /// Next byte to arrive and one past the last byte leased.
        public var remaining: ByteRange
        /// Bytes per second of its connection, or `nil` if unknown.
        public var throughput: Double?

        /// Makes a candidate from its parts.
        public init(exchange: ExchangeID, remaining: ByteRange, throughput: Double?) {
            self.exchange = exchange
            self.remaining = remaining
            self.throughput = throughput
        }
    }

    /// The connection that has nothing else to ask for.
    public struct Thief: Hashable, Sendable {
        /// Bytes per second that it may be expected to bring, or `nil` if unknown.
        public var throughput: Double?
        /// Time until its first byte.
        public var latency: Duration

        /// Makes a thief from its parts.
        public init(throughput: Double? = nil, latency: Duration = .zero) {
            self.throughput = throughput
            self.latency = latency
        }
    }

    /// Chooses which live segment gives up its tail when a connection has nothing else to ask for.
    ///
    /// Picks the one that would take longest, and cuts what remains of it where both ends finish together: in halves
    /// between equals, near the front if its own connection crawls.
    ///
    /// - Returns: the exchange and its new exclusive upper bound, or `nil` if no tail is worth a request.
    /// - Complexity: O(candidates.count).
    public static func steal(
        from candidates: [Candidate],
        by thief: Thief = Thief()
    ) -> (exchange: ExchangeID, newUpper: Int64)? {
        let worst = candidates.max { remainingSeconds($0) < remainingSeconds($1) }
        let worthwhile = max(minimumRemaining.seconds, 2 * thief.latency.seconds)
        guard let worst, remainingSeconds(worst) >= worthwhile else { return nil }
        let kept = share(of: worst, against: thief)
        guard worst.remaining.count - kept >= smallestTail(for: thief) else { return nil }
        // Cutting a segment closes its connection: not for crumbs, unless it hardly moves.
        guard kept >= minimumTail || (worst.throughput ?? 0) * 4 < (thief.throughput ?? 0) else { return nil }
        return (worst.exchange, worst.remaining.lower + kept)
    }

    /// Smallest tail worth a thief's request: it must outweigh the wait for its first byte.
    private static func smallestTail(for thief: Thief) -> Int64 {
        let waited = (thief.throughput ?? 0) * max(thief.latency, minimumRemaining / 2).seconds / 2
        return max(minimumTail, Int64(min(waited, 1e15)))
    }

    /// Bytes that a segment keeps, so that it ends when the thief does.
    private static func share(of candidate: Candidate, against thief: Thief) -> Int64 {
        let remaining = Double(candidate.remaining.count)
        let own = max(candidate.throughput ?? 1, 1)
        let theirs = max(thief.throughput ?? own, 1)
        let kept = own * (remaining + theirs * thief.latency.seconds) / (own + theirs)
        return Int64(min(max(kept.rounded(), 0), remaining))
    }

    /// Seconds until a candidate would finish. Nothing is taken from a segment before its throughput is known: a tenth of
    /// a second tells whether the whole file is there at once.
    private static func remainingSeconds(_ candidate: Candidate) -> Double {
        guard let throughput = candidate.throughput else { return 0 }
        return Double(candidate.remaining.count) / max(throughput, 1)
    }
}
