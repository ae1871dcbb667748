// SPDX-License-Identifier: Apache-2.0

/// What an upload is of, and how it is to be done.
public struct UploadSettings: Hashable, Sendable {
    /// Parts in memory, in bytes, unless the embedding program says otherwise.
    public static let defaultMemory: Int64 = 192 << 20

    /// Name for people: the source's.
    public var name: String
    /// Where to, redacted.
    public var url: String
    /// How the source is cut.
    public var layout: PartLayout
    /// Most bytes of parts in memory.
    public var memory: Int64 = defaultMemory
    /// Whether the source can be read again, by a later run too: a file, not a pipe.
    public var isRereadable = true
    /// Connections, retries and time-outs.
    public var options = TransferOptions()

    /// Makes settings with defaults for how.
    public init(name: String, url: String, layout: PartLayout) {
        self.name = name
        self.url = url
        self.layout = layout
    }
}

/// One part of an upload.
struct UploadPart: Sendable {
    /// What is being done about it.
    enum Phase: Hashable, Sendable {
        case unchecked, missing, checking, loading, ready, sending, stored
    }

    /// A request that carries it.
    struct Attempt: Sendable {
        let number: Int
        /// Place among the connections, from 0, for people.
        let slot: Int
        let startedAt: Duration
        /// Bytes handed to the network, and when the last of them were.
        var wrote: Int64 = 0
        var progressAt: Duration
    }

    var phase: Phase
    /// Its length, once it is in memory.
    var count: Int64 = 0
    var digest: Digest?
    var tag: String?
    var failures = 0
    /// Attempts ever made, and those under way: two while it is hedged.
    var attempts = 0
    var live: [Attempt] = []
    var notBefore: Duration = .zero
    /// What the record and the store say of it, until it is checked.
    var claimed: UploadRecord.Part?

    init(_ phase: Phase) { self.phase = phase }
}

/// A request that is about no part.
struct PendingRequest: Sendable {
    var command: UploadCommand
    var isUnderWay = true
    var notBefore: Duration = .zero
    var sentAt: Duration
    /// Whether an attempt failed whose outcome nobody knows.
    var mayHaveSucceeded = false
}

/// How long the latest parts took.
struct RecentDurations: Sendable {
    private static let most = 32
    private var values: [Duration] = []

    /// How many are known.
    var count: Int { values.count }

    /// Half of them took longer.
    var median: Duration? { values.isEmpty ? nil : values.sorted()[values.count / 2] }

    mutating func add(_ duration: Duration) {
        if values.count == Self.most { values.removeFirst() }
        values.append(duration)
    }
}
