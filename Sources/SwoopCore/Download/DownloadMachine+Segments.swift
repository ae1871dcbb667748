// SPDX-License-Identifier: Apache-2.0

// Counting what arrives, until all of it is there and has its name.
extension DownloadMachine {
    /// After every event while bytes flow: end if all is written, else keep every allowed connection busy.
    mutating func advance(now: Duration, into commands: inout [DownloadCommand]) {
        if let length, done.count == length, ledger?.isComplete ?? true { return complete(now: now, into: &commands) }
        checkpoint(now: now, into: &commands)
        replaceStalled(now: now, into: &commands)
        guard state == .running else { return }
        raiseCeilings(now: now)
        guard mode == .ranges else { return }
        examineMirrors(now: now, into: &commands)
        replaceStragglers(now: now, into: &commands)
        steerOpenResponse(now: now, into: &commands)
        while let source = nextSource(now: now), let slot = freeSlot(for: source, now: now) {
            if let range = nextRange(for: slot, from: source, now: now, into: &commands) {
                open(range, on: slot, from: source, now: now, into: &commands)
            } else if !hedge(on: slot, from: source, now: now, into: &commands) {
                break
            }
        }
    }

    mutating func wrote(_ id: ExchangeID, upTo: Int64, now: Duration, into commands: inout [DownloadCommand]) {
        guard state == .running, var segment = live[id], segment.acceptedAt != nil else { return }
        let fresh = ByteRange(segment.position, min(upTo, segment.range.upper))
        segment.heardAt = now
        sources[segment.source].received += segment.isSample ? 0 : fresh.count
        guard !segment.isSample, !fresh.isEmpty else {
            live[id] = segment
            return
        }
        segment.position = fresh.upper
        segment.received += fresh.count
        segment.measure(now: now)
        live[id] = segment
        slots[segment.connection].failures = 0
        let before = done.count
        done.insert(fresh)
        if ledger != nil {
            ledger?.wrote(fresh, from: segment.source)
            check(fresh, into: &commands)
        } else if isJournaled {
            unjournaled.insert(fresh)
        }
        rate.add(done.count - before, now: now)
        tail.wasted += fresh.count - (done.count - before)
        if done.count > mostDone {
            mostDone = done.count
            sources[segment.source].failures = 0
        }
        follow(into: &commands)
        if let limit = options.maximumLength, done.count > limit {
            fail(.tooLarge(length: done.count, limit: limit), into: &commands)
        }
    }

    /// Tells the digest follower how far the contiguous prefix reaches, a MiB or more at a time.
    private mutating func follow(into commands: inout [DownloadCommand]) {
        let frontier = claimable.frontier
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

    mutating func finishSegment(
        _ id: ExchangeID,
        _ segment: Segment,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        release(id)
        slots[segment.connection].isCold = segment.wasCut
        settle(segment, now: now, into: &commands)
        // The wait for the head counts: a window's worth that comes at once says nothing of how the next one will come.
        let span = now - segment.openedAt
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

    /// Takes an exchange out. What it had not delivered is its caller's business.
    mutating func release(_ id: ExchangeID) {
        guard let segment = live.removeValue(forKey: id) else { return }
        slots[segment.connection].exchange = nil
        slots[segment.connection].isCold = true
        if case .hedge(let hedged) = segment.purpose { live[hedged]?.hedge = nil }
        if held?.exchange == id { held = nil }
        if openResponse == id { openResponse = nil }
    }

    /// Aborts an exchange and puts its bytes back.
    mutating func abandon(_ id: ExchangeID, _ segment: Segment, into commands: inout [DownloadCommand]) {
        if let hedge = segment.hedge { drop(hedge, into: &commands) }
        drop(id, into: &commands)
        if state == .running, mode == .ranges, segment.purpose == .lease { insertMissing(segment.remaining) }
    }

    /// Aborts an exchange. What it had not delivered is its caller's business.
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
        for (id, segment) in live.sorted(by: { $0.key < $1.key }) where segment.remaining.isEmpty && live[id] != nil {
            finishSegment(id, segment, now: now, into: &commands)
            commands.append(.abort(id))
        }
        abortAll(into: &commands)
        flushJournal(into: &commands)
        if sources.count > 1 {
            for source in sources where source.received > 0 {
                commands.append(.note(.sourceDelivered(url: source.url.redacted, bytes: source.received)))
            }
        }
        commands += [.hash(upTo: done.count), .note(.received)]
        guard !options.digestsToCompute.isEmpty || stated != nil else {
            return publish(into: &commands)
        }
        state = .verifying
        commands.append(.verify(length: done.count))
    }

    mutating func verified(_ digests: [Digest], into commands: inout [DownloadCommand]) {
        guard state == .verifying else { return }
        let agreed = options.expectedDigest ?? stated
        if let agreed, let actual = digests.first(where: { $0.algorithm == agreed.algorithm }), actual != agreed {
            discard(into: &commands)
            return fail(mismatch(actual, agreed), into: &commands)
        }
        commands.append(.note(.verified(digests, agreed: agreed)))
        publish(into: &commands)
    }

    private func mismatch(_ actual: Digest, _ agreed: Digest) -> TransferFailure {
        let fate = options.window == nil ? "nothing was kept" : "it has already been written to standard output"
        let source = options.expectedDigest == nil ? ", as the origin says" : ""
        let what = "its \(actual.algorithm.rawValue) is \(actual.hex), not \(agreed.hex)\(source): \(fate)"
        return TransferFailure(.digestMismatch, what)
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
