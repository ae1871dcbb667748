// SPDX-License-Identifier: Apache-2.0

// Leasing ranges to connections: the next unrequested bytes while there are any, then the tails of live segments.
extension DownloadMachine {
    /// The next lease: the first bytes that nobody has asked for, else the tail of the segment that would end last.
    mutating func nextRange(
        for slot: Int,
        from source: Int,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) -> ByteRange? {
        if let gap = nextGap(for: source) {
            let upper = min(gap.upper, windowEnd)
            var range = ByteRange(gap.lower, min(upper, gap.lower + leaseSize(for: slot, from: source, now: now)))
            // A crumb at the window's edge waits until it is worth a request.
            if range.upper == upper, upper < gap.upper, range.count < SplitPolicy.minimumTail { return nil }
            if gap.upper - range.upper < SplitPolicy.minimumTail { range = ByteRange(range.lower, upper) }
            if let ledger { range = ByteRange(range.lower, ledger.bound(range.lower, range.upper, below: gap.upper)) }
            missing.remove(range)
            return range
        }
        return options.segmentSize == nil ? stealTail(for: slot, from: source, now: now, into: &commands) : nil
    }

    /// How many bytes a connection is to be asked for. `rate` is what it brings, if that is known better than from its last
    /// segment.
    func leaseSize(for slot: Int, from source: Int, bringing rate: Double? = nil, now: Duration) -> Int64 {
        let concurrency = concurrency
        let size = SplitPolicy.segmentSize(
            unrequested: missing.count,
            connections: concurrency,
            throughput: rate ?? slots[slot].throughput ?? throughput(of: source)
                ?? Self.mean(of: slots.lazy.map(\.throughput)),
            latency: sources[source].usualFirstByte,
            age: now,
            fixed: options.segmentSize
        )
        guard let window = options.window else { return size }
        // Twice as many leases as connections fit into the window, so that those behind the head have room to run.
        return min(size, max(SplitPolicy.minimumTail, window / Int64(concurrency) / 2))
    }

    /// One past the last byte that may be leased.
    var windowEnd: Int64 {
        guard let window = options.window else { return .max }
        return consumed + window
    }

    /// Whether bytes are missing and nothing but the reader keeps them from being asked for.
    var isWindowFull: Bool {
        guard options.window != nil, let first = missing.ranges.first else { return false }
        return windowEnd - first.lower < SplitPolicy.minimumTail
    }

    private mutating func stealTail(
        for slot: Int,
        from source: Int,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) -> ByteRange? {
        // Where our own thread is what takes time, it takes as much however the bytes are divided.
        guard !busyness.holdsUp(now: now) else { return nil }
        let leased = live.filter { isDivisible($0.value, now: now) }.sorted { $0.key < $1.key }
        let measured = leased.map { throughput(of: $0.value, now: now) }
        let mean = Self.mean(of: measured)
        let candidates = zip(leased, measured).map { segment, throughput in
            SplitPolicy.Candidate(
                exchange: segment.key,
                remaining: segment.value.remaining,
                throughput: isWarming(segment.value, now: now) ? max(throughput ?? 0, mean ?? 0) : throughput ?? mean
            )
        }
        var thief = thief(on: slot, from: source, mean: mean)
        let idle = max(1, limit(of: source) - occupied(by: source, now: now))
        thief.count = (idle + max(1, candidates.count) - 1) / max(1, candidates.count)
        guard let (id, newUpper) = SplitPolicy.steal(from: candidates, by: thief), var segment = live[id] else {
            return nil
        }
        let tail = ByteRange(newUpper, segment.range.upper)
        segment.range = ByteRange(segment.range.lower, newUpper)
        segment.wasCut = true
        live[id] = segment
        if segment.acceptedAt != nil { commands.append(.shorten(id, to: newUpper)) }
        commands.append(.note(.shortened(connection: segment.connection, at: newUpper)))
        return tail
    }

    /// What a free connection may be expected to bring. A cold one has to connect, and to double its window until it
    /// carries what its siblings do.
    private func thief(on slot: Int, from source: Int, mean: Double?) -> SplitPolicy.Thief {
        let known = sources[source]
        var thief = SplitPolicy.Thief(
            throughput: slots[slot].throughput ?? throughput(of: source) ?? mean,
            latency: known.firstByte ?? .zero
        )
        if slots[slot].isCold {
            thief.latency += SplitPolicy.warmingTime(to: thief.throughput ?? 0, roundTrip: known.usualFirstByte)
        }
        return thief
    }

    /// Whether a connection still doubles its window: it will carry what its siblings do.
    private func isWarming(_ segment: Segment, now: Duration) -> Bool {
        guard segment.startedCold, let acceptedAt = segment.acceptedAt else { return false }
        let rate = throughput(of: segment.source) ?? 0
        return now - acceptedAt < SplitPolicy.warmingTime(to: rate, roundTrip: sources[segment.source].usualFirstByte)
    }

    /// Nothing is taken from a segment that has hardly begun: how fast it is cannot be known yet.
    private func isDivisible(_ segment: Segment, now: Duration) -> Bool {
        let settles = max(Self.settlingTime, sources[segment.source].usualFirstByte * Self.settlingTrips)
        guard let acceptedAt = segment.acceptedAt, now - acceptedAt >= settles else { return false }
        return segment.purpose == .lease && !segment.wasHedged && ledger?.isSolo(segment.range) != true
    }

    private static let settlingTime: Duration = .milliseconds(200)
    private static let settlingTrips = 4

    /// Bytes per second of a segment lately, or its connection's last known rate.
    func throughput(of segment: Segment, now: Duration) -> Double? {
        if let recent = segment.recentThroughput(now: now) { return recent }
        guard let acceptedAt = segment.acceptedAt, now - acceptedAt > .milliseconds(100) else {
            return slots[segment.connection].throughput
        }
        return Double(segment.received) / (now - acceptedAt).seconds
    }

    /// Asks a source for a range, where it was last found.
    mutating func open(
        _ range: ByteRange,
        on slot: Int,
        from source: Int,
        for purpose: Segment.Purpose = .lease,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        let segment = Segment(
            purpose: purpose,
            connection: slot,
            source: source,
            range: range,
            position: range.lower,
            place: place(of: sources[source].target),
            openedAt: now,
            heardAt: now,
            isConditional: false,
            asksRange: mode == .ranges,
            redirects: 0
        )
        open(segment, into: &commands)
    }

    /// Sends the request for a segment that has received nothing yet.
    @discardableResult
    mutating func open(_ segment: Segment, into commands: inout [DownloadCommand]) -> ExchangeID {
        let id = ExchangeID(nextOrdinal)
        nextOrdinal += 1
        let source = sources[segment.source]
        let known = segment.asksRange ? expected(of: segment.source) : nil
        let match = source.matching == .used ? known?.entityTag.flatMap { $0.isWeak ? nil : $0.wireForm } : nil
        let condition = match == nil && source.usesIfRange ? known?.strongValidator : nil
        live[id] = segment
        live[id]?.isConditional = condition != nil
        live[id]?.isMatched = match != nil
        live[id]?.startedCold = slots[segment.connection].isCold
        slots[segment.connection].exchange = id
        slots[segment.connection].source = segment.source
        let url = url(at: segment.place)
        let request = ExchangeRequest(
            connection: segment.connection,
            url: url,
            range: segment.asksRange ? segment.range : nil,
            ifRange: condition,
            ifMatch: match,
            isTrusted: segment.source == 0 && url.origin == self.url.origin
        )
        commands.append(
            .note(.request(connection: segment.connection, url: url.redacted, range: request.range))
        )
        commands.append(segment.isSample ? .sample(id, request) : .open(id, request))
        return id
    }

    /// Asks for the same bytes again, on the same connection slot.
    mutating func reopen(
        _ id: ExchangeID,
        at next: HTTPURL?,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard var segment = live[id] else { return }
        release(id)
        commands.append(.abort(id))
        segment.restart(now: now)
        if let next {
            segment.place = place(of: next)
            segment.redirects += 1
        }
        let new = open(segment, into: &commands)
        if case .hedge(let hedged) = segment.purpose { live[hedged]?.hedge = new }
        if let hedge = segment.hedge { live[hedge]?.purpose = .hedge(of: new) }
    }
}
