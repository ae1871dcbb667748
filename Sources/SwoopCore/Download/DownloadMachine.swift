// SPDX-License-Identifier: Apache-2.0

/// Decides what a download does next. It performs nothing.
///
/// The driver calls ``handle(_:now:)`` with what happened and performs the returned commands **in order**. Each `.open`
/// is answered by one `.head` or one `.closed`; after `.accept`, by any number of `.wrote`, then by one `.closed`. After
/// `.abort` nothing more is heard or written of an exchange.
///
///     idle --start--> looking --prepared--> probing --head--> preparing --prepared--> beginning --begun--> running
///     running --last wrote--> verifying --verified--> publishing --published--> finished
///     probing ... running --changed--> probing            any --cancel, storeFailed, fatal--> finished
///
/// Invariants (checked by ``checkInvariants()`` after every event in debug builds)
///   1. While ranges are used, `done`, the leased segments' remaining ranges and `missing` are disjoint and their union is
///      `0..<length`; only where a hedge was ahead of its segment, that segment's remaining range overlaps `done`.
///   2. A range is leased to at most one connection, and hedged on at most one more, which asks the same source. A
///      connection that overran its lowered limit wrote the same bytes (3 guarantees it); `.wrote` is clamped to the
///      range that the segment still owns.
///   3. Bytes are accepted only from a response that ``ResponseValidation`` placed in the pinned representation.
///   4. The journal never claims bytes before they were written, nor as durable before they were synced.
///   5. `.publish` is emitted only when `done` is the whole representation and the expected digest agrees.
///   6. Every event is legal in every state; after `.finish` or `.fail` the answer is `[]`.
///
///   7. Where pieces have digests, only bytes of proven pieces are claimed or published.
///   8. With a window, nothing is leased at or beyond `consumed + window`.
///
/// A representation of unknown length is one segment with no upper bound, and is never split.
public struct DownloadMachine: Sendable {
    /// What the machine waits for.
    enum State: Int, Comparable, Sendable {
        /// Nothing has happened. Can transition to: looking.
        case idle
        /// The disk is being asked for a partial under the likely name. Can transition to: probing, finished.
        case looking
        /// The first acceptable response is awaited. Can transition to: preparing, beginning, finished.
        case probing
        /// The representation is pinned; the disk is asked for its name's partial. Can transition to: beginning, finished.
        case preparing
        /// The partial is being sized and the journal written. Can transition to: running, verifying, finished.
        case beginning
        /// Bytes flow. Can transition to: probing (changed), beginning (whole body again), verifying, finished.
        case running
        /// Every byte is written; digests are awaited. Can transition to: publishing, finished.
        case verifying
        /// The final name is awaited. Can transition to: finished.
        case publishing
        /// `.finish` or `.fail` was emitted.
        case finished

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Whether ranges are asked for.
    enum Mode: Hashable, Sendable {
        /// Ranges, over several connections.
        case ranges
        /// The whole body over one connection.
        case whole
    }

    /// What the user asked for.
    let url: HTTPURL
    let explicitName: String?
    /// The name unless the origin gives another.
    let likelyName: String
    public let options: TransferOptions

    var state: State = .idle
    var mode: Mode = .ranges
    /// Where the bytes can be had: the user's URL first, then mirrors.
    var sources: [Source]
    /// Every URL that was ever asked, redirects' targets included.
    private var places: [HTTPURL] = []
    /// The source that defines the representation.
    var lead = 0
    /// Whether it is known to have the bytes that are here.
    var isLeadProven = true
    /// The representation every response must agree with, once known.
    var pinned: Representation?
    /// The tags that the origin has given the representation, and whether they turned out to mean nothing.
    var tags = TagRotation()
    /// The digest that the origin states of the representation.
    var stated: Digest?
    /// A partial that may be continued, until the first response confirms or refutes it.
    var recovered: JournalReplay?
    /// The name whose partial the store has open.
    var preparedName: String?
    var name: String?
    var isJournaled = false
    var done = RangeSet()
    var missing = RangeSet()
    var live: [ExchangeID: Segment] = [:]
    var slots: [Slot]
    /// Digests of the pieces, if the user or a Metalink gave some, and what is proven of them.
    let pieces: PieceDigests?
    var ledger: PieceLedger?
    /// Length that the user's Metalink gives.
    let expectedLength: Int64?
    var samples = SampleBoard()
    /// A Metalink that the first response named.
    var document: HTTPURL?
    /// Every byte before this offset has left through the window.
    var consumed: Int64 = 0
    /// The response to a request without an end, while it lives.
    var openResponse: ExchangeID?
    /// The probe's exchange, whose accepted body waits for the disk, and where its bytes belong.
    var held: (exchange: ExchangeID, range: ByteRange)?
    var resumed: Int64 = 0

    var nextOrdinal = 0
    var random: SplitMix64
    /// Most bytes ever held: progress is going beyond it.
    var mostDone: Int64 = 0
    var restarts = 0
    var tail = TailBudget()
    var busyness = OwnBusyness()
    /// Where the time went.
    public private(set) var account = TransferAccount()
    var armedWake: Duration?

    var unjournaled = RangeSet()
    var journaledAt: Duration = .zero
    var syncing: RangeSet?
    var durable = RangeSet()
    var syncedAt: Duration = .zero
    var hashed: Int64 = 0
    var rate: ThroughputEstimator

    /// Makes the machine of one download.
    ///
    /// - Parameters:
    ///   - url: what to fetch.
    ///   - explicitName: the user's name for it, or `nil` to take the origin's or the URL's.
    ///   - mirrors: other places with the same bytes, and what is known of them.
    ///   - options: how.
    public init(
        url: HTTPURL,
        explicitName: String?,
        mirrors: MirrorDescription = MirrorDescription(urls: []),
        options: TransferOptions
    ) {
        self.url = url
        self.explicitName = explicitName
        likelyName = explicitName ?? FileName.from(url: url)
        self.options = options
        pieces = options.verifiesPieces ? mirrors.pieces : nil
        expectedLength = mirrors.length
        sources = [Source(url, standing: .trusted, options: options)]
        slots = Array(repeating: Slot(), count: options.connectionCount)
        random = SplitMix64(seed: options.seed)
        rate = ThroughputEstimator(now: .zero)
        add(mirrors.urls)
    }

    /// Tells the machine what happened.
    ///
    /// - Parameters:
    ///   - event: the news.
    ///   - now: time since the transfer started; never decreases.
    /// - Returns: what to do, in order.
    /// - Complexity: O(connections + ranges) per event, whatever the length.
    public mutating func handle(_ event: DownloadEvent, now: Duration) -> [DownloadCommand] {
        guard state != .finished else { return [] }
        var commands: [DownloadCommand] = []
        book(now: now)
        dispatch(event, now: now, into: &commands)
        if state == .running { advance(now: now, into: &commands) }
        if state != .finished { armWake(now: now, into: &commands) }
        #if DEBUG
            checkInvariants()
        #endif
        return commands
    }

    private mutating func dispatch(_ event: DownloadEvent, now: Duration, into commands: inout [DownloadCommand]) {
        switch event {
        case .start: start(now: now, into: &commands)
        case .prepared(let partial): prepared(partial, now: now, into: &commands)
        case .begun: begun(now: now, into: &commands)
        case .head(let id, let head): received(head, of: id, now: now, into: &commands)
        case .wrote(let id, let upTo): wrote(id, upTo: upTo, now: now, into: &commands)
        case .closed(let id, let failure): closed(id, failure, now: now, into: &commands)
        case .sampled(let id, let bytes): sampled(id, bytes, now: now, into: &commands)
        case .described(let description): described(description, now: now, into: &commands)
        case .pieceVerified(let piece, let isRight): checked(piece, isRight: isRight, into: &commands)
        case .storeFailed(let failure): fail(failure, into: &commands)
        case .synced: synced(now: now, into: &commands)
        case .verified(let digests): verified(digests, into: &commands)
        case .published: published(into: &commands)
        case .consumed(let upTo): consumed = max(consumed, upTo)
        case .allowance(let allowance): allowed(allowance, now: now, into: &commands)
        case .threadBusy(let isBusy): busyness.note(isBusy, now: now)
        case .wake: woke(now: now, into: &commands)
        case .cancel: fail(TransferFailure(.cancelled, "interrupted"), into: &commands)
        }
    }

    /// The place of a URL.
    mutating func place(of url: HTTPURL) -> Int {
        if let known = places.lastIndex(of: url) { return known }
        places.append(url)
        return places.count - 1
    }

    /// The URL at a place.
    func url(at place: Int) -> HTTPURL { places[place] }

    /// Bytes in the representation, once known.
    var length: Int64? { pinned?.length }

    /// How far the transfer is.
    public func progress(now: Duration) -> TransferProgress {
        var progress = TransferProgress()
        progress.phase = phase(now: now)
        progress.name = name ?? explicitName
        progress.length = length
        progress.bytes = done.count
        progress.resumed = resumed
        progress.isResumable = pinned.map(canBeTold) ?? true
        progress.throughput = rate.bytesPerSecond(now: now) ?? 0
        progress.held = done
        progress.elapsed = now
        progress.segments = live.values
            .filter { $0.acceptedAt != nil }
            .map { .init(connection: $0.connection, range: $0.range, position: $0.position) }
            .sorted { $0.connection < $1.connection }
        return progress
    }

    /// Books the time since the last event on what the transfer was doing.
    private mutating func book(now: Duration) {
        let carrying = live.values.count { $0.acceptedAt != nil }
        account.book(activity(carrying: carrying, now: now), connections: carrying, bytes: arrived, now: now)
        account.wasted = tail.wasted
        account.ceiling = ceilingLearned
    }

    private func activity(carrying: Int, now: Duration) -> TransferAccount.Activity {
        switch state {
        case .idle, .looking, .probing, .preparing, .beginning:
            live.isEmpty && sources[lead].hasHeard ? .waiting : .connecting
        case .running:
            if carrying == 0 {
                isWindowFull ? .heldBack : live.isEmpty ? .waiting : .connecting
            } else {
                isWindowFull && carrying < concurrency / 2 ? .heldBack : .transferring
            }
        case .verifying, .publishing, .finished: .finishing
        }
    }

    /// Body bytes that have arrived in this run, duplicates included.
    private var arrived: Int64 { sources.reduce(0) { $0 + $1.received } }

    private var ceilingLearned: Int? {
        sources.contains { $0.ceilingHits > 0 } ? sources.reduce(0) { $0 + $1.ceiling } : nil
    }

    private func phase(now: Duration) -> TransferProgress.Phase {
        switch state {
        case .idle, .looking, .probing, .preparing, .beginning: now < sources[lead].notBefore ? .waiting : .connecting
        case .running: live.isEmpty ? .waiting : .transferring
        case .verifying: .verifying
        case .publishing: .publishing
        case .finished: .finished
        }
    }

    /// Traps if an invariant is broken; called in debug builds and tests.
    func checkInvariants() {
        done.checkInvariants()
        missing.checkInvariants()
        precondition(slots.count { $0.exchange != nil } == live.count, "DownloadMachine: a slot per live segment")
        guard state == .running, mode == .ranges, let length else { return }
        var all = done
        var total = done.count + missing.count
        all.formUnion(missing)
        for segment in live.values where segment.purpose == .lease {
            all.insert(segment.remaining)
            total += segment.remaining.count - (segment.wasHedged ? done.count(in: segment.remaining) : 0)
        }
        precondition(all.count == total && total == length, "DownloadMachine: 1, the ranges are no partition")
        precondition(all.isEmpty || all.ranges == [ByteRange(0, length)], "DownloadMachine: 1, a hole or an overhang")
    }
}
