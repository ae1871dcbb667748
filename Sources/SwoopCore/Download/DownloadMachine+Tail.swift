// SPDX-License-Identifier: Apache-2.0

/// What may be spent on slow connections, and what has been.
struct TailBudget: Hashable, Sendable {
    /// Stragglers that may be replaced now. Each finished segment earns a quarter, each second two.
    var replacements = 8.0
    /// Bytes that arrived twice.
    var wasted: Int64 = 0

    /// Stragglers are not looked for before this time.
    var lookAgainAt: Duration = .zero

    static let mostReplacements = 16.0
    static let replacementsEarned = 0.25
    static let replacementsPerSecond = 2.0
    /// Bytes that may arrive twice: a fiftieth of the representation, never more than this.
    static let mostWasted: Int64 = 8 << 20

    mutating func earn(_ share: Double) { replacements = min(Self.mostReplacements, replacements + share) }
}

/// Whether we ourselves are what holds connections up. Then one that brings less than others is one that we read less of:
/// what it has brought waits in its socket, up to tens of MiB on a fast path, and closing it throws that away.
struct OwnBusyness: Hashable, Sendable {
    /// What a connection brings is measured over this time, so that it tells nothing for so long afterwards.
    private static let memory: Duration = .seconds(1)

    private var isBusy = false
    private var until: Duration?

    mutating func note(_ isBusy: Bool, now: Duration) {
        if self.isBusy { until = now + Self.memory }
        self.isBusy = isBusy
    }

    /// Whether slowness says something about us.
    func holdsUp(now: Duration) -> Bool { isBusy || until.map { now < $0 } ?? false }
}

// Slow connections: a straggler is replaced while there is work for all, the last bytes are asked for twice.
extension DownloadMachine {
    /// A straggler brings less than this share of what its siblings bring.
    private static let stragglerShare = 0.25
    /// Siblings needed to tell what is slow.
    private static let fewestSiblings = 2
    /// How often stragglers are looked for.
    private static let interval: Duration = .milliseconds(200)
    /// Replacements in a row that were no faster, after which the source is probably slow as a whole.
    private static let mostInVain = 3
    /// Times that the last bytes of one segment are asked for again.
    private static let mostHedges = 4

    /// Closes connections that crawl and asks for their bytes on new ones. What they delivered is kept. Where replacements
    /// are no faster, the source is probably slow as a whole and they become ever rarer.
    ///
    /// Source: Dean and Barroso, "The Tail at Scale", CACM 2013.
    mutating func replaceStragglers(now: Duration, into commands: inout [DownloadCommand]) {
        guard options.connections != 1, now >= tail.lookAgainAt, !busyness.holdsUp(now: now) else { return }
        tail.lookAgainAt = now + Self.interval
        tail.earn(Self.interval.seconds * TailBudget.replacementsPerSecond)
        let rates = live.compactMapValues { segment -> Double? in
            guard segment.purpose == .lease, isOldEnough(segment, now: now) else { return nil }
            return segment.recentThroughput(now: now)
        }
        judgeReplacements(rates)
        for (id, rate) in rates.sorted(by: { $0.key < $1.key }) {
            guard let usual = usual(rates, of: id), rate < Self.stragglerShare * usual else { continue }
            replace(id, throughput: rate, median: usual, now: now, into: &commands)
        }
    }

    /// What a connection is held against: its siblings' median, or half of what the source's connections brought last,
    /// whichever is more. Where short segments come and go, only those that crawl live long enough to be measured.
    private func usual(_ rates: [ExchangeID: Double], of id: ExchangeID) -> Double? {
        let median = rates.count > Self.fewestSiblings ? rates.values.sorted()[rates.count / 2] : nil
        let known = live[id].flatMap { throughput(of: $0.source) }.map { $0 / 2 }
        return [median, known].compactMap { $0 }.max()
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
        guard var segment = live[id], !segment.wasHedged, tail.replacements >= price(of: segment),
            isWorthReplacing(segment, throughput, median), now >= sources[segment.source].notBefore
        else { return }
        tail.replacements -= price(of: segment)
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

    /// Whether a new connection would be done in less than half the time, its handshakes included.
    private func isWorthReplacing(_ segment: Segment, _ throughput: Double, _ median: Double) -> Bool {
        let remaining = Double(segment.remaining.count)
        let anew = 2 * sources[segment.source].usualFirstByte.seconds + remaining / max(median, 1)
        return remaining / max(throughput, 1) > max(0.5, 2 * anew)
    }

    /// What a replacement costs: more for bytes that were replaced before, and where replacing did not help.
    private func price(of segment: Segment) -> Double {
        let isVain = sources[segment.source].vainReplacements >= Self.mostInVain
        return min(TailBudget.mostReplacements, Double(1 + segment.replacements) * (isVain ? 4 : 1))
    }

    private mutating func judgeReplacements(_ rates: [ExchangeID: Double]) {
        for (id, rate) in rates {
            guard let segment = live[id], let before = segment.replacedThroughput else { continue }
            live[id]?.replacedThroughput = nil
            let isBetter = rate >= before * 1.25
            sources[segment.source].vainReplacements = isBetter ? 0 : sources[segment.source].vainReplacements + 1
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
        guard options.connections != 1, missing.isEmpty, let length, now >= sources[source].notBefore,
            !busyness.holdsUp(now: now)
        else { return false }
        let pledged = live.values.reduce(tail.wasted) { $0 + ($1.hedge == nil ? 0 : $1.remaining.count) }
        let affordable = min(TailBudget.mostWasted, length / 50) - pledged
        let candidates = live.filter { _, segment in
            segment.purpose == .lease && segment.hedges < Self.mostHedges && segment.source == source
                // What its own late hedge was to bring is free again.
                && segment.remaining.count <= affordable + (segment.hedge == nil ? 0 : segment.remaining.count)
                && isLate(segment, now: now)
                && !isHedgeAlive(segment, now: now)
        }
        let oldest = candidates.min { ($0.value.heardAt, $0.key) < ($1.value.heardAt, $1.key) }
        guard let (id, segment) = oldest else { return false }
        if let hedge = segment.hedge { drop(hedge, into: &commands) }
        var second = segment
        second.hedge = nil
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

    /// Whether a segment is hedged on a connection that is not late itself.
    private func isHedgeAlive(_ segment: Segment, now: Duration) -> Bool {
        guard let id = segment.hedge, let hedge = live[id] else { return false }
        return !isLate(hedge, now: now)
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
        tail.earn(TailBudget.replacementsEarned)
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
