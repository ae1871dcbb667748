// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// A partial and its journal, as a value: which version's byte is at each offset, what is durable, what is claimed.
struct SimulatedPartial {
    /// Bytes by version, as the page cache has them.
    private var bytes: [Int: RangeSet] = [:]
    /// What stable storage has.
    private var stable: [Int: RangeSet] = [:]
    private var records: [JournalRecord] = []
    private var boot = 0
    private(set) var published: RangeSet?
    private(set) var publishedVersions: Set<Int> = []

    mutating func begin(_ plan: PartialPlan) {
        if plan.held.isEmpty {
            bytes = [:]
            stable = [:]
        }
        records = []
        if let identity = plan.journal {
            records = [
                .identity(identity), .boot("\(boot)"), .durable(plan.durable.ranges), .written(plan.held.ranges),
            ]
        }
    }

    mutating func write(_ range: ByteRange, version: Int) {
        for other in bytes.keys where other != version { bytes[other]?.remove(range) }
        bytes[version, default: RangeSet()].insert(range)
    }

    mutating func append(_ record: JournalRecord) { records.append(record) }

    mutating func sync() { stable = bytes }

    mutating func publish() {
        published = bytes.values.reduce(into: RangeSet()) { $0.formUnion($1) }
        publishedVersions = Set(bytes.filter { !$0.value.isEmpty }.keys)
    }

    /// The kernel dies: what was not synced is gone, and claims of the old boot do not hold.
    mutating func losePower() {
        boot += 1
        bytes = stable
    }

    /// Whether every byte of a range is there in the first version.
    func isRight(_ range: ByteRange) -> Bool { bytes[0]?.contains(range) ?? false }

    /// What the journal proves now.
    func replay() -> JournalReplay? {
        var identity: JournalIdentity?
        var current = ""
        var written = RangeSet()
        var durable = RangeSet()
        for record in records {
            switch record {
            case .identity(let value): identity = value
            case .boot(let value): current = value
            case .written(let ranges): if current == "\(boot)" { written.formUnion(RangeSet(ranges)) }
            case .durable(let ranges): durable.formUnion(RangeSet(ranges))
            }
        }
        guard let identity else { return nil }
        written.formUnion(durable)
        return JournalReplay(identity: identity, held: written, durable: durable)
    }

    /// Whether every byte that the journal claims is there, in one version.
    func keepsItsPromise() -> Bool {
        guard let replay = replay(), !replay.held.isEmpty else { return true }
        return bytes.values.contains { version in replay.held.ranges.allSatisfy { version.contains($0) } }
    }
}
