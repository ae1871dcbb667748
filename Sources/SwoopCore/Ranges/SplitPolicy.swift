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
    /// How long a segment should keep its connection busy at most.
    public static let longestSpan: Duration = .seconds(3)
    /// How long where asking again costs next to nothing.
    public static let nearSpan: Duration = .seconds(1)
    /// Smallest tail worth a request, in bytes.
    public static let minimumTail: Int64 = 64 << 10
    /// A tail is taken only if that ends its segment so much sooner: it costs a request, and the connection that is cut.
    public static let minimumGain: Duration = .milliseconds(150)
    /// A segment that ends sooner than this is left alone: asking anew costs about as long.
    public static let minimumRemaining: Duration = .milliseconds(400)

    /// How many bytes the next segment should have.
    ///
    /// What the connection moves in ``span(latency:age:)``, but no more than half an even share of what nobody has asked
    /// for yet, so that segments shrink towards the end and all connections finish together (guided self-scheduling:
    /// Polychronopoulos and Kuck, 1987). They do not shrink below what makes the pause between two of them cheap: it lasts
    /// a round trip, and a sender that bursts after it loses packets. A lone connection shares with nobody.
    ///
    /// - Parameters:
    ///   - unrequested: bytes that nobody has asked for; at least 1.
    ///   - connections: connections that share them; at least 1.
    ///   - throughput: bytes per second of one connection, or `nil` if unknown.
    ///   - latency: time from a request to its first byte.
    ///   - age: how long the transfer has lasted.
    ///   - fixed: the user's segment size, or `nil`.
    /// - Returns: between 1 and `unrequested`.
    public static func segmentSize(
        unrequested: Int64,
        connections: Int,
        throughput: Double?,
        latency: Duration = .zero,
        age: Duration = nearSpan,
        fixed: Int64?
    ) -> Int64 {
        if let fixed { return min(max(1, fixed), unrequested) }
        let byTime = throughput.map { bytes($0, span(latency: latency, age: age)) } ?? firstSegment
        let worthwhile = throughput.map { bytes($0, min(latency * pauses, longestPaced)) } ?? 0
        let share = connections <= 1 ? unrequested : unrequested / Int64(connections) / 2
        let wanted = min(byTime, max(share, worthwhile))
        let bounded = min(max(wanted, segmentBounds.lowerBound), segmentBounds.upperBound)
        // Whole multiples of the smallest segment keep writes on page boundaries.
        return min(bounded - bounded % segmentBounds.lowerBound, unrequested)
    }

    /// How long a segment should keep its connection busy: as long as makes the pause before it cheap, and where that is
    /// short, as long as the transfer has lasted. What a connection brings is known no better than that, and where more
    /// connections join, large segments of the first ones have to be cut, which throws away what is on its way.
    static func span(latency: Duration, age: Duration) -> Duration {
        min(longestSpan, max(min(age, nearSpan), latency * cheapPauses))
    }

    /// A pause is cheap if it is so many times shorter than the segment after it.
    private static let cheapPauses = 64
    /// A segment takes at least so many times as long as the pause before it.
    private static let pauses = 16
    /// But not for longer than this when little is left: what one keeps too much of, others have to take from it.
    private static let longestPaced: Duration = .seconds(1)

    private static func bytes(_ throughput: Double, _ time: Duration) -> Int64 {
        Int64(min(max(0, throughput * time.seconds), 1e15))
    }

    /// How much later a new connection has delivered what a warm one would have: a round trip to connect, and those in
    /// which its window doubles from ten packets (RFC 6928) to what the rate needs, less what they carry.
    ///
    /// - Parameters:
    ///   - rate: bytes per second that it will carry.
    ///   - roundTrip: time from a request to its first byte on a connection that is there.
    /// - Returns: whole round trips, one at least.
    public static func warmingTime(to rate: Double, roundTrip: Duration) -> Duration {
        let window = rate * roundTrip.seconds
        var (trips, carried) = (1, firstWindow)
        while carried < window, trips < 16 { (trips, carried) = (trips + 1, carried * 2) }
        return roundTrip * trips
    }

    private static let firstWindow = 10 * 1_460.0

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
        /// Connections like it that will take of the same segment; at least 1.
        public var count = 1

        /// Makes a thief from its parts.
        public init(throughput: Double? = nil, latency: Duration = .zero) {
            self.throughput = throughput
            self.latency = latency
        }
    }

    /// Chooses which live segment gives up its tail when a connection has nothing else to ask for.
    ///
    /// Picks the one that would take longest of those that gain by it, and cuts what remains of it where both ends finish
    /// together: in halves between equals, near the front if its own connection crawls.
    ///
    /// - Returns: the exchange and its new exclusive upper bound, or `nil` if no tail is worth a request.
    /// - Complexity: O(candidates.count).
    public static func steal(
        from candidates: [Candidate],
        by thief: Thief = Thief()
    ) -> (exchange: ExchangeID, newUpper: Int64)? {
        var worst: (candidate: Candidate, kept: Int64, lasts: Double)?
        for candidate in candidates {
            let lasts = remainingSeconds(candidate)
            let kept = share(of: candidate, against: thief)
            guard lasts > worst?.lasts ?? 0, isWorthwhile(candidate, keeping: kept, lasts: lasts, by: thief) else {
                continue
            }
            worst = (candidate, kept, lasts)
        }
        return worst.map { ($0.candidate.exchange, $0.candidate.remaining.lower + $0.kept) }
    }

    private static func isWorthwhile(
        _ candidate: Candidate,
        keeping kept: Int64,
        lasts: Double,
        by thief: Thief
    ) -> Bool {
        let taken = candidate.remaining.count - kept
        guard lasts >= minimumRemaining.seconds, taken >= minimumTail else { return false }
        guard lasts * Double(taken) >= minimumGain.seconds * Double(candidate.remaining.count) else { return false }
        // Cutting a segment closes its connection: not for crumbs, unless it hardly moves.
        return kept >= minimumTail || (candidate.throughput ?? 0) * 4 < (thief.throughput ?? 0)
    }

    /// Bytes that a segment keeps, so that it ends when the thief does.
    private static func share(of candidate: Candidate, against thief: Thief) -> Int64 {
        let remaining = Double(candidate.remaining.count)
        let own = max(candidate.throughput ?? 1, 1)
        let theirs = max(thief.throughput ?? own, 1)
        let (count, latency) = (Double(max(1, thief.count)), thief.latency.seconds)
        let together = (remaining + count * theirs * latency) / (own + count * theirs)
        let kept = remaining - theirs * (together - latency)
        return Int64(min(max(kept.rounded(), 0), remaining))
    }

    /// Seconds until a candidate would finish. Nothing is taken from a segment before its throughput is known: a tenth of
    /// a second tells whether the whole file is there at once.
    private static func remainingSeconds(_ candidate: Candidate) -> Double {
        guard let throughput = candidate.throughput else { return 0 }
        return Double(candidate.remaining.count) / max(throughput, 1)
    }
}
