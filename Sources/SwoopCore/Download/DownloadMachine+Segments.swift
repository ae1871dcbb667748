// SPDX-License-Identifier: Apache-2.0

// Leasing ranges to connections, counting what arrives, shortening the last ones.
extension DownloadMachine {
    /// After every event while bytes flow: end if all is written, else keep every allowed connection busy.
    mutating func advance(now: Duration, into commands: inout [DownloadCommand]) {
        if let length, done.count == length { return complete(now: now, into: &commands) }
        checkpoint(now: now, into: &commands)
        replaceStalled(now: now, into: &commands)
        guard state == .running else { return }
        raiseCeiling(now: now)
        guard mode == .ranges else { return }
        while let slot = freeSlot(now: now), let range = nextRange(for: slot, now: now, into: &commands) {
            open(range, on: slot, url: target, redirects: 0, now: now, into: &commands)
        }
    }

    private func freeSlot(now: Duration) -> Int? {
        guard live.count < ceiling, now >= originNotBefore else { return nil }
        return slots.firstIndex { $0.exchange == nil && now >= $0.notBefore }
    }

    /// The next lease: the first bytes that nobody has asked for, else the tail of the segment that would end last.
    private mutating func nextRange(
        for slot: Int,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) -> ByteRange? {
        if let gap = missing.ranges.first {
            let size = SplitPolicy.segmentSize(
                unrequested: missing.count,
                connections: ceiling,
                throughput: slots[slot].throughput ?? meanThroughput,
                fixed: options.segmentSize
            )
            let range = ByteRange(gap.lower, min(gap.upper, gap.lower + size))
            missing.remove(range)
            return range
        }
        return options.segmentSize == nil ? stealTail(now: now, into: &commands) : nil
    }

    private var meanThroughput: Double? { Self.mean(of: slots.map(\.throughput)) }

    /// The mean of what is known; `nil` if nothing is.
    private static func mean(of rates: [Double?]) -> Double? {
        let known = rates.compactMap { $0 }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    private mutating func stealTail(now: Duration, into commands: inout [DownloadCommand]) -> ByteRange? {
        let segments = live.sorted { $0.key < $1.key }
        let measured = segments.map { throughput(of: $0.value, now: now) }
        let mean = Self.mean(of: measured)
        let candidates = zip(segments, measured).map { segment, throughput in
            SplitPolicy.Candidate(
                exchange: segment.key,
                remaining: segment.value.remaining,
                throughput: throughput ?? mean
            )
        }
        guard let (id, newUpper) = SplitPolicy.steal(from: candidates), var segment = live[id] else { return nil }
        let tail = ByteRange(newUpper, segment.range.upper)
        segment.range = ByteRange(segment.range.lower, newUpper)
        live[id] = segment
        if segment.acceptedAt != nil { commands.append(.shorten(id, to: newUpper)) }
        commands.append(.note(.shortened(connection: segment.connection, at: newUpper)))
        return tail
    }

    /// Bytes per second of a segment since its head arrived, or its connection's last known rate.
    private func throughput(of segment: Segment, now: Duration) -> Double? {
        guard let acceptedAt = segment.acceptedAt, now - acceptedAt > .milliseconds(100) else {
            return slots[segment.connection].throughput
        }
        return Double(segment.received) / (now - acceptedAt).seconds
    }

    mutating func open(
        _ range: ByteRange,
        on slot: Int,
        url: HTTPURL,
        redirects: Int,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        let id = ExchangeID(nextOrdinal)
        nextOrdinal += 1
        let asksRange = mode == .ranges
        let condition = asksRange && usesIfRange ? expected?.strongValidator : nil
        live[id] = Segment(
            connection: slot,
            range: range,
            position: range.lower,
            url: url,
            openedAt: now,
            heardAt: now,
            isConditional: condition != nil,
            asksRange: asksRange,
            redirects: redirects
        )
        slots[slot].exchange = id
        let request = ExchangeRequest(
            connection: slot,
            url: url,
            range: asksRange ? range : nil,
            ifRange: condition,
            isTrusted: url.origin == self.url.origin
        )
        commands.append(.note(.request(connection: slot, url: url.redacted, range: request.range)))
        commands.append(.open(id, request))
    }

    /// Asks for the same bytes again, on the same connection slot.
    mutating func reopen(
        _ id: ExchangeID,
        at next: HTTPURL?,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard let segment = live[id] else { return }
        release(id)
        commands.append(.abort(id))
        open(
            segment.remaining,
            on: segment.connection,
            url: next ?? segment.url,
            redirects: next == nil ? segment.redirects : segment.redirects + 1,
            now: now,
            into: &commands
        )
    }

    mutating func wrote(_ id: ExchangeID, upTo: Int64, now: Duration, into commands: inout [DownloadCommand]) {
        guard state == .running, var segment = live[id], segment.acceptedAt != nil else { return }
        let fresh = ByteRange(segment.position, min(upTo, segment.range.upper))
        segment.heardAt = now
        guard !fresh.isEmpty else {
            live[id] = segment
            return
        }
        segment.position = fresh.upper
        segment.received += fresh.count
        live[id] = segment
        slots[segment.connection].failures = 0
        done.insert(fresh)
        if isJournaled { unjournaled.insert(fresh) }
        rate.add(fresh.count, now: now)
        if done.count > mostDone {
            mostDone = done.count
            failures = 0
        }
        follow(into: &commands)
        if let limit = options.maximumLength, done.count > limit {
            fail(.tooLarge(length: done.count, limit: limit), into: &commands)
        }
    }

    /// Tells the digest follower how far the contiguous prefix reaches, a MiB or more at a time.
    private mutating func follow(into commands: inout [DownloadCommand]) {
        let frontier = done.frontier
        guard frontier - hashed >= 1 << 20 else { return }
        hashed = frontier
        commands.append(.hash(upTo: frontier))
    }

    mutating func closed(
        _ id: ExchangeID,
        _ failure: TransferFailure?,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard let segment = live[id] else { return }
        if let failure { return retry(id, failure, now: now, into: &commands) }
        let isWholeOfUnknownLength = segment.acceptedAt != nil && length == nil && mode == .whole
        if isWholeOfUnknownLength { pinned?.length = segment.position }
        guard isWholeOfUnknownLength || segment.remaining.isEmpty else {
            let what = "the connection closed before the response was complete"
            return retry(id, TransferFailure(.connectionLost, what), now: now, into: &commands)
        }
        finishSegment(id, segment, now: now, into: &commands)
    }

    private mutating func finishSegment(
        _ id: ExchangeID,
        _ segment: Segment,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        release(id)
        let span = now - (segment.acceptedAt ?? segment.openedAt)
        if segment.received > 0, span > .milliseconds(1) {
            slots[segment.connection].throughput = Double(segment.received) / span.seconds
        }
        noteDelivery(of: segment, now: now, into: &commands)
    }

    /// Tells what a connection delivered, of a whole segment or of one that broke off.
    mutating func noteDelivery(of segment: Segment, now: Duration, into commands: inout [DownloadCommand]) {
        commands.append(
            .note(
                .segment(
                    connection: segment.connection,
                    range: ByteRange(segment.range.lower, segment.position),
                    elapsed: now - segment.openedAt
                )
            )
        )
    }

    /// Takes an exchange out; what it had not delivered is missing again.
    mutating func release(_ id: ExchangeID) {
        guard let segment = live.removeValue(forKey: id) else { return }
        slots[segment.connection].exchange = nil
        if held?.exchange == id { held = nil }
    }

    /// Aborts an exchange; what it had not delivered is missing again.
    mutating func drop(_ id: ExchangeID, into commands: inout [DownloadCommand]) {
        guard live[id] != nil else { return }
        release(id)
        commands.append(.abort(id))
    }

    mutating func abortAll(into commands: inout [DownloadCommand]) {
        for id in live.keys.sorted() { drop(id, into: &commands) }
    }

    /// Every byte is written: prove it, then publish.
    private mutating func complete(now: Duration, into commands: inout [DownloadCommand]) {
        for (id, segment) in live.sorted(by: { $0.key < $1.key }) where segment.remaining.isEmpty {
            finishSegment(id, segment, now: now, into: &commands)
            commands.append(.abort(id))
        }
        abortAll(into: &commands)
        flushJournal(into: &commands)
        commands.append(.hash(upTo: done.count))
        guard !options.digestsToCompute.isEmpty else {
            return publish(into: &commands)
        }
        state = .verifying
        commands.append(.verify(length: done.count))
    }

    mutating func verified(_ digests: [Digest], into commands: inout [DownloadCommand]) {
        guard state == .verifying else { return }
        if let expected = options.expectedDigest, let actual = digests.first, actual != expected {
            discard(into: &commands)
            return fail(
                TransferFailure(
                    .digestMismatch,
                    "its \(actual.algorithm.rawValue) is \(actual.hex), not \(expected.hex): nothing was kept"
                ),
                into: &commands
            )
        }
        commands.append(.note(.verified(digests)))
        publish(into: &commands)
    }

    private mutating func publish(into commands: inout [DownloadCommand]) {
        state = .publishing
        commands.append(.publish(replacing: replaces))
    }

    mutating func published(into commands: inout [DownloadCommand]) {
        guard state == .publishing else { return }
        state = .finished
        commands.append(.finish)
    }
}
