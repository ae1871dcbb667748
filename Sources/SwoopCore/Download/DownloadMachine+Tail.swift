// SPDX-License-Identifier: Apache-2.0

/// What may be spent on slow connections, and what has been.
struct TailBudget: Hashable, Sendable {
    /// Stragglers that may be replaced now. Each finished segment earns a tenth.
    var replacements = 2.0
    /// Bytes that arrived twice.
    var wasted: Int64 = 0

    /// Stragglers are not looked for before this time.
    var lookAgainAt: Duration = .zero

    static let mostReplacements = 4.0
    static let replacementsEarned = 0.1
    /// Bytes that may arrive twice: a fiftieth of the representation, never more than this.
    static let mostWasted: Int64 = 8 << 20
}

// Slow connections: a straggler is replaced while there is work for all, the last bytes are asked for twice.
extension DownloadMachine {
    /// A straggler brings less than this share of what its siblings bring.
    private static let stragglerShare = 0.25
    /// Siblings needed to tell what is slow.
    private static let fewestSiblings = 2
    /// How often stragglers are looked for.
    private static let interval: Duration = .milliseconds(200)
    /// Replacements for the same bytes.
    private static let mostReplacements = 2

    /// Closes connections that crawl and asks for their bytes on new ones. What they delivered is kept, and never worse:
    /// where a replacement is no faster, the source is slow throughout and nothing more is replaced.
    ///
    /// Source: Dean and Barroso, "The Tail at Scale", CACM 2013.
    mutating func replaceStragglers(now: Duration, into commands: inout [DownloadCommand]) {
        guard options.connections != 1, live.count > Self.fewestSiblings, now >= tail.lookAgainAt else { return }
        tail.lookAgainAt = now + Self.interval
        let rates = live.compactMapValues { segment -> Double? in
            guard segment.purpose == .lease, isOldEnough(segment, now: now) else { return nil }
            return segment.recentThroughput(now: now)
        }
        guard rates.count > Self.fewestSiblings else { return }
        judgeReplacements(rates)
        let median = rates.values.sorted()[rates.count / 2]
        for (id, rate) in rates.sorted(by: { $0.key < $1.key }) where rate < Self.stragglerShare * median {
            replace(id, throughput: rate, median: median, now: now, into: &commands)
        }
    }

    private func isOldEnough(_ segment: Segment, now: Duration) -> Bool {
        guard let acceptedAt = segment.acceptedAt else { return false }
        return now - acceptedAt >= max(.seconds(1), (sources[segment.source].firstByte ?? .zero) * 4)
    }

    private mutating func replace(
        _ id: ExchangeID,
        throughput: Double,
        median: Double,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard var segment = live[id], !segment.wasHedged, tail.replacements >= 1,
            segment.replacements < Self.mostReplacements, !sources[segment.source].isSlowThroughout,
            Double(segment.remaining.count) > median / 2, now >= sources[segment.source].notBefore
        else { return }
        tail.replacements -= 1
        noteDelivery(of: segment, now: now, into: &commands)
        commands.append(.note(.replaced(connection: segment.connection, throughput: throughput, median: median)))
        drop(id, into: &commands)
        segment.restart(now: now)
        segment.place = place(of: sources[segment.source].target)
        segment.redirects = 0
        segment.replacements += 1
        segment.replacedThroughput = throughput
        open(segment, into: &commands)
    }

    private mutating func judgeReplacements(_ rates: [ExchangeID: Double]) {
        for (id, rate) in rates {
            guard let segment = live[id], let before = segment.replacedThroughput else { continue }
            live[id]?.replacedThroughput = nil
            if rate < before * 1.25 { sources[segment.source].isSlowThroughout = true }
        }
    }

    /// Asks a second time for the last bytes of a segment that may take too long, if there is something left to waste.
    ///
    /// - Returns: whether it did.
    mutating func hedge(
        on slot: Int,
        from source: Int,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) -> Bool {
        guard options.segmentSize == nil, options.connections != 1, missing.isEmpty, let length,
            now >= sources[source].notBefore
        else { return false }
        let pledged = live.values.reduce(tail.wasted) { $0 + ($1.hedge == nil ? 0 : $1.remaining.count) }
        let affordable = min(TailBudget.mostWasted, length / 50) - pledged
        let candidates = live.filter { _, segment in
            segment.purpose == .lease && !segment.wasHedged && segment.source == source
                && segment.remaining.count <= affordable && isLate(segment, now: now)
        }
        let oldest = candidates.min { ($0.value.heardAt, $0.key) < ($1.value.heardAt, $1.key) }
        guard let (id, segment) = oldest else { return false }
        var second = segment
        second.restart(now: now)
        second.purpose = .hedge(of: id)
        second.connection = slot
        second.place = place(of: sources[source].target)
        second.redirects = 0
        commands.append(.note(.hedged(connection: slot, range: second.range)))
        let hedge = open(second, into: &commands)
        live[id]?.hedge = hedge
        return true
    }

    /// Whether a second connection would likely be done sooner: three times the usual wait for the head is over, or what
    /// remains takes three times as long as it would elsewhere.
    private func isLate(_ segment: Segment, now: Duration) -> Bool {
        let usual = sources[segment.source].usualFirstByte
        let patience = max(.milliseconds(250), usual * 3)
        guard segment.acceptedAt != nil else { return now - segment.openedAt >= patience }
        guard let rate = segment.recentThroughput(now: now),
            let elsewhere = throughput(of: segment.source)
        else { return false }
        let remaining = Double(segment.remaining.count)
        let second = usual.seconds + remaining / max(elsewhere, 1)
        return remaining / max(rate, 1) > max(3 * second, patience.seconds)
    }

    /// A segment is complete: the other connection that was asked for its bytes is not needed any more.
    mutating func settle(_ segment: Segment, now: Duration, into commands: inout [DownloadCommand]) {
        tail.replacements = min(TailBudget.mostReplacements, tail.replacements + TailBudget.replacementsEarned)
        if let hedge = segment.hedge { drop(hedge, into: &commands) }
        guard case .hedge(let slow) = segment.purpose, let loser = live[slow], done.contains(loser.remaining) else {
            return
        }
        noteDelivery(of: loser, now: now, into: &commands)
        drop(slow, into: &commands)
    }

    /// Puts bytes back that are to be asked for again; what a hedge delivered of them is not.
    mutating func insertMissing(_ range: ByteRange) {
        guard done.count(in: range) > 0 else { return missing.insert(range) }
        missing.formUnion(done.gaps(in: range))
    }
}
