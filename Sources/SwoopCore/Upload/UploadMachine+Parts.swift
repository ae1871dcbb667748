// SPDX-License-Identifier: Apache-2.0

// From the source to the store, part by part.
extension UploadMachine {
    /// Reads of a source at a time; a stream has one, for its bytes come in order.
    private static let mostReads = 4
    /// Parts that are read again at a time, to see whether they are what was sent.
    private static let mostChecks = 2
    /// Time-outs that a store may take to answer after a part's last byte was handed over: it may be on its way still.
    private static let patience = 3

    /// Parts that may be in memory at a time; at least 1.
    var partsInMemory: Int { Int(clamping: max(1, settings.memory / layout.partSize)) }

    /// Requests that carry parts now.
    var liveCount: Int { sending.reduce(0) { $0 + parts[$1 - 1].live.count } }

    // MARK: Reading

    /// Gives everybody something to do who may have it.
    mutating func feed(now: Duration, into commands: inout [UploadCommand]) {
        while checking < Self.mostChecks, let number = unchecked.popLast() { check(number, into: &commands) }
        let reads = settings.isRereadable ? Self.mostReads : 1
        while loading < reads, mayLoad, let number = missing.popLast() {
            parts[number - 1].phase = .loading
            loading += 1
            commands.append(.load(number, layout.range(of: number)))
        }
        guard isWhole || uploadID != nil, now >= silentUntil else { return }
        while liveCount < allowance, let index = ready.firstIndex(where: { parts[$0 - 1].notBefore <= now }) {
            attempt(ready.remove(at: index), now: now, into: &commands)
        }
    }

    /// Whether one more part may be read: there is memory for it, and somebody to send it soon.
    private var mayLoad: Bool {
        let waiting = loading + ready.count
        return waiting + sending.count < partsInMemory && waiting <= max(0, allowance - liveCount)
    }

    private mutating func check(_ number: Int, into commands: inout [UploadCommand]) {
        guard let digest = parts[number - 1].claimed?.digest else { return miss(number) }
        parts[number - 1].phase = .checking
        checking += 1
        commands.append(.check(number, layout.range(of: number), digest))
    }

    private mutating func miss(_ number: Int) {
        parts[number - 1].phase = .missing
        missing.append(number)
    }

    mutating func checked(_ number: Int, _ isSame: Bool, into commands: inout [UploadCommand]) {
        guard has(number, .checking) else { return }
        checking -= 1
        guard isSame, let claimed = parts[number - 1].claimed else {
            miss(number)
            return tellStart(into: &commands)
        }
        let count = layout.range(of: number).count
        (parts[number - 1].tag, parts[number - 1].digest) = (claimed.tag, claimed.digest)
        resumed += count
        store(number, count)
        tellStart(into: &commands)
    }

    /// Says that the upload begins, once it is known how much of it is there.
    func tellStart(into commands: inout [UploadCommand]) {
        guard checking == 0, unchecked.isEmpty else { return }
        commands.append(
            .note(.started(url: settings.url, name: settings.name, length: layout.length, resumed: resumed))
        )
    }

    mutating func loaded(
        _ number: Int,
        _ count: Int64,
        _ digest: Digest,
        _ isLast: Bool,
        now: Duration,
        into commands: inout [UploadCommand]
    ) {
        guard has(number, .loading) else { return }
        loading -= 1
        parts[number - 1].count = count
        parts[number - 1].digest = digest
        parts[number - 1].phase = .ready
        ready.append(number)
        if !isEnded { streamed(number, count, isLast, now: now, into: &commands) }
    }

    /// A part of a stream is here: now it is known whether there is another one.
    private mutating func streamed(
        _ number: Int,
        _ count: Int64,
        _ isLast: Bool,
        now: Duration,
        into commands: inout [UploadCommand]
    ) {
        if isLast {
            layout.length = layout.range(of: number).lower + count
            if number == 1 { isWhole = true }
            if number > 1, count == 0 { dropEmptyEnd(into: &commands) }
            return
        }
        guard number < layout.mostParts else {
            let most = ByteCount.format(layout.partSize * Int64(layout.mostParts))
            let why =
                "the stream is longer than \(layout.mostParts) parts (\(most)): choose larger ones with --part-size"
            return fail(TransferFailure(.tooLarge, why), into: &commands)
        }
        parts.append(UploadPart(.missing))
        missing.append(number + 1)
        if number == 1 { send(.create, now: now, into: &commands) }
    }

    /// A stream that ended with a whole part has no further one.
    private mutating func dropEmptyEnd(into commands: inout [UploadCommand]) {
        commands.append(.release(parts.count))
        ready.removeAll { $0 == parts.count }
        parts.removeLast()
    }

    // MARK: Sending

    mutating func attempt(_ number: Int, now: Duration, into commands: inout [UploadCommand]) {
        let slots = Set(sending.flatMap { parts[$0 - 1].live.map(\.slot) })
        let slot = (0...slots.count).first { !slots.contains($0) } ?? slots.count
        parts[number - 1].phase = .sending
        parts[number - 1].attempts += 1
        let attempt = parts[number - 1].attempts
        parts[number - 1].live.append(.init(number: attempt, slot: slot, startedAt: now, progressAt: now))
        sending.insert(number)
        commands.append(.send(number, attempt: attempt, uploadID: isWhole ? nil : uploadID))
    }

    mutating func wrote(_ number: Int, _ attempt: Int, _ upTo: Int64, now: Duration) {
        guard has(number, .sending), let index = liveIndex(number, attempt) else { return }
        let news = max(0, min(upTo, parts[number - 1].count) - parts[number - 1].live[index].wrote)
        parts[number - 1].live[index].wrote += news
        parts[number - 1].live[index].progressAt = now
        sentBytes += news
        rate.add(news, now: now)
    }

    mutating func stored(
        _ number: Int,
        _ attempt: Int,
        _ tag: String,
        now: Duration,
        into commands: inout [UploadCommand]
    ) {
        guard has(number, .sending), let index = liveIndex(number, attempt) else { return }
        let won = parts[number - 1].live[index]
        for other in parts[number - 1].live where other.number != attempt {
            commands.append(.stop(number, attempt: other.number))
        }
        wrote(number, attempt, parts[number - 1].count, now: now)
        durations.add(now - won.startedAt)
        failures = 0
        sending.remove(number)
        parts[number - 1].live = []
        parts[number - 1].tag = tag
        store(number, parts[number - 1].count)
        commands.append(.release(number))
        if !isWhole, let digest = parts[number - 1].digest {
            commands.append(.recordPart(number, .init(tag: tag, digest: digest)))
        }
        commands.append(
            .note(.segment(connection: won.slot, range: layout.range(of: number), elapsed: now - won.startedAt))
        )
        if isWhole {
            self.tag = tag
            look(now: now, into: &commands)
        }
    }

    private mutating func store(_ number: Int, _ count: Int64) {
        parts[number - 1].phase = .stored
        storedCount += 1
        storedBytes += count
        held.insert(layout.range(of: number))
    }

    mutating func partFailed(
        _ number: Int,
        _ attempt: Int,
        _ failure: TransferFailure,
        now: Duration,
        into commands: inout [UploadCommand]
    ) {
        guard has(number, .sending), let index = liveIndex(number, attempt) else { return }
        let lost = parts[number - 1].live.remove(at: index)
        // The other attempt goes on.
        guard parts[number - 1].live.isEmpty else { return }
        sending.remove(number)
        parts[number - 1].phase = .ready
        ready.append(number)
        guard mayTryAgain(failure) else { return fail(failure, into: &commands) }
        parts[number - 1].failures += 1
        let wait = pause(after: failure, attempt: parts[number - 1].failures, now: now)
        parts[number - 1].notBefore = now + wait
        commands.append(
            .note(.retrying(connection: lost.slot, reason: failure, wait: wait, attempt: failures))
        )
    }

    /// Counts a failure. Whether the same thing may be tried again.
    mutating func mayTryAgain(_ failure: TransferFailure) -> Bool {
        failures += 1
        let disposition = RetryPolicy.disposition(of: failure)
        if disposition == .transientOrTooMany, !sending.isEmpty { refusals += 1 }
        return (disposition == .transient || disposition == .transientOrTooMany) && failures <= settings.options.retries
    }

    /// How long to wait after a failure; what the store asks for counts for everybody.
    mutating func pause(after failure: TransferFailure, attempt: Int, now: Duration) -> Duration {
        if let asked = failure.retryAfter { silentUntil = max(silentUntil, now + asked) }
        let own = RetryPolicy.backOff(attempt: attempt, base: settings.options.retryWait, random: random.unit())
        return max(own, silentUntil - now)
    }

    // MARK: Slow ones

    /// Ends requests without any progress.
    mutating func replaceStalled(now: Duration, into commands: inout [UploadCommand]) {
        for number in sending {
            for attempt in parts[number - 1].live where now - attempt.progressAt >= limit(attempt, of: number) {
                commands.append(.stop(number, attempt: attempt.number))
                let why = "no byte was taken for \(Int(limit(attempt, of: number).seconds)) s"
                partFailed(number, attempt.number, TransferFailure(.stalled, why), now: now, into: &commands)
                if state != .running { return }
            }
        }
    }

    private func limit(_ attempt: UploadPart.Attempt, of number: Int) -> Duration {
        let isOver = attempt.wrote >= parts[number - 1].count
        return settings.options.stallTimeout * (isOver ? Self.patience : 1)
    }

    /// When a part that is being sent has to be looked at again.
    func nextLook(at number: Int, now: Duration) -> Duration {
        let stalls = parts[number - 1].live.map { $0.progressAt + limit($0, of: number) }
        let earliest = stalls.min() ?? now + settings.options.stallTimeout
        return isTail ? min(earliest, now + .milliseconds(500)) : earliest
    }

    private func has(_ number: Int, _ phase: UploadPart.Phase) -> Bool {
        parts.indices.contains(number - 1) && parts[number - 1].phase == phase
    }

    private func liveIndex(_ number: Int, _ attempt: Int) -> Int? {
        parts[number - 1].live.firstIndex { $0.number == attempt }
    }
}
