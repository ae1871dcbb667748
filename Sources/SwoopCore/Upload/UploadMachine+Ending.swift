// SPDX-License-Identifier: Apache-2.0

// How an upload begins at the store, and how it ends there.
extension UploadMachine {
    /// Attempts to remove what is left; it is announced if they fail.
    private static let removals = 2

    // MARK: Beginning

    mutating func start(_ record: UploadRecord?, now: Duration, into commands: inout [UploadCommand]) {
        guard state == .idle else { return }
        guard let record, settings.isRereadable, let length = layout.length else {
            return begin(now: now, into: &commands)
        }
        self.record = record
        uploadID = record.uploadID
        layout = PartLayout(length: length, partSize: record.partSize, mostParts: layout.mostParts)
        state = .listing
        send(.list(uploadID: record.uploadID), now: now, into: &commands)
    }

    /// Begins with the first byte.
    private mutating func begin(now: Duration, into commands: inout [UploadCommand]) {
        layout = PartLayout(
            length: settings.layout.length,
            partSize: settings.layout.partSize,
            mostParts: layout.mostParts
        )
        state = .running
        (uploadID, record, resumed, storedCount, storedBytes, held) = (nil, nil, 0, 0, 0, RangeSet())
        let count = layout.count ?? 1
        guard count <= layout.mostParts else {
            let why = "\(count) parts, but the store takes \(layout.mostParts): choose larger ones with --part-size"
            return fail(TransferFailure(.tooLarge, why), into: &commands)
        }
        parts = Array(repeating: UploadPart(.missing), count: count)
        (unchecked, missing, ready) = ([], (1...count).reversed(), [])
        isWhole = layout.count == 1
        tellStart(into: &commands)
        if isEnded, !isWhole { send(.create, now: now, into: &commands) }
    }

    /// An earlier run's upload is there: what three witnesses agree on is not sent again.
    mutating func goOn(with listed: [StoredPart], now: Duration, into commands: inout [UploadCommand]) {
        guard state == .listing, let record, let count = layout.count else { return }
        request = nil
        state = .running
        parts = Array(repeating: UploadPart(.missing), count: count)
        for part in listed where parts.indices.contains(part.number - 1) {
            guard let claimed = record.parts[part.number], claimed.tag == part.tag,
                part.length == layout.range(of: part.number).count
            else { continue }
            parts[part.number - 1].phase = .unchecked
            parts[part.number - 1].claimed = claimed
        }
        unchecked = (1...count).reversed().filter { parts[$0 - 1].phase == .unchecked }
        missing = (1...count).reversed().filter { parts[$0 - 1].phase == .missing }
        tellStart(into: &commands)
    }

    mutating func opened(_ uploadID: String, now: Duration, into commands: inout [UploadCommand]) {
        guard request?.command == .create else { return }
        firstReply = request.map { now - $0.sentAt }
        request = nil
        self.uploadID = uploadID
        // It was given up while the store made it.
        if state == .aborting { return send(.abort(uploadID: uploadID), now: now, into: &commands) }
        failures = 0
        if settings.isRereadable { commands.append(.recordUpload(uploadID: uploadID)) }
    }

    // MARK: Ending well

    mutating func completeIfDone(now: Duration, into commands: inout [UploadCommand]) {
        guard let uploadID, let length = layout.length, storedCount == parts.count else { return }
        state = .completing
        var stored: [StoredPart] = []
        for (index, part) in parts.enumerated() {
            let count = layout.range(of: index + 1).count
            stored.append(StoredPart(number: index + 1, length: count, tag: part.tag ?? ""))
        }
        commands.append(.note(.received))
        send(.complete(uploadID: uploadID, parts: stored, length: length), now: now, into: &commands)
    }

    mutating func completed(_ tag: String?, now: Duration, into commands: inout [UploadCommand]) {
        guard state == .completing else { return }
        self.tag = tag
        look(now: now, into: &commands)
    }

    /// Looks at the object.
    mutating func look(now: Duration, into commands: inout [UploadCommand]) {
        state = .inspecting
        failures = 0
        send(.inspect, now: now, into: &commands)
    }

    mutating func inspected(_ length: Int64, _ tag: String?, into commands: inout [UploadCommand]) {
        guard state == .inspecting else { return }
        guard length == layout.length else {
            let sent = layout.length.map(String.init) ?? "?"
            let why =
                "the store has \(length) bytes under this name, but \(sent) were sent: somebody else wrote it, or "
                + "the store lost some"
            request = nil
            return end(with: TransferFailure(.changed, why), kept: nil, into: &commands)
        }
        self.tag = tag ?? self.tag
        finish(into: &commands)
    }

    private mutating func finish(into commands: inout [UploadCommand]) {
        state = .finished
        request = nil
        if uploadID != nil { commands.append(.forget) }
        let outcome = UploadOutcome(length: layout.length ?? 0, resumed: resumed, parts: parts.count, tag: tag)
        commands.append(.finish(outcome))
    }

    // MARK: Requests that are about no part

    mutating func send(_ command: UploadCommand, now: Duration, into commands: inout [UploadCommand]) {
        let mayHaveSucceeded = request?.command == command && request?.mayHaveSucceeded == true
        request = PendingRequest(command: command, sentAt: now, mayHaveSucceeded: mayHaveSucceeded)
        commands.append(command)
    }

    mutating func requestFailed(_ failure: TransferFailure, now: Duration, into commands: inout [UploadCommand]) {
        guard request?.isUnderWay == true else { return }
        if state == .aborting { return removalFailed(failure, now: now, into: &commands) }
        // Whoever may write is not always allowed to look; the store has acknowledged every byte.
        if state == .inspecting, let status = failure.status, [401, 403, 405, 501].contains(status) {
            commands.append(.note(.uploadUnseen(reason: failure)))
            return finish(into: &commands)
        }
        guard mayTryAgain(failure) else {
            request = nil
            return state == .inspecting
                ? end(with: failure, kept: nil, into: &commands) : fail(failure, into: &commands)
        }
        let wait = pause(after: failure, attempt: failures, now: now)
        request?.isUnderWay = false
        request?.mayHaveSucceeded = true
        request?.notBefore = now + wait
        commands.append(.note(.retrying(connection: 0, reason: failure, wait: wait, attempt: failures)))
    }

    /// The store does not know the upload: it was completed, or somebody removed it.
    mutating func uploadGone(now: Duration, into commands: inout [UploadCommand]) {
        switch state {
        case .aborting: return end(kept: nil, into: &commands)
        case .completing where request?.mayHaveSucceeded == true: return look(now: now, into: &commands)
        case .listing:
            commands.append(.note(.partialIgnored(reason: "the store has dropped the upload")))
        case .running, .completing:
            restarts += 1
            let why = "the upload was removed at the store while it was under way"
            guard settings.isRereadable, restarts <= TransferOptions.maximumRestarts else {
                uploadID = nil
                return fail(TransferFailure(.changed, why + ": send it again"), into: &commands)
            }
            commands.append(.note(.restarting(reason: why)))
        default: return
        }
        stopAll(into: &commands)
        request = nil
        commands.append(.forget)
        begin(now: now, into: &commands)
    }

    // MARK: Ending badly

    mutating func cancel(into commands: inout [UploadCommand]) {
        let failure = TransferFailure(.cancelled, "interrupted")
        if state == .aborting { return end(kept: remainder(isResumable: false), into: &commands) }
        fail(failure, into: &commands)
    }

    /// Ends the upload; what a later run cannot use is removed from the store first.
    mutating func fail(_ failure: TransferFailure, into commands: inout [UploadCommand]) {
        guard state < .aborting else { return }
        stopAll(into: &commands)
        let isOpening = request?.command == .create && request?.isUnderWay == true
        guard let uploadID else {
            guard isOpening else { return end(with: failure, kept: nil, into: &commands) }
            (state, ending) = (.aborting, failure)
            return
        }
        let isFinal = [.targetExists, .tooLarge, .changed].contains(failure.code)
        // Before the store has said what is there, nobody knows what would be lost.
        let isWorthKeeping = state == .listing || storedCount + unchecked.count > 0
        if settings.isRereadable, isWorthKeeping, !isFinal {
            return end(with: failure, kept: remainder(isResumable: true), into: &commands)
        }
        (state, ending) = (.aborting, failure)
        commands.append(.forget)
        request = PendingRequest(command: .abort(uploadID: uploadID), sentAt: .zero)
        commands.append(.abort(uploadID: uploadID))
    }

    private mutating func removalFailed(
        _ failure: TransferFailure,
        now: Duration,
        into commands: inout [UploadCommand]
    ) {
        failures += 1
        guard uploadID != nil, failure.isTransient, failures <= Self.removals else {
            return end(kept: remainder(isResumable: false), into: &commands)
        }
        request?.isUnderWay = false
        request?.notBefore = now + settings.options.retryWait
    }

    mutating func end(kept: UploadRemainder?, into commands: inout [UploadCommand]) {
        end(with: ending ?? TransferFailure(.cancelled, "interrupted"), kept: kept, into: &commands)
    }

    private mutating func end(
        with failure: TransferFailure,
        kept: UploadRemainder?,
        into commands: inout [UploadCommand]
    ) {
        state = .finished
        request = nil
        commands.append(.fail(failure, kept: kept))
    }

    private func remainder(isResumable: Bool) -> UploadRemainder? {
        uploadID.map { UploadRemainder(uploadID: $0, bytes: storedBytes, isResumable: isResumable) }
    }

    /// Ends whatever is under way for parts; what is in memory is forgotten, what is stored stays.
    private mutating func stopAll(into commands: inout [UploadCommand]) {
        for number in sending.sorted() {
            for attempt in parts[number - 1].live { commands.append(.stop(number, attempt: attempt.number)) }
        }
        for (index, part) in parts.enumerated() where [.loading, .ready, .sending].contains(part.phase) {
            commands.append(.release(index + 1))
            parts[index].phase = .missing
            parts[index].live = []
            missing.append(index + 1)
        }
        for index in parts.indices where parts[index].phase == .checking {
            parts[index].phase = .unchecked
            unchecked.append(index + 1)
        }
        (ready, sending, loading, checking) = ([], [], 0, 0)
    }
}
