// SPDX-License-Identifier: Apache-2.0

/// What a Metalink, a response or the user says of other places with the same bytes.
public struct MirrorDescription: Hashable, Sendable {
    /// The places, best first.
    public var urls: [HTTPURL]
    /// Length of the representation in bytes, if said.
    public var length: Int64?
    /// Digests of its pieces, if said.
    public var pieces: PieceDigests?
    /// Digests of the whole, strongest first.
    public var digests: [Digest]

    /// Makes a description from its parts.
    public init(urls: [HTTPURL], length: Int64? = nil, pieces: PieceDigests? = nil, digests: [Digest] = []) {
        self.urls = urls
        self.length = length
        self.pieces = pieces
        self.digests = digests
    }
}

extension MirrorDescription {
    /// What a Metalink says of one file.
    public init(_ file: Metalink.File) {
        self.init(urls: file.urls.map(\.url), length: file.size, pieces: file.pieces, digests: file.digests)
    }
}

/// Ranges that every source is asked for, to see whether it has the same bytes.
struct SampleBoard: Hashable, Sendable {
    var ranges: [ByteRange] = []
    /// What each source sent, by source and sample.
    var bytes: [Int: [Int: [UInt8]]] = [:]

    /// A source sent less of a sample than was asked for: less is compared.
    mutating func shorten(_ index: Int, to range: ByteRange) {
        ranges[index] = range
        for source in bytes.keys { bytes[source]?[index] = nil }
    }

    /// Whether a source has sent every sample.
    func isComplete(_ source: Int) -> Bool { bytes[source]?.count == ranges.count }
}

// Mirrors: believed only once they are proven, dropped for good when they differ or fail.
extension DownloadMachine {
    /// Sources used for one transfer; further ones are not asked.
    static let mostSources = 16

    /// Adds mirrors. One that is known already, or would turn https into http without a digest, is left out.
    mutating func add(_ urls: [HTTPURL]) {
        let algorithms = [options.expectedDigest?.algorithm, pieces?.algorithm, ledger?.digests.algorithm].compactMap {
            $0
        }
        for mirror in urls where sources.count < Self.mostSources {
            guard !sources.contains(where: { $0.url.text == mirror.text || $0.target.text == mirror.text }),
                MirrorURL.admits(mirror, for: url, verified: algorithms)
            else { continue }
            sources.append(Source(mirror, standing: .untested, options: options))
            slots += Array(repeating: Slot(), count: options.connectionCount)
        }
    }

    /// Reads from the first response where else the bytes are (RFC 6249).
    mutating func discoverMirrors(_ head: ResponseHead) {
        guard head.fields["Link"] != nil else { return }
        let links = MirrorLinks.from(head.fields, base: sources[lead].target)
        document = links.describedBy.first
        add(links.duplicates.map(\.url))
    }

    /// Asks for a Metalink, only of the origin that the user named: the request is one of the user's.
    func describe(_ document: HTTPURL, into commands: inout [DownloadCommand]) {
        guard document.origin == url.origin else { return }
        commands.append(.describe(ExchangeRequest(connection: 0, url: document, range: nil, isTrusted: true)))
    }

    /// A Metalink about the representation has come.
    mutating func described(_ description: MirrorDescription, now: Duration, into commands: inout [DownloadCommand]) {
        guard state == .running, mode == .ranges, let length, description.length ?? length == length else { return }
        if ledger == nil, options.verifiesPieces, let pieces = description.pieces {
            ledger = PieceLedger(pieces, length: length)
            ledger?.resume(durable)
            for range in done.ranges { check(range, into: &commands) }
        }
        add(description.urls)
    }

    /// Puts mirrors to the test, or to work where every piece is verified anyway.
    mutating func examineMirrors(now: Duration, into commands: inout [DownloadCommand]) {
        guard sources.count > 1, let length, length > 0 else { return }
        for source in sources.indices where sources[source].standing == .untested {
            if ledger != nil {
                trust(source, into: &commands)
            } else {
                sources[source].standing = .compared
            }
        }
        guard sources.contains(where: { $0.standing == .compared }) else { return }
        if samples.ranges.isEmpty { samples.ranges = SamplePlan.ranges(length: length, seed: random.next()) }
        for source in sources.indices where source == lead || sources[source].standing == .compared {
            askForSample(of: source, now: now, into: &commands)
        }
    }

    /// One sample at a time, over a connection of its own.
    private mutating func askForSample(of source: Int, now: Duration, into commands: inout [DownloadCommand]) {
        let isAsked = live.values.contains { $0.source == source && $0.isSample }
        let isPossible = now >= sources[source].notBefore && occupied(by: source, now: now) < max(1, limit(of: source))
        let next = samples.ranges.indices.first { samples.bytes[source]?[$0] == nil }
        guard let next, !isAsked, source == lead || isPossible, let slot = freeSlot(for: source, now: now) else {
            return
        }
        open(samples.ranges[next], on: slot, from: source, for: .sample(next), now: now, into: &commands)
    }

    /// A sample has come.
    mutating func sampled(
        _ id: ExchangeID,
        _ bytes: [UInt8],
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        guard let segment = live[id], case .sample(let index) = segment.purpose else { return }
        guard Int64(bytes.count) == segment.range.count else { return }
        release(id)
        samples.bytes[segment.source, default: [:]][index] = bytes
        sources[segment.source].failures = 0
        compareSamples(into: &commands)
    }

    private mutating func compareSamples(into commands: inout [DownloadCommand]) {
        for source in sources.indices where sources[source].standing == .compared {
            guard let theirs = samples.bytes[source], let ours = samples.bytes[lead] else { continue }
            if theirs.contains(where: { ours[$0.key] != nil && ours[$0.key] != $0.value }) {
                drop(source, because: "it has other bytes", into: &commands)
            } else if samples.isComplete(source), samples.isComplete(lead) {
                trust(source, into: &commands)
            }
        }
    }

    private mutating func trust(_ source: Int, into commands: inout [DownloadCommand]) {
        sources[source].standing = .trusted
        commands.append(.note(.mirrorTrusted(url: sources[source].url.redacted)))
    }

    /// Whether some other source can go on without this one.
    func hasAlternative(to source: Int) -> Bool {
        sources.indices.contains { $0 != source && sources[$0].standing != .dropped }
    }

    /// Never asks a source again. Its exchanges end, their bytes are asked for elsewhere.
    mutating func drop(_ source: Int, because reason: String, into commands: inout [DownloadCommand]) {
        guard sources[source].standing != .dropped else { return }
        sources[source].standing = .dropped
        commands.append(.note(.mirrorDropped(url: sources[source].url.redacted, reason: reason)))
        for (id, segment) in live.sorted(by: { $0.key < $1.key }) where segment.source == source {
            guard live[id] != nil else { continue }
            if segment.received > 0 { noteDelivery(of: segment, now: segment.heardAt, into: &commands) }
            abandon(id, segment, into: &commands)
        }
        if source == lead { succeed() }
    }

    /// Another source takes the lead: what the transfer is pinned to is what that one says.
    private mutating func succeed() {
        let others = sources.indices.filter { sources[$0].standing != .dropped }
        guard let next = others.first(where: { sources[$0].standing == .trusted }) ?? others.first else { return }
        lead = next
        isLeadProven = sources[next].standing == .trusted || ledger != nil || done.isEmpty
        sources[next].standing = .trusted
        if let length = pinned?.length {
            pinned = sources[next].representation ?? Representation(length: length)
        }
        // Without a proof of the bytes, an earlier run's are not another source's.
        if state <= .probing, pieces == nil, options.expectedDigest == nil { recovered = nil }
    }

    // MARK: Pieces

    /// Bytes were written: the pieces that are whole now are checked.
    mutating func check(_ range: ByteRange, into commands: inout [DownloadCommand]) {
        guard let found = ledger?.startChecking(range, in: done), let digests = ledger?.digests.digests else { return }
        for (piece, bytes) in found { commands.append(.verifyPiece(piece, bytes, digests[piece])) }
    }

    /// The digest of a piece has been computed.
    mutating func checked(_ piece: Int, isRight: Bool, into commands: inout [DownloadCommand]) {
        guard state == .running else { return }
        if isRight {
            guard let range = ledger?.prove(piece) else { return }
            if isJournaled { unjournaled.insert(range) }
            return
        }
        guard let (range, culprits) = ledger?.reject(piece) else { return }
        let names = culprits.sorted().map { sources[$0].url.redacted }
        commands.append(.note(.pieceRejected(range: range, sources: names)))
        done.remove(range)
        missing.insert(range)
        if isJournaled { unjournaled.remove(range) }
        guard culprits.count == 1, let culprit = culprits.first else { return }
        guard hasAlternative(to: culprit) else {
            let what = "bytes \(range.lower)-\(range.upper - 1) do not have the digest that the Metalink gives"
            return fail(TransferFailure(.digestMismatch, what), into: &commands)
        }
        drop(culprit, because: "a piece of it has the wrong digest", into: &commands)
    }
}
