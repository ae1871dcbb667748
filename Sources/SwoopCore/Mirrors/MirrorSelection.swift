// SPDX-License-Identifier: Apache-2.0

/// Chooses the source that the next connection asks.
public enum MirrorSelection {
    /// What is known of a source at the moment of choosing.
    public struct Candidate: Hashable, Sendable {
        /// Whether its bytes are used at all: neither untested nor dropped.
        public var isTrusted: Bool
        /// Whether it may be asked now: neither a back-off nor a Retry-After is running.
        public var isReady: Bool
        /// Connections that it may have beyond those in use; 0 or less means none.
        public var allowanceLeft: Int
        /// Connections in use.
        public var live: Int
        /// Mean bytes per second of one of its connections; `nil` as long as it has delivered nothing.
        public var bytesPerSecond: Double?
        /// Failures in a row without progress.
        public var failures: Int
        /// What its publisher says, 1 first; see ``MirrorURL/priority``.
        public var priority: Int

        /// Makes a candidate from its parts.
        public init(
            isTrusted: Bool = true,
            isReady: Bool = true,
            allowanceLeft: Int,
            live: Int = 0,
            bytesPerSecond: Double? = nil,
            failures: Int = 0,
            priority: Int = MirrorURL.lowestPriority
        ) {
            self.isTrusted = isTrusted
            self.isReady = isReady
            self.allowanceLeft = allowanceLeft
            self.live = live
            self.bytesPerSecond = bytesPerSecond
            self.failures = failures
            self.priority = priority
        }
    }

    /// Failures in a row after which a mirror is given up. The source that the user named is retried as any transfer.
    public static let maximumFailures = 3

    /// Chooses a source, or none if no trusted source may have another connection now.
    ///
    /// 1. Only trusted, ready sources with allowance left.
    /// 2. A source without a connection comes first, so that each works and its rate is known. But the head of the
    ///    line, for which the whole transfer would wait, goes to a source whose rate is known, if there is one.
    /// 3. The highest expected rate: that of its connections, halved for every failure in a row. Of a source of which
    ///    none is known, the mean of the others is expected.
    /// 4. Among equals the better priority, then fewer connections in use, then the order given.
    ///
    /// - Parameters:
    ///   - candidates: all sources of the representation.
    ///   - isHead: whether the range is the one that the reader waits for.
    /// - Returns: an index into `candidates`.
    public static func choose(from candidates: [Candidate], isHead: Bool = false) -> Int? {
        let usable = candidates.indices.filter { mayAsk(candidates[$0]) }
        let known = usable.filter { rate(candidates[$0]) != nil }
        let idle = usable.filter { candidates[$0].live <= 0 }
        let pool = isHead && !known.isEmpty ? known : idle.isEmpty ? usable : idle
        let expected = mean(known.compactMap { rate(candidates[$0]) })
        return pool.min { isBetter(candidates[$0], candidates[$1], unknown: expected ?? 0) }
    }

    private static func mayAsk(_ candidate: Candidate) -> Bool {
        candidate.isTrusted && candidate.isReady && candidate.allowanceLeft > 0
    }

    /// The rate if it means something: a rate of nothing, or of no number, is none.
    private static func rate(_ candidate: Candidate) -> Double? {
        candidate.bytesPerSecond.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    private static func isBetter(_ one: Candidate, _ other: Candidate, unknown: Double) -> Bool {
        let (ours, theirs) = (expectedRate(one, unknown), expectedRate(other, unknown))
        if ours != theirs { return ours > theirs }
        if one.failures != other.failures { return one.failures < other.failures }
        return (one.priority, one.live) < (other.priority, other.live)
    }

    private static func expectedRate(_ candidate: Candidate, _ unknown: Double) -> Double {
        let halvings = min(max(0, candidate.failures), 16)
        return (rate(candidate) ?? unknown) / Double(1 << halvings)
    }

    private static func mean(_ rates: [Double]) -> Double? {
        rates.isEmpty ? nil : rates.reduce(0) { $0 + $1 / Double(rates.count) }
    }
}
