// SPDX-License-Identifier: Apache-2.0

// What failures do: wait and ask again, ask with fewer connections, start over, or end.
extension DownloadMachine {
    /// Longest wait that an origin may ask for before the transfer is given up for now.
    private static let longestRetryAfter: Duration = .seconds(600)

    /// An exchange failed: its remaining bytes are missing again, and the policy decides who asks for them when.
    mutating func retry(
        _ id: ExchangeID,
        _ failure: TransferFailure,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard let segment = live[id] else { return }
        if segment.received > 0 { noteDelivery(of: segment, now: now, into: &commands) }
        drop(id, into: &commands)
        // A hedge was only a second chance; the bytes are still asked for.
        if case .hedge = segment.purpose { return }
        if let hedge = segment.hedge { drop(hedge, into: &commands) }
        // The disk is being made ready: once it is, the lost probe's bytes are asked for like any others.
        guard state != .preparing, state != .beginning else { return }
        if state == .running, mode == .ranges, segment.purpose == .lease { insertMissing(segment.remaining) }
        let othersSucceed = live.values.contains { $0.acceptedAt != nil && $0.source == segment.source }
        switch RetryPolicy.disposition(of: failure) {
        case .permanent:
            // A URL that answers once: its one response brings the rest.
            if isOnlyResponse(of: segment.source) {
                return lowerCeiling(segment, failure, now: now, into: &commands)
            }
            guard resolveAgain(segment.source, after: failure) else {
                return giveUp(on: segment.source, failure, now: now, into: &commands)
            }
            wait(segment, failure, now: now, into: &commands)
        case .permanentUnlessOthersSucceed:
            if othersSucceed { return lowerCeiling(segment, failure, now: now, into: &commands) }
            guard resolveAgain(segment.source, after: failure) || sources[segment.source].rangesProven else {
                return giveUp(on: segment.source, failure, now: now, into: &commands)
            }
            wait(segment, failure, now: now, into: &commands)
        case .transientOrTooMany:
            slots[segment.connection].failures += 1
            let isFirstLoss = failure.code == .connectionLost && slots[segment.connection].failures == 1
            if othersSucceed, segment.acceptedAt == nil, !isFirstLoss {
                return lowerCeiling(segment, failure, now: now, into: &commands)
            }
            wait(segment, failure, now: now, into: &commands)
        case .transient:
            slots[segment.connection].failures += 1
            wait(segment, failure, now: now, into: &commands)
        }
    }

    /// A target that a redirect named may have expired: the URL that the user gave may lead to a new one.
    private mutating func resolveAgain(_ source: Int, after failure: TransferFailure) -> Bool {
        let (given, target) = (sources[source].url, sources[source].target)
        guard failure.code == .status, target != given, [401, 403, 404, 410].contains(failure.status) else {
            return false
        }
        sources[source].target = given
        return true
    }

    /// Counts the failure, and lets its connection wait; too many without progress end the transfer.
    ///
    /// Failures of one volley count once: only an exchange that was opened after the last counted failure counts.
    private mutating func wait(
        _ segment: Segment,
        _ failure: TransferFailure,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        let source = segment.source
        if segment.openedAt >= sources[source].failedAt || sources[source].failures == 0 {
            sources[source].failures += 1
            sources[source].failedAt = now
        }
        let failures = sources[source].failures
        guard failures <= patience(with: source, after: failure) else {
            if mayDoWithoutRanges(source, after: failure) {
                return fallBackToWhole("its answers to ranges contradict themselves", now: now, into: &commands)
            }
            return giveUp(on: source, failure.givenUp(after: failures), now: now, into: &commands)
        }
        guard honour(failure, of: source, now: now, into: &commands) else { return }
        let attempt = max(failures, slots[segment.connection].failures)
        let madeProgress = segment.received >= SplitPolicy.minimumTail
        let pause =
            madeProgress
            ? .zero
            : RetryPolicy.backOff(
                attempt: attempt,
                base: segment.received > 0 ? options.retryWait / 10 : options.retryWait,
                random: random.unit()
            )
        let until = max(now + pause, sources[source].notBefore)
        slots[segment.connection].notBefore = until
        commands.append(
            .note(
                .retrying(connection: segment.connection, reason: failure, wait: until - now, attempt: attempt)
            )
        )
        askAgainIfProbing(now: now, into: &commands)
    }

    /// Whether an origin that has only ever contradicted itself when asked for ranges may be asked for everything: nothing is
    /// lost by that.
    private func mayDoWithoutRanges(_ source: Int, after failure: TransferFailure) -> Bool {
        failure.code == .invalidResponse && mode == .ranges && state == .probing && source == lead
            && !sources[source].rangesProven && recovered == nil
    }

    /// Nothing more can be had from a source: the transfer goes on with the others, or ends.
    mutating func giveUp(
        on source: Int,
        _ failure: TransferFailure,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard hasAlternative(to: source) else { return fail(failure, into: &commands) }
        drop(source, because: failure.message, into: &commands)
        if state != .running { abortAll(into: &commands) }
        if state == .running, !isLeadProven { return startOver(now: now, into: &commands) }
        askAgainIfProbing(now: now, into: &commands)
    }

    /// The source that took the lead may have other bytes than those that are here: nothing is mixed.
    private mutating func startOver(now: Duration, into commands: inout [DownloadCommand]) {
        commands.append(
            .note(.restarting(reason: "the source of the first bytes is gone, others are not compared yet"))
        )
        pinned = nil
        forget(into: &commands)
        probe(now: now, into: &commands)
    }

    /// How many failures in a row this one may be the last of. Nobody wants to wait minutes for a mistyped host, and an
    /// origin that has only ever contradicted itself seldom stops.
    private func patience(with source: Int, after failure: TransferFailure) -> Int {
        if hasAlternative(to: source) { return min(MirrorSelection.maximumFailures, options.retries) }
        let source = sources[source]
        return switch failure.code {
        case .invalidResponse where !source.rangesProven: min(2, options.retries)
        case .unknownHost where !source.hasHeard: 0
        case .connectFailed where !source.hasHeard: min(2, options.retries)
        case .connectionLost where !source.hasHeard: min(3, options.retries)
        case .stalled where !source.hasHeard: min(2, options.retries)
        default: options.retries
        }
    }

    /// Retry-After binds every connection to the origin (RFC 9110 section 10.2.3).
    private mutating func honour(
        _ failure: TransferFailure,
        of source: Int,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) -> Bool {
        guard let retryAfter = failure.retryAfter else { return true }
        guard retryAfter <= Self.longestRetryAfter else {
            giveUp(on: source, failure.tooLongAWait(retryAfter), now: now, into: &commands)
            return false
        }
        sources[source].notBefore = max(sources[source].notBefore, now + retryAfter)
        return true
    }

    /// Other exchanges succeed, this one was turned away: the origin admits no more.
    private mutating func lowerCeiling(
        _ segment: Segment,
        _ failure: TransferFailure,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        let source = segment.source
        guard honour(failure, of: source, now: now, into: &commands) else { return }
        let admitted = max(1, live.values.count { $0.acceptedAt != nil && $0.source == source })
        if segment.openedAt >= sources[source].ceilingHitAt { sources[source].ceilingHits += 1 }
        sources[source].ceilingHitAt = now
        sources[source].raiseCeilingAt = now + raiseInterval(of: source)
        slots[segment.connection].notBefore = max(now + options.retryWait, sources[source].notBefore)
        slots[segment.connection].source = nil
        guard admitted < sources[source].ceiling else { return }
        sources[source].ceiling = admitted
        commands.append(.note(.connectionLimit(admitted)))
    }

    /// A ceiling is tested again now and then, ever more rarely.
    mutating func raiseCeilings(now: Duration) {
        for source in sources.indices {
            guard let due = sources[source].raiseCeilingAt, now >= due else { continue }
            sources[source].ceiling = min(options.connectionCount, sources[source].ceiling + 1)
            let isLowered = sources[source].ceiling < options.connectionCount
            sources[source].raiseCeilingAt = isLowered ? now + raiseInterval(of: source) : nil
        }
    }

    /// 10 s after the first volley of refusals, twice as long after each further one.
    private func raiseInterval(of source: Int) -> Duration {
        .seconds(10) * (1 << min(max(0, sources[source].ceilingHits - 1), 6))
    }

    mutating func replaceStalled(now: Duration, into commands: inout [DownloadCommand]) {
        for id in live.keys.sorted() {
            guard let segment = live[id], let deadline = stallDeadline(of: segment), now >= deadline else { continue }
            let seconds = Int(options.stallTimeout.seconds + 0.5)
            let what = "no byte for \(seconds) s: the path or the origin stalls"
            retry(id, TransferFailure(.stalled, what), now: now, into: &commands)
        }
    }

    /// When a segment that stays silent counts as dead; `nil` if it is we who keep it waiting.
    private func stallDeadline(of segment: Segment) -> Duration? {
        guard !segment.isParked else { return nil }
        let connecting = segment.acceptedAt == nil ? options.connectTimeout : .zero
        return segment.heardAt + options.stallTimeout + connecting
    }

    /// Before bytes flow there is one exchange: it is the probe that must be sent again.
    private mutating func askAgainIfProbing(now: Duration, into commands: inout [DownloadCommand]) {
        guard state != .running || mode == .whole else { return }
        probe(now: now, into: &commands)
    }

    mutating func fallBackToWhole(_ reason: String, now: Duration, into commands: inout [DownloadCommand]) {
        guard mode == .ranges else {
            let what = "the origin serves neither ranges nor the whole file: \(reason)"
            return fail(TransferFailure(.invalidResponse, what), into: &commands)
        }
        mode = .whole
        sources[lead].failures = 0
        commands.append(.note(.rangesUnusable(reason: reason)))
        forget(into: &commands)
        probe(now: now, into: &commands)
    }

    /// The representation is another one now: a mixture is never made.
    mutating func changed(_ difference: String, now: Duration, into commands: inout [DownloadCommand]) {
        let what = "the origin changed the file (\(difference))"
        let holdsNothing = done.isEmpty && recovered?.held.isEmpty ?? true
        guard options.onChange == .restart || (pinned == nil && holdsNothing) else {
            let advice = "use --on-change restart, or --no-resume, to fetch the new version"
            return fail(TransferFailure(.changed, "\(what): \(advice)"), into: &commands)
        }
        restarts += 1
        guard restarts <= TransferOptions.maximumRestarts else {
            return fail(TransferFailure(.changed, "\(what), again and again: try later"), into: &commands)
        }
        commands.append(.note(.restarting(reason: what)))
        pinned = nil
        forget(into: &commands)
        probe(now: now, into: &commands)
    }

    /// Drops every byte and exchange.
    private mutating func forget(into commands: inout [DownloadCommand]) {
        abortAll(into: &commands)
        recovered = nil
        done = RangeSet()
        missing = RangeSet()
        unjournaled = RangeSet()
        durable = RangeSet()
        if syncing != nil { syncing = RangeSet() }
        resumed = 0
        mostDone = 0
        isLeadProven = true
        ledger = nil
        samples = SampleBoard()
        for source in sources.indices where source != lead && sources[source].standing != .dropped {
            sources[source].standing = .untested
            sources[source].representation = nil
        }
    }

    mutating func woke(now: Duration, into commands: inout [DownloadCommand]) {
        armedWake = nil
        guard state == .probing else { return }
        replaceStalled(now: now, into: &commands)
        if state == .probing, live.isEmpty { probe(now: now, into: &commands) }
    }

    /// Asks to be woken at the next time that matters, if no earlier wake is on its way.
    mutating func armWake(now: Duration, into commands: inout [DownloadCommand]) {
        guard let due = nextDeadline(now: now) else { return }
        if let armedWake, armedWake <= due { return }
        armedWake = due
        commands.append(.wake(at: due))
    }

    private func nextDeadline(now: Duration) -> Duration? {
        guard state == .probing || state == .running else { return nil }
        // Silence is news too: whoever watches must see the throughput fall.
        var next: Duration? = state == .running ? now + .milliseconds(500) : nil
        func consider(_ time: Duration) { next = min(next ?? time, time) }
        for case let deadline? in live.values.lazy.map(stallDeadline) { consider(deadline) }
        guard !missing.isEmpty || mode == .whole || state == .probing else { return next }
        for source in sources {
            if source.notBefore > now { consider(source.notBefore) }
            if let due = source.raiseCeilingAt, state == .running { consider(due) }
        }
        for slot in slots where slot.notBefore > now { consider(slot.notBefore) }
        return next
    }

    /// Ends the transfer. What can be resumed stays; what cannot is removed.
    mutating func fail(_ failure: TransferFailure, into commands: inout [DownloadCommand]) {
        abortAll(into: &commands)
        flushJournal(into: &commands)
        // What could not get its name is whole and verified: it stays, journal or not.
        if state >= .beginning, state < .publishing, done.isEmpty || !isJournaled { discard(into: &commands) }
        state = .finished
        commands.append(.fail(failure))
    }

    /// Removes the partial; nothing is held any more.
    mutating func discard(into commands: inout [DownloadCommand]) {
        done = RangeSet()
        commands.append(.discardPartial)
    }
}

extension TransferFailure {
    func givenUp(after failures: Int) -> TransferFailure {
        var failure = self
        if failures > 1 { failure.message += " (gave up after \(failures) attempts)" }
        return failure
    }

    func tooLongAWait(_ wait: Duration) -> TransferFailure {
        var failure = self
        failure.message += "; it asks to wait \(Int(wait.seconds)) s"
        return failure
    }
}
