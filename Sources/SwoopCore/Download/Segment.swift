// SPDX-License-Identifier: Apache-2.0

/// A range that a connection is asked for.
struct Segment: Hashable, Sendable {
    /// Why it is asked for.
    enum Purpose: Hashable, Sendable {
        /// Nobody else is asked for it.
        case lease
        /// Another connection is, and may take too long.
        case hedge(of: ExchangeID)
        /// To see whether a source has the same bytes as another; nothing of it is written.
        case sample(Int)
    }

    var purpose: Purpose = .lease
    var connection: Int
    var source: Int
    /// What is asked for; `upper` is `Int64.max` if the length is unknown.
    var range: ByteRange
    /// One past the last byte written.
    var position: Int64
    /// Where it is asked for: an index into the machine's `places`. A segment holds numbers only, since it is copied often.
    var place: Int
    var openedAt: Duration
    /// When the head was accepted, or `nil` while it is awaited.
    var acceptedAt: Duration?
    /// When the last byte or head arrived.
    var heardAt: Duration
    /// Whether If-Range was sent.
    var isConditional: Bool
    /// Whether If-Match was sent.
    var isMatched = false
    /// Whether a Range field was sent.
    var asksRange: Bool
    /// One past the last byte that the response has; more than `range.upper` where it was asked for without an end.
    var runsTo: Int64 = 0
    var redirects: Int
    /// Bytes that arrived, counted once each.
    var received: Int64 = 0
    /// The exchange that hedges this one, and whether one ever did: then some of what remains may be there already.
    var hedge: ExchangeID? { didSet { hedges += hedge == nil ? 0 : 1 } }
    private(set) var hedges = 0
    var wasHedged: Bool { hedges > 0 }
    /// Connections that were too slow for these bytes before.
    var replacements = 0
    /// Bytes per second of the connection that this one replaced.
    var replacedThroughput: Double?
    /// Whether its end was given to another connection: then its own is closed where it ends.
    var wasCut = false
    /// Whether its connection was new, and had to start slowly.
    var startedCold = false
    /// Start of the window over which its throughput is measured, and what had been received then.
    var markedAt: Duration = .zero
    var markedBytes: Int64 = 0
    /// Bytes per second in the last full window.
    var recent: Double?

    var remaining: ByteRange { ByteRange(position, range.upper) }

    /// Whether its response waits at its end, where it may be read on.
    var isParked: Bool { acceptedAt != nil && remaining.isEmpty && range.upper < runsTo }

    var isSample: Bool {
        if case .sample = purpose { true } else { false }
    }

    /// Makes it ready to be asked for again: what it has delivered is no longer part of it.
    mutating func restart(now: Duration) {
        range = remaining
        received = 0
        openedAt = now
        heardAt = now
        acceptedAt = nil
        runsTo = 0
        recent = nil
        wasCut = false
        markedBytes = 0
    }

    /// Counts bytes that have just been added to ``received``.
    mutating func measure(now: Duration) {
        let span = now - markedAt
        guard span >= .milliseconds(500) else { return }
        recent = Double(received - markedBytes) / span.seconds
        markedAt = now
        markedBytes = received
    }

    /// Bytes per second lately, silence included; `nil` in the first half second.
    func recentThroughput(now: Duration) -> Double? {
        guard acceptedAt != nil else { return nil }
        let span = now - markedAt
        guard span >= .milliseconds(500) else { return recent }
        return Double(received - markedBytes) / span.seconds
    }
}

/// One connection's place in the transfer.
struct Slot: Hashable, Sendable {
    var exchange: ExchangeID?
    /// The source that it was last used for; `nil` also after a refusal, so that its wait keeps nobody else waiting.
    var source: Int?
    /// No request before this time.
    var notBefore: Duration = .zero
    /// Failures in a row that brought no byte.
    var failures = 0
    /// Bytes per second of its last complete segment.
    var throughput: Double?
    /// Whether its next request has to connect and to start slowly: it was never used, or what it had was cut off.
    var isCold = true
}
