// SPDX-License-Identifier: Apache-2.0

/// Decides what an upload does next. It performs nothing.
///
/// The driver calls ``handle(_:now:)`` with what happened and performs the returned commands **in order**.
///
///     idle --start--> listing (goes on with an upload) --listed--> running
///     idle, listing --uploadGone, nothing left--> running (opens one; a source that fits is sent whole, without one)
///     running --last part stored--> completing --completed--> inspecting --inspected--> finished
///     any --cancel, fatal--> aborting (nothing worth keeping) --aborted--> finished
///
/// Invariants (checked by ``checkInvariants()`` after every event in debug builds)
///   1. Every part is in exactly one of: to be checked, missing, being checked, being loaded, ready, being sent, stored.
///   2. At most ``UploadSettings/memory`` bytes of parts are in memory, but always one part may be.
///   3. Not more parts are being sent than connections are allowed; a part has at most two attempts at a time.
///   4. `.complete` is emitted only when every part of the source is stored, `.finish` only when the store was seen to have
///      an object of the source's length, or does not let us look.
///   5. A part is recorded only after the store acknowledged it.
///   6. Every event is legal in every state; after `.finish` or `.fail` the answer is `[]`.
public struct UploadMachine: Sendable {
    /// What the machine waits for.
    enum State: Int, Comparable, Sendable {
        /// Nothing has happened. Can transition to: listing, running.
        case idle
        /// The parts of an earlier run's upload are awaited. Can transition to: running, aborting, finished.
        case listing
        /// Parts are read and sent. Can transition to: completing, inspecting (sent whole), aborting, finished.
        case running
        /// The object is being made. Can transition to: inspecting, running (upload gone), aborting, finished.
        case completing
        /// The object is being looked at. Can transition to: finished.
        case inspecting
        /// What is left at the store is being removed. Can transition to: finished.
        case aborting
        /// `.finish` or `.fail` was emitted.
        case finished

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    public let settings: UploadSettings
    var state: State = .idle
    var layout: PartLayout
    /// The parts known so far: all of them, or as many as a stream turned out to have.
    var parts: [UploadPart] = []
    /// Parts to be checked or loaded, the next one last.
    var unchecked: [Int] = []
    var missing: [Int] = []
    /// Parts in memory that nobody sends.
    var ready: [Int] = []
    /// Parts being sent.
    var sending: Set<Int> = []
    var loading = 0
    var checking = 0
    var storedCount = 0
    var storedBytes: Int64 = 0
    /// Whether the source is sent as one object, without parts.
    var isWhole = false
    var uploadID: String?
    /// Bytes that an earlier run had sent.
    var resumed: Int64 = 0
    var tag: String?
    /// The bytes that the store has.
    var held = RangeSet()
    /// What an earlier run left, until the store has said what is there.
    var record: UploadRecord?

    /// What the origin allows.
    var allowance = 1
    var silentUntil: Duration = .zero
    /// The request that is about no part, while it is under way or waits to be repeated.
    var request: PendingRequest?
    /// Failures since something succeeded.
    var failures = 0
    var restarts = 0
    var random: SplitMix64
    var hedgedBytes: Int64 = 0
    /// Why it fails, while what is left is being removed.
    var ending: TransferFailure?
    var armedWake: Duration?

    // What the origin's controller hears.
    let origin: Origin
    var sentBytes: Int64 = 0
    var refusals = 0
    var firstReply: Duration?
    var durations = RecentDurations()
    var rate: ThroughputEstimator

    /// Whether the source has ended: its length is known.
    var isEnded: Bool { layout.length != nil }

    /// Makes the machine of one upload.
    ///
    /// - Parameters:
    ///   - settings: what is uploaded, and how.
    ///   - origin: where to.
    public init(_ settings: UploadSettings, origin: Origin) {
        self.settings = settings
        self.origin = origin
        layout = settings.layout
        random = SplitMix64(seed: settings.options.seed)
        rate = ThroughputEstimator(now: .zero)
    }

    /// Handles one event.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - now: time since the upload began; never decreases from call to call.
    /// - Returns: what to do, in order. O(1) but for finding stalls, which is O(parts being sent).
    public mutating func handle(_ event: UploadEvent, now: Duration) -> [UploadCommand] {
        guard state != .finished else { return [] }
        var commands: [UploadCommand] = []
        take(event, now: now, into: &commands)
        advance(now: now, into: &commands)
        #if DEBUG
            checkInvariants()
        #endif
        return commands
    }

    private mutating func take(_ event: UploadEvent, now: Duration, into commands: inout [UploadCommand]) {
        switch event {
        case .start(let record): start(record, now: now, into: &commands)
        case .listed(let listed): goOn(with: listed, now: now, into: &commands)
        case .created(let uploadID): opened(uploadID, now: now, into: &commands)
        case .checked(let number, let isSame): checked(number, isSame, into: &commands)
        case .loaded(let number, let count, let digest, let isLast):
            loaded(number, count, digest, isLast, now: now, into: &commands)
        case .wrote(let number, let attempt, let upTo): wrote(number, attempt, upTo, now: now)
        case .stored(let number, let attempt, let tag): stored(number, attempt, tag, now: now, into: &commands)
        case .partFailed(let number, let attempt, let failure):
            partFailed(number, attempt, failure, now: now, into: &commands)
        case .completed(let tag): completed(tag, now: now, into: &commands)
        case .inspected(let length, let tag): inspected(length, tag, into: &commands)
        case .aborted: if state == .aborting { end(kept: nil, into: &commands) }
        case .uploadGone(let gone): if gone == uploadID { uploadGone(now: now, into: &commands) }
        case .failed(let failure): requestFailed(failure, now: now, into: &commands)
        case .sourceFailed(let failure): fail(failure, into: &commands)
        case .allowance(let news):
            allowance = max(0, news.connections)
            silentUntil = max(silentUntil, now + news.silence)
        case .wake: armedWake = nil
        case .cancel: cancel(into: &commands)
        }
    }

    /// Does whatever can be done now.
    private mutating func advance(now: Duration, into commands: inout [UploadCommand]) {
        if let request, !request.isUnderWay, request.notBefore <= now {
            send(request.command, now: now, into: &commands)
        }
        if state == .running {
            replaceStalled(now: now, into: &commands)
            feed(now: now, into: &commands)
            hedge(now: now, into: &commands)
            completeIfDone(now: now, into: &commands)
        }
        arm(now: now, into: &commands)
    }

    /// Asks to be woken when something is due.
    private mutating func arm(now: Duration, into commands: inout [UploadCommand]) {
        guard state != .finished else { return }
        var times: [Duration] = []
        if let request, !request.isUnderWay { times.append(request.notBefore) }
        if state == .running {
            times += ready.map { max(parts[$0 - 1].notBefore, silentUntil) }
            times += sending.map { nextLook(at: $0, now: now) }
        }
        // What is due already waits for something else than time.
        guard let due = times.filter({ $0 > now }).min(), due != armedWake else { return }
        armedWake = due
        commands.append(.wake(at: due))
    }
}
