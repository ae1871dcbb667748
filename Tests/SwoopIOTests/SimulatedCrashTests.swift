// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

/// The store's share of "the journal never claims a byte that is not there": whatever is lost, what a journal proves
/// afterwards is in the partial. The download below syncs and records at random, as the machine does by its rules.
@Suite("Resume after a crash", .timeLimit(.minutes(10)))
struct SimulatedCrashTests {
    private static let content = pattern(64_000)

    @Test("finds every claimed byte in the partial", arguments: SimulatedDisk.Loss.allCases, 0..<25)
    func claims(loss: SimulatedDisk.Loss, seed: UInt64) async throws {
        let disk = SimulatedDisk(seed: seed)
        var random = SplitMix64(seed: seed)
        for _ in 0..<12 {
            let limit = Int64.random(in: 1...20_000, using: &random)
            let store = FaultyStore(MemoryStore(on: disk), faults: [.crash(after: limit, losing: loss), .shortWrites])
            let isDone = await download(through: store, random: &random)
            if isDone { break }
        }
        if let published = disk.contents("big.bin") { #expect(published == Self.content) }
    }

    /// Downloads until the end or the crash; `true` at the end.
    private func download(through store: FaultyStore, random: inout SplitMix64) async -> Bool {
        do {
            let length = Int64(Self.content.count)
            var plan = PartialPlan(length: length, journal: identity(length: length))
            if case .found(let replay) = try await store.prepare(name: "big.bin", create: true, replacing: false) {
                plan.held = replay.held
                plan.durable = replay.durable
                checkClaims(replay, in: store)
            }
            try await store.begin(plan)
            try await fetch(plan, into: store, random: &random)
            try await store.publish(replacing: false)
            await store.close()
            return true
        } catch {
            return false
        }
    }

    private func fetch(_ plan: PartialPlan, into store: FaultyStore, random: inout SplitMix64) async throws {
        var done = plan.held
        var gaps = done.gaps(in: ByteRange(0, Int64(Self.content.count)))
        while let gap = gaps.ranges.randomElement(using: &random) {
            let lower = Int64.random(in: gap.lower..<gap.upper, using: &random)
            let range = ByteRange(lower, min(gap.upper, lower + Int64.random(in: 1...9_000, using: &random)))
            try store.write(Array(Self.content[Int(range.lower)..<Int(range.upper)]), at: range.lower)
            done.insert(range)
            gaps.remove(range)
            if Bool.random(using: &random) { try store.append(.written([range])) }
            if Int.random(in: 0..<4, using: &random) == 0 {
                try await store.sync()
                try store.append(.durable(done.ranges))
            }
        }
    }

    private func checkClaims(_ replay: JournalReplay, in store: FaultyStore) {
        let partial = store.disk.contents("big.bin.part") ?? []
        #expect(replay.held.count >= replay.durable.count)
        for range in replay.held.ranges {
            let bounds = Int(range.lower)..<Int(range.upper)
            #expect(partial[bounds] == Self.content[bounds])
        }
    }

    @Test("keeps what was written when only the process died")
    func killed() async throws {
        let disk = SimulatedDisk()
        let store = FaultyStore(MemoryStore(on: disk))
        try await store.start(length: 100)
        try store.write(pattern(50), at: 0)
        try store.append(.written([ByteRange(0, 50)]))
        store.crash(losing: .nothing)
        #expect(throws: StoreError.self) { try store.write([1], at: 0) }
        let found = try await MemoryStore(on: disk).prepare(name: "big.bin", create: true, replacing: false)
        let held = RangeSet([ByteRange(0, 50)])
        #expect(found == .found(JournalReplay(identity: identity(length: 100), held: held, durable: RangeSet())))
    }

    @Test("keeps only what was synced when power was lost and the journal survived")
    func powerLost() async throws {
        let disk = SimulatedDisk()
        let store = FaultyStore(MemoryStore(on: disk))
        try await store.start(length: 100)
        try store.write(pattern(50), at: 0)
        try await store.sync()
        try store.append(.durable([ByteRange(0, 50)]))
        try store.write(pattern(50), at: 50)
        try store.append(.written([ByteRange(50, 100)]))
        store.crash(losing: .unsyncedData)
        let found = try await MemoryStore(on: disk).prepare(name: "big.bin", create: true, replacing: false)
        let durable = RangeSet([ByteRange(0, 50)])
        #expect(found == .found(JournalReplay(identity: identity(length: 100), held: durable, durable: durable)))
        #expect(disk.contents("big.bin.part")?.prefix(50).elementsEqual(pattern(50)) == true)
    }

    @Test("fails when the disk is full, at the very byte", arguments: [0, 1, 4_095, 9_999])
    func diskFull(limit: Int64) async throws {
        let disk = SimulatedDisk()
        let store = FaultyStore(MemoryStore(on: disk), faults: [.enospc(after: limit), .shortWrites])
        try await store.start(length: 10_000)
        try await expectFailure(.diskFull) { try await store.allocate(length: 10_000) }
        try await expectFailure(.diskFull) { try store.write(pattern(10_000), at: 0) }
        let partial = try #require(disk.contents("big.bin.part"))
        #expect(partial.prefix(Int(limit)).elementsEqual(pattern(10_000).prefix(Int(limit))))
        #expect(partial.dropFirst(Int(limit)).allSatisfy { $0 == 0 })
        await store.close()
    }

    @Test("says that the disk failed when a sync does")
    func failingSync() async throws {
        let store = FaultyStore(MemoryStore(), faults: [.failingSync])
        try await store.start(length: 10)
        try await expectFailure(.inputOutput) { try await store.sync() }
        await store.close()
    }
}
