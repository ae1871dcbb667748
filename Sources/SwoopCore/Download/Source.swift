// SPDX-License-Identifier: Apache-2.0

/// One URL of the representation, and what a transfer knows of it. The first is the one that the user gave; the others
/// are mirrors.
struct Source: Hashable, Sendable {
    /// How far a source is believed.
    enum Standing: Hashable, Sendable {
        /// A mirror of which nothing is known. Can transition to: compared, trusted, dropped.
        case untested
        /// Samples of it are being compared with the leading source's. Can transition to: trusted, dropped.
        case compared
        /// Its bytes are used.
        case trusted
        /// It failed, or has other bytes. Never asked again.
        case dropped
    }

    /// What If-Match is good for: there a change costs a 412 and no body (RFC 9110 section 13.1.1).
    enum Matching: Hashable, Sendable {
        /// Nothing says that it is an object store. Can transition to: used.
        case unknown
        /// It is one. Can transition to: useless.
        case used
        /// It said 412 once; If-Range tells what there is instead, if there is anything else.
        case useless
    }

    /// As it was given.
    let url: HTTPURL
    /// Where requests go: ``url`` until a redirect.
    var target: HTTPURL
    var standing: Standing
    /// What a mirror's responses must agree with, once one has come. The leading source's is the transfer's own.
    var representation: Representation?
    /// Whether it honours If-Range.
    var usesIfRange = true
    /// Whether it answers If-Match as object stores do.
    var matching: Matching = .unknown
    /// Whether it has ever answered.
    var hasHeard = false
    /// Whether a 206 of it has been accepted: then a 200 is a fault of one response.
    var rangesProven = false

    /// Partial responses of it that were accepted.
    var parts = 0

    /// Failures in a row without progress, and when the last one counted.
    var failures = 0
    var failedAt: Duration = .zero
    /// Nothing is asked of its origin before this time.
    var notBefore: Duration = .zero

    /// Connections that the controller allows.
    var allowance: Int
    /// Connections that the origin seems to admit.
    var ceiling: Int
    /// Volleys of refusals that lowered the ceiling, and when the last one did.
    var ceilingHits = 0
    var ceilingHitAt: Duration = .zero
    var raiseCeilingAt: Duration?

    /// Body bytes received.
    var received: Int64 = 0
    /// Heads received, how long the newest took, and how long they take as a rule.
    var heads = 0
    var firstByte: Duration?
    var usualFirstByte: Duration = .zero
    /// Replaced stragglers in a row whose successors were no faster.
    var vainReplacements = 0

    /// Counts a head that took so long. The first one, with its connection's set-up, is forgotten soonest.
    mutating func heard(after latency: Duration) {
        heads += 1
        firstByte = latency
        usualFirstByte = heads <= 2 ? latency : (usualFirstByte * 7 + latency) / 8
    }

    init(_ url: HTTPURL, standing: Standing, options: TransferOptions) {
        self.url = url
        target = url
        self.standing = standing
        allowance = min(TransferOptions.firstConnections, options.connectionCount)
        ceiling = options.connectionCount
    }
}

// Which sources may be asked, how often, and what the rest of the process is told of it.
extension DownloadMachine {
    /// Connections that this transfer may have to a source's origin.
    func limit(of source: Int) -> Int {
        min(sources[source].ceiling, options.connections ?? sources[source].allowance)
    }

    /// Connections in use, or waiting after a failure so that they may not be used.
    func occupied(by source: Int, now: Duration) -> Int {
        slots.count { $0.source == source && ($0.exchange != nil || $0.notBefore > now) }
    }

    /// Connections that this transfer may have in all.
    var concurrency: Int {
        let usable = sources.indices.filter { sources[$0].standing == .trusted }
        return max(1, usable.reduce(0) { $0 + limit(of: $1) })
    }

    /// The source for the next request.
    func nextSource(now: Duration) -> Int? {
        guard sources.count > 1 else { return mayAsk(0, now: now) ? 0 : nil }
        let candidates = sources.indices.map { source in
            MirrorSelection.Candidate(
                isTrusted: sources[source].standing == .trusted,
                isReady: now >= sources[source].notBefore,
                allowanceLeft: limit(of: source) - occupied(by: source, now: now),
                live: live.values.count { $0.source == source },
                bytesPerSecond: throughput(of: source),
                failures: sources[source].failures
            )
        }
        return MirrorSelection.choose(from: candidates, isHead: options.window != nil)
    }

    private func mayAsk(_ source: Int, now: Duration) -> Bool {
        now >= sources[source].notBefore && occupied(by: source, now: now) < limit(of: source)
    }

    /// A connection for a source: one that it had before and that needs no new start, if possible.
    func freeSlot(for source: Int, now: Duration) -> Int? {
        var best: (slot: Int, rank: Int)?
        for (index, slot) in slots.enumerated() where slot.exchange == nil && now >= slot.notBefore {
            let rank = slot.source != source ? 0 : slot.isCold ? 1 : 2
            if rank > best?.rank ?? -1 { best = (index, rank) }
            if rank == 2 { break }
        }
        return best?.slot
    }

    /// Bytes per second of a source's connections, as far as known.
    func throughput(of source: Int) -> Double? {
        Self.mean(of: slots.lazy.filter { $0.source == source }.map(\.throughput))
    }

    /// The mean of what is known; `nil` if nothing is.
    static func mean(of rates: some Sequence<Double?>) -> Double? {
        var (sum, count) = (0.0, 0)
        for case let rate? in rates { (sum, count) = (sum + rate, count + 1) }
        return count > 0 ? sum / Double(count) : nil
    }

    mutating func allowed(_ allowance: OriginAllowance, now: Duration, into commands: inout [DownloadCommand]) {
        for index in sources.indices where sources[index].target.origin == allowance.origin {
            sources[index].allowance = max(0, min(allowance.connections, options.connectionCount))
            if allowance.ignoresIfRange { sources[index].usesIfRange = false }
            if allowance.silence > .zero {
                sources[index].notBefore = max(sources[index].notBefore, now + allowance.silence)
            }
        }
        // A probe that may be asked for now has waited for this.
        if state == .probing, live.isEmpty { probe(now: now, into: &commands) }
    }

    /// What the transfer does at each origin now, for ``OriginBook``.
    public func loads(now: Duration) -> [OriginLoad] {
        guard sources.count > 1 else { return [load(of: 0, now: now)] }
        var loads: [OriginLoad] = []
        for source in sources.indices where sources[source].standing != .dropped {
            let load = load(of: source, now: now)
            if let index = loads.firstIndex(where: { $0.origin == load.origin }) {
                loads[index].add(load)
            } else {
                loads.append(load)
            }
        }
        return loads
    }

    private func load(of source: Int, now: Duration) -> OriginLoad {
        let known = sources[source]
        var load = OriginLoad(origin: known.target.origin)
        load.received = known.received
        for segment in live.values where segment.source == source {
            load.live += 1
            if segment.acceptedAt != nil, state == .running { load.carrying += 1 }
        }
        load.demand = state >= .verifying ? load.live : max(1, load.live + leasesLeft(now: now))
        load.refusals = known.ceilingHits
        load.firstByte = known.firstByte
        load.heads = known.heads
        load.ignoresIfRange = !known.usesIfRange
        load.isHeldBack = isWindowFull
        load.silence = max(.zero, known.notBefore - now)
        return load
    }

    /// Further connections that could be given something to do.
    private func leasesLeft(now: Duration) -> Int {
        guard mode == .ranges, let length, state == .running || state == .beginning else { return 0 }
        let planned = length - done.count - SplitPolicy.firstSegment
        let left = state == .beginning ? planned : missing.isEmpty ? divisible(now: now) : missing.count
        let smallest = options.segmentSize ?? SplitPolicy.segmentBounds.lowerBound
        return Int(min(Int64(slots.count), max(0, left) / max(1, smallest) + (left > 0 ? 1 : 0)))
    }
}

extension DownloadMachine {
    /// Segments that last longer than this could be shared with further connections.
    private static let longRemainder = 2.0

    /// Bytes of live segments that others could take, once every byte has been asked for.
    private func divisible(now: Duration) -> Int64 {
        guard options.segmentSize == nil else { return 0 }
        return live.values.reduce(0) { sum, segment in
            guard segment.purpose == .lease, let rate = throughput(of: segment, now: now) else { return sum }
            let lasts = Double(segment.remaining.count) / max(rate, 1)
            return lasts > Self.longRemainder ? sum + segment.remaining.count / 2 : sum
        }
    }
}

extension OriginLoad {
    /// Adds what the same transfer does at the same origin through another source.
    fileprivate mutating func add(_ other: OriginLoad) {
        received += other.received
        carrying += other.carrying
        live += other.live
        demand += other.demand
        refusals += other.refusals
        if other.heads > 0 { firstByte = other.firstByte }
        heads += other.heads
        isHeldBack = isHeldBack || other.isHeldBack
        ignoresIfRange = ignoresIfRange || other.ignoresIfRange
        silence = max(silence, other.silence)
    }
}
