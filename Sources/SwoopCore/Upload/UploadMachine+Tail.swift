// SPDX-License-Identifier: Apache-2.0

// The last parts, and what others hear of the upload.
extension UploadMachine {
    /// A part that takes so many times as long as the others is sent a second time.
    private static let slowness = 3
    /// Durations that make a median, and the shortest time after which anything is slow.
    private static let fewestDurations = 3
    private static let shortest: Duration = .seconds(2)

    /// Whether every part is stored or on its way.
    var isTail: Bool {
        isEnded && missing.isEmpty && ready.isEmpty && unchecked.isEmpty && loading == 0 && checking == 0
    }

    /// Sends a late part a second time, on another connection; whichever is stored first counts.
    mutating func hedge(now: Duration, into commands: inout [UploadCommand]) {
        guard isTail, liveCount < allowance, durations.count >= Self.fewestDurations, let median = durations.median
        else { return }
        let late = sending.filter { number in
            guard parts[number - 1].live.count == 1, let attempt = parts[number - 1].live.first else { return false }
            return now - attempt.startedAt > max(Self.shortest, median * Self.slowness)
        }
        let oldest = late.min { parts[$0 - 1].live[0].startedAt < parts[$1 - 1].live[0].startedAt }
        guard let number = oldest, hedgedBytes + parts[number - 1].count <= hedgeBudget else { return }
        hedgedBytes += parts[number - 1].count
        attempt(number, now: now, into: &commands)
        let slot = parts[number - 1].live.last?.slot ?? 0
        commands.append(.note(.hedged(connection: slot, range: layout.range(of: number))))
    }

    /// Bytes that may be sent twice: two parts, or a fiftieth of a large source.
    private var hedgeBudget: Int64 { max(2 * layout.partSize, (layout.length ?? 0) / 50) }

    /// What the upload does at its origin.
    public func load(now: Duration) -> OriginLoad {
        var load = OriginLoad(origin: origin)
        load.received = sentBytes
        load.live = liveCount + (request?.isUnderWay == true ? 1 : 0)
        load.carrying = liveCount
        let further = state == .running ? min(partsInMemory - sending.count, ready.count + loading + missing.count) : 0
        load.demand = max(1, load.live + max(0, further))
        load.refusals = refusals
        load.firstByte = firstReply
        load.heads = firstReply == nil ? 0 : 1
        // Nobody waits for the network while the source is read.
        load.isHeldBack = state == .running && ready.isEmpty && loading > 0 && liveCount < allowance
        load.silence = max(.zero, silentUntil - now)
        return load
    }

    /// How far the upload is.
    public func progress(now: Duration) -> TransferProgress {
        var progress = TransferProgress()
        progress.name = settings.name
        progress.length = layout.length
        progress.resumed = resumed
        progress.bytes = storedBytes
        progress.held = held
        progress.throughput = rate.bytesPerSecond(now: now) ?? 0
        progress.elapsed = now
        progress.isResumable = settings.isRereadable
        progress.phase = phase
        for number in sending.sorted() {
            let range = layout.range(of: number)
            for attempt in parts[number - 1].live {
                let position = range.lower + attempt.wrote
                progress.segments.append(.init(connection: attempt.slot, range: range, position: position))
            }
            progress.bytes += parts[number - 1].live.first?.wrote ?? 0
        }
        return progress
    }

    private var phase: TransferProgress.Phase {
        switch state {
        case .idle, .listing: .connecting
        case .running: sending.isEmpty ? (storedBytes > 0 || checking > 0 ? .waiting : .connecting) : .transferring
        case .completing: .publishing
        case .inspecting: .verifying
        case .aborting, .finished: .finished
        }
    }

    /// Traps if an invariant is broken; called in debug builds and tests. O(parts).
    func checkInvariants() {
        func count(_ phase: UploadPart.Phase) -> Int { parts.count { $0.phase == phase } }
        precondition(count(.unchecked) == unchecked.count && count(.missing) == missing.count, "1: lists of parts")
        precondition(count(.ready) == ready.count && count(.sending) == sending.count, "1: parts in memory")
        precondition(count(.loading) == loading && count(.checking) == checking, "1: reads under way")
        precondition(count(.stored) == storedCount, "1: stored parts")
        precondition(loading + ready.count + sending.count <= partsInMemory, "2: memory")
        for number in sending {
            precondition((1...2).contains(parts[number - 1].live.count), "3: attempts of a part")
        }
    }
}
