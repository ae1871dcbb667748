// SPDX-License-Identifier: Apache-2.0

// From the user's request to the first accepted byte: partial, probe, pinned representation, prepared disk.
extension DownloadMachine {
    var replaces: Bool { options.existingTarget == .overwrite }

    mutating func start(now: Duration, into commands: inout [DownloadCommand]) {
        guard state == .idle else { return }
        state = .looking
        rate = ThroughputEstimator(now: now)
        if explicitName != nil { preparedName = likelyName }
        commands.append(.prepare(name: likelyName, create: explicitName != nil, replacing: replaces))
    }

    mutating func prepared(_ partial: PreparedPartial, now: Duration, into commands: inout [DownloadCommand]) {
        switch state {
        case .looking: looked(partial, now: now, into: &commands)
        case .preparing: preparedForPinned(partial, now: now, into: &commands)
        default: break
        }
    }

    /// The likely name's partial decides where the probe starts. A taken name counts only if it is surely the final one:
    /// the origin may still give another.
    private mutating func looked(_ partial: PreparedPartial, now: Duration, into commands: inout [DownloadCommand]) {
        switch partial {
        case .fresh: break
        case .targetExists:
            guard explicitName == nil else { return targetTaken(into: &commands) }
        case .found(let replay):
            if replay.identity.belongs(to: url) {
                preparedName = likelyName
                recover(replay, into: &commands)
            } else if explicitName != nil {
                return fail(.foreignPartial(of: replay), into: &commands)
            }
        }
        probe(now: now, into: &commands)
    }

    /// Whether a version can be recognised by a later run.
    func canBeTold(_ representation: Representation) -> Bool {
        representation.strongValidator != nil || options.expectedDigest != nil
    }

    /// Takes over a partial if its version can be told again.
    private mutating func recover(_ replay: JournalReplay, into commands: inout [DownloadCommand]) {
        guard canBeTold(replay.identity.representation) else {
            commands.append(.note(.partialIgnored(reason: "the origin gave nothing to recognise its version by")))
            return
        }
        recovered = replay
    }

    /// Sends the first request, once it may: a range that carries data, so that no round trip is lost on asking.
    mutating func probe(now: Duration, into commands: inout [DownloadCommand]) {
        state = .probing
        guard limit(of: lead) > 0, now >= slots[0].notBefore, now >= sources[lead].notBefore else { return }
        guard mode == .ranges else {
            return open(ByteRange(0, .max), on: 0, from: lead, now: now, into: &commands)
        }
        let size = firstSize
        var range = ByteRange(0, mayProbeOpenly ? .max : size)
        if let recovered {
            let gaps = recovered.held.gaps(in: ByteRange(0, recovered.identity.length))
            let gap = gaps.ranges.first ?? ByteRange(max(0, recovered.identity.length - 1), recovered.identity.length)
            range = ByteRange(gap.lower, min(gap.upper, gap.lower + size))
        }
        open(range, on: 0, from: lead, now: now, into: &commands)
    }

    /// What a source's responses are compared with: the pinned representation, or before that the recovered partial's. A
    /// mirror has validators of its own.
    func expected(of source: Int) -> Representation? {
        guard source != lead else { return pinned ?? recovered?.identity.representation }
        return sources[source].representation ?? pinned.map { Representation(length: $0.length) }
    }

    mutating func received(
        _ head: ResponseHead,
        of id: ExchangeID,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard var segment = live[id], segment.acceptedAt == nil else { return }
        segment.heardAt = now
        live[id] = segment
        sources[segment.source].hasHeard = true
        sources[segment.source].heard(after: now - segment.openedAt)
        let contentRange = head.fields["Content-Range"]
        commands.append(
            .note(.response(connection: segment.connection, status: head.status, contentRange: contentRange))
        )
        judge(head, of: id, segment, now: now, into: &commands)
    }

    private mutating func judge(
        _ head: ResponseHead,
        of id: ExchangeID,
        _ segment: Segment,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        let request = ResponseValidation.Request(
            range: segment.asksRange ? segment.range : nil,
            wasConditional: segment.isConditional
        )
        let verdict = ResponseValidation.validate(head, request: request, pinned: expected(of: segment.source))
        act(on: verdict, head: head, of: id, now: now, into: &commands)
    }

    private mutating func act(
        on verdict: ResponseValidation.Verdict,
        head: ResponseHead,
        of id: ExchangeID,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        switch verdict {
        case .part(let range, let representation):
            if let source = live[id]?.source {
                sources[source].rangesProven = true
                sources[source].parts += 1
                if sources[source].matching == .unknown, head.isFromObjectStore { sources[source].matching = .used }
            }
            admit(range, of: representation, head: head, for: id, now: now, into: &commands)
        case .whole(let representation):
            admitWhole(representation, head: head, for: id, now: now, into: &commands)
        case .empty(let representation):
            guard isLeading(id, "it is empty", into: &commands) else { return }
            drop(id, into: &commands)
            pin(representation, head: head, now: now, into: &commands)
        case .conditionIgnored:
            if let source = live[id]?.source { sources[source].usesIfRange = false }
            reopen(id, at: nil, now: now, into: &commands)
        case .rangesUnusable(let reason):
            guard isLeading(id, reason, into: &commands) else { return }
            fallBackToWhole(reason, now: now, into: &commands)
        case .redirect(let status, let location):
            redirect(id, status: status, location: location, now: now, into: &commands)
        case .changed where head.status == 412 && live[id]?.isMatched == true:
            // What there is instead, and whether it is another version, If-Range tells.
            if let source = live[id]?.source { sources[source].matching = .useless }
            reopen(id, at: nil, now: now, into: &commands)
        case .changed(let difference):
            guard isLeading(id, difference, into: &commands) else { return }
            changed(difference, now: now, into: &commands)
        case .retagged(let tag, let difference):
            guard isLeading(id, difference, into: &commands) else { return }
            guard pinned != nil, tags.met(tag), let segment = live[id] else {
                return changed(difference, now: now, into: &commands)
            }
            // Length and date have agreed: the response is what it would be without its tag.
            commands.append(.note(.tagsIgnored))
            pinned?.entityTag = nil
            judge(head, of: id, segment, now: now, into: &commands)
        case .refused(let failure):
            retry(id, failure, now: now, into: &commands)
        }
    }

    /// Whether the response came from the source that defines the representation; another one is dropped.
    private mutating func isLeading(
        _ id: ExchangeID,
        _ difference: String,
        into commands: inout [DownloadCommand]
    ) -> Bool {
        guard let source = live[id]?.source, source != lead else { return true }
        drop(source, because: difference, into: &commands)
        return false
    }

    private mutating func admit(
        _ range: ByteRange,
        of representation: Representation,
        head: ResponseHead,
        for id: ExchangeID,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard var segment = live[id] else { return }
        let isOpen = segment.range.upper == .max
        segment.runsTo = range.upper
        let offered = isOpen ? firstLease(of: range) : range.intersection(segment.range)
        if isOpen { openResponse = id }
        let tail = ByteRange(offered.upper, isOpen ? range.upper : segment.range.upper)
        segment.range = offered
        segment.acceptedAt = now
        segment.markedAt = now
        live[id] = segment
        if segment.source != lead { sources[segment.source].representation = representation }
        if case .sample(let index) = segment.purpose, !tail.isEmpty { samples.shorten(index, to: offered) }
        if state == .running {
            if segment.purpose == .lease { insertMissing(tail) }
            commands.append(.accept(id, from: range.lower, upTo: offered.upper))
        } else {
            held = (id, offered)
            pin(representation, head: head, now: now, into: &commands)
        }
    }

    /// Bytes that are asked for, or leased, before anything is known of a connection.
    private var firstSize: Int64 {
        max(1, min(options.segmentSize ?? SplitPolicy.firstSegment, options.window ?? .max))
    }

    /// What is leased of a response without an end before anything is known of its connection.
    private func firstLease(of range: ByteRange) -> ByteRange {
        let size = firstSize
        return range.count - size < SplitPolicy.minimumTail && options.window == nil
            ? range : ByteRange(range.lower, min(range.upper, range.lower + size))
    }

    /// The whole body came. Fine for the first response; later only if ranges never worked.
    private mutating func admitWhole(
        _ representation: Representation,
        head: ResponseHead,
        for id: ExchangeID,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard isLeading(id, "it cannot be asked for ranges", into: &commands) else { return }
        guard var segment = live[id], mode == .whole || !sources[segment.source].rangesProven else {
            let what = "the origin sent the whole file where a range was asked for: nothing of it was used"
            return retry(id, TransferFailure(.invalidResponse, what), now: now, into: &commands)
        }
        if mode == .ranges {
            mode = .whole
            commands.append(.note(.rangesUnusable(reason: "it answers a range with the whole file")))
        }
        recovered = nil
        segment.range = ByteRange(0, representation.length ?? .max)
        segment.position = 0
        segment.acceptedAt = now
        live[id] = segment
        held = (id, segment.range)
        pin(representation, head: head, now: now, into: &commands)
    }

    /// The representation is known: find its name and make the disk ready.
    private mutating func pin(
        _ representation: Representation,
        head: ResponseHead,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        if let limit = options.maximumLength, let length = representation.length, length > limit {
            return fail(.tooLarge(length: length, limit: limit), into: &commands)
        }
        if let expectedLength, let length = representation.length, length != expectedLength {
            let what = "it has \(length) bytes where the Metalink says \(expectedLength)"
            return giveUp(on: lead, TransferFailure(.changed, what), now: now, into: &commands)
        }
        pinned = representation
        tags.pinned(representation.entityTag)
        if tags.isProven { pinned?.entityTag = nil }
        stated = options.expectedDigest == nil ? InstanceDigest.stated(by: head).first : nil
        discoverMirrors(head)
        let chosen = explicitName ?? FileName.given(by: head.fields["Content-Disposition"]) ?? likelyName
        name = chosen
        if preparedName == chosen {
            return begin(now: now, into: &commands)
        }
        recovered = nil
        preparedName = chosen
        state = .preparing
        commands.append(.prepare(name: chosen, create: true, replacing: replaces))
    }

    private mutating func preparedForPinned(
        _ partial: PreparedPartial,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        switch partial {
        case .fresh: break
        case .targetExists: return targetTaken(into: &commands)
        case .found(let replay):
            guard replay.identity.belongs(to: url) else { return fail(.foreignPartial(of: replay), into: &commands) }
            recover(replay, into: &commands)
        }
        begin(now: now, into: &commands)
    }

    private mutating func targetTaken(into commands: inout [DownloadCommand]) {
        guard options.existingTarget == .skip else {
            return fail(
                TransferFailure(
                    .targetExists,
                    "it exists already: use --overwrite to replace it, --skip-existing to keep it, or -o for another name"
                ),
                into: &commands
            )
        }
        abortAll(into: &commands)
        state = .finished
        commands += [.note(.skipped), .finish]
    }

    /// Merges what the partial holds with what the origin has, and lets the disk get ready.
    private mutating func begin(now: Duration, into commands: inout [DownloadCommand]) {
        guard let pinned else { return }
        state = .beginning
        if mode == .ranges, let pieces { ledger = pinned.length.flatMap { PieceLedger(pieces, length: $0) } }
        // Without ranges nothing can be continued, so there is nothing to claim; nor where bytes leave at once.
        let isResumable = mode == .ranges && options.window == nil
        let journal = isResumable ? JournalIdentity(url: url, representation: pinned) : nil
        var plan = PartialPlan(length: pinned.length, journal: journal)
        if let recovered, mode == .ranges {
            if let difference = recovered.identity.representation.difference(from: pinned) {
                self.recovered = nil
                commands.append(.note(.restarting(reason: difference)))
            } else {
                plan.held = recovered.held
                plan.durable = recovered.durable
            }
        }
        if let held, held.range == ByteRange(0, pinned.length ?? .max),
            pinned.length ?? .max <= SplitPolicy.firstSegment
        {
            plan.journal = nil
        }
        if pinned.length == 0 { plan.journal = nil }
        plan.stated = stated?.algorithm
        isJournaled = plan.journal != nil
        done = plan.held
        durable = plan.durable
        ledger?.resume(plan.held)
        resumed = done.count
        mostDone = max(mostDone, done.count)
        hashed = 0
        commands.append(.begin(plan))
    }

    mutating func begun(now: Duration, into commands: inout [DownloadCommand]) {
        guard state == .beginning, let pinned else { return }
        state = .running
        journaledAt = now
        syncedAt = now
        unjournaled = RangeSet()
        commands.append(
            .note(.started(url: url.redacted, name: name ?? "", length: pinned.length, resumed: resumed))
        )
        if let length = pinned.length {
            missing = mode == .ranges ? done.gaps(in: ByteRange(0, length)) : RangeSet()
            if length > SplitPolicy.firstSegment { commands.append(.allocate(length: length)) }
        }
        if ledger == nil, mode == .ranges, options.verifiesPieces, let document { describe(document, into: &commands) }
        releaseHeld(now: now, into: &commands)
        if mode == .whole, live.isEmpty, pinned.length != 0 { probe(now: now, into: &commands) }
    }

    /// Lets the probe's body flow, if it still lives and its bytes are wanted.
    private mutating func releaseHeld(now: Duration, into commands: inout [DownloadCommand]) {
        guard let (id, range) = held, live[id] != nil else {
            held = nil
            return
        }
        held = nil
        live[id]?.heardAt = now
        live[id]?.markedAt = now
        if mode == .ranges {
            guard done.count(in: range) == 0 else { return drop(id, into: &commands) }
            missing.remove(range)
        }
        commands.append(.accept(id, from: range.lower, upTo: length == nil ? nil : range.upper))
    }

    /// Follows a redirect for one exchange; later requests go straight to where it leads.
    private mutating func redirect(
        _ id: ExchangeID,
        status: Int,
        location: String,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard let segment = live[id] else { return }
        switch RedirectPolicy.follow(location, from: url(at: segment.place), count: segment.redirects) {
        case .failure(let failure): giveUp(on: segment.source, failure, now: now, into: &commands)
        case .success(let next):
            sources[segment.source].target = next
            commands.append(.note(.redirected(status: status, to: next.redacted)))
            reopen(id, at: next, now: now, into: &commands)
        }
    }
}

extension TransferFailure {
    static func tooLarge(length: Int64, limit: Int64) -> TransferFailure {
        TransferFailure(
            .tooLarge,
            "\(ByteCount.format(length)) is more than --max-filesize allows (\(ByteCount.format(limit)))"
        )
    }

    static func foreignPartial(of replay: JournalReplay) -> TransferFailure {
        TransferFailure(
            .foreignPartial,
            "its partial belongs to \(replay.identity.url): use --no-resume to replace it, or -o for another name"
        )
    }
}
