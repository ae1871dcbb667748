// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("OriginBook")
struct OriginBookTests {
    private let origin = Simulator.origin

    private func load(
        demand: Int = 40,
        live: Int = 0,
        carrying: Int = 0,
        heads: Int = 0,
        received: Int64 = 0
    ) -> OriginLoad {
        var load = OriginLoad(origin: origin)
        load.demand = demand
        load.live = live
        load.carrying = carrying
        load.heads = heads
        load.received = received
        load.firstByte = heads > 0 ? .milliseconds(100) : nil
        return load
    }

    /// A book whose origin is known to want `connections` and to admit `ceiling`.
    private func book(_ connections: Int, ceiling: Int? = nil) -> OriginBook {
        OriginBook(memory: [
            origin: OriginMemory(connections: connections, unitRate: 1e6, ceiling: ceiling, seconds: 0)
        ])
    }

    private func counts(_ changes: [OriginBook.Change]) -> [Int: Int] {
        Dictionary(changes.map { ($0.transfer, $0.allowance.connections) }) { $1 }
    }

    @Test("tells a new transfer that it may probe, and nothing twice")
    func probes() {
        var book = OriginBook()
        let first = book.update([load()], of: 1, limit: .upTo(32), now: .zero)
        #expect(counts(first) == [1: 1])
        #expect(book.update([load(live: 1)], of: 1, limit: .upTo(32), now: .milliseconds(10)).isEmpty)
        let head = load(live: 1, carrying: 1, heads: 1)
        let second = book.update([head], of: 1, limit: .upTo(32), now: .milliseconds(20))
        #expect(counts(second) == [1: TransferOptions.firstConnections])
        #expect(book.update([head], of: 1, limit: .upTo(32), now: .milliseconds(21)).isEmpty)
    }

    @Test("a lone transfer may have the whole target, but not more than its limit")
    func lone() {
        var book = book(16)
        let changes = book.update([load(live: 1, carrying: 1, heads: 1)], of: 1, limit: .upTo(6), now: .zero)
        #expect(counts(changes) == [1: 6])
    }

    @Test("divides the target by demand, max-min fairly")
    func divides() {
        var book = book(16)
        _ = book.update([load(live: 1, carrying: 1, heads: 1)], of: 1, limit: .upTo(32), now: .zero)
        let second = book.update([load(demand: 3)], of: 2, limit: .upTo(32), now: .milliseconds(1))
        #expect(counts(second) == [1: 13, 2: 3])
        let third = book.update([load()], of: 3, limit: .upTo(32), now: .milliseconds(2))
        #expect(counts(third) == [1: 7, 3: 6])
        #expect(counts(book.leave(1, now: .milliseconds(3))) == [3: 13])
    }

    @Test("every transfer may probe unless a ceiling was learned; then who came last waits")
    func waits() {
        var open = book(2)
        var bound = book(2, ceiling: 2)
        for transfer in 1...2 {
            _ = open.update(
                [load(demand: 5, live: 1, carrying: 1, heads: 1)],
                of: transfer,
                limit: .upTo(32),
                now: .zero
            )
            _ = bound.update(
                [load(demand: 5, live: 1, carrying: 1, heads: 1)],
                of: transfer,
                limit: .upTo(32),
                now: .zero
            )
        }
        #expect(counts(open.update([load()], of: 3, limit: .upTo(32), now: .zero)) == [3: 1])
        #expect(counts(bound.update([load()], of: 3, limit: .upTo(32), now: .zero)) == [3: 0])
        #expect(counts(bound.update([load()], of: 4, limit: .upTo(32), now: .zero)) == [4: 0])
        #expect(counts(bound.leave(1, now: .seconds(1))) == [3: 1])
        #expect(counts(bound.leave(2, now: .seconds(1))) == [4: 1])
    }

    @Test("a number that the user fixed is kept, and counts against the others")
    func fixed() {
        var book = book(16)
        #expect(counts(book.update([load()], of: 1, limit: .exactly(10), now: .zero)) == [1: 10])
        let working = load(live: 10, carrying: 10, heads: 10)
        #expect(book.update([working], of: 1, limit: .exactly(10), now: .seconds(1)).isEmpty)
        let other = load(live: 1, carrying: 1, heads: 1)
        #expect(counts(book.update([other], of: 2, limit: .upTo(32), now: .seconds(2))) == [2: 6])
    }

    @Test("Retry-After is shared with everybody, once")
    func silence() {
        var book = book(8)
        let working = load(live: 1, carrying: 1, heads: 1)
        _ = book.update([working], of: 1, limit: .upTo(32), now: .zero)
        _ = book.update([working], of: 2, limit: .upTo(32), now: .zero)
        var silenced = working
        silenced.silence = .seconds(5)
        let changes = book.update([silenced], of: 1, limit: .upTo(32), now: .seconds(1))
        #expect(changes.map(\.transfer) == [2])
        #expect(changes.first?.allowance.silence == .seconds(5))
        silenced.silence = .seconds(4)
        #expect(book.update([silenced], of: 1, limit: .upTo(32), now: .seconds(2)).isEmpty)
        let late = book.update([load()], of: 3, limit: .upTo(32), now: .seconds(3))
        #expect(late.first { $0.transfer == 3 }?.allowance.silence == .seconds(3))
    }

    @Test("remembers what it learned and keeps what it was given")
    func memories() {
        let other = OriginMemory(connections: 3, unitRate: 5, seconds: 77)
        var simulator = Simulator(
            {
                var path = SimulatedPath()
                path.perConnection = 2e6
                path.shared = 1e7
                return path
            }(),
            seed: 1
        )
        simulator.addOurs()
        #expect(simulator.books[0].memories(seconds: 100).isEmpty)
        simulator.run(until: 40)
        let learned = simulator.books[0].memories(seconds: 100)[Simulator.origin]
        #expect(learned.map { (4...8).contains($0.connections) } == true && learned?.seconds == 100)
        #expect(OriginBook(memory: [origin: other]).memories(seconds: 100) == [origin: other])
    }

    @Test("stays consistent whatever transfers do", arguments: 0..<20 as Range<UInt64>)
    func anything(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = OriginBook()
        var told: [Int: Int] = [:]
        for step in 0..<1_500 {
            let transfer = Int.random(in: 0..<6, using: &random)
            let now = Duration.milliseconds(step * 20)
            var changes: [OriginBook.Change]
            if random.unit() < 0.03 {
                changes = book.leave(transfer, now: now)
                told[transfer] = nil
            } else {
                var load = load(demand: Int.random(in: 0...40, using: &random), received: Int64(step) << 16)
                load.live = Int.random(in: 0...8, using: &random)
                load.carrying = min(load.live, Int.random(in: 0...8, using: &random))
                load.heads = step
                load.refusals = step / 300
                let limit: OriginBook.Limit = transfer == 5 ? .exactly(3) : .upTo(20)
                changes = book.update([load], of: transfer, limit: limit, now: now)
                if told[transfer] == nil { #expect(changes.contains { $0.transfer == transfer }) }
            }
            for change in changes {
                #expect(change.allowance.connections != told[change.transfer])
                told[change.transfer] = change.allowance.connections
            }
        }
    }

    @Test("a load that was told is no news, unless connections are in use: then time that passes is")
    func news() throws {
        var load = OriginLoad(origin: try HTTPURL.parse("https://origin.test/").origin)
        #expect(OriginLoad.areNews([load], after: []))
        #expect(!OriginLoad.areNews([load], after: [load]))
        load.live = 1
        #expect(OriginLoad.areNews([load], after: [load]))
    }

    @Test("what one transfer learned of If-Range all others are told, and those that come later")
    func ignoredConditions() {
        var book = OriginBook()
        for transfer in 1...2 { _ = book.update([load()], of: transfer, limit: .upTo(4), now: .zero) }
        var told = load(live: 1, heads: 1)
        told.ignoresIfRange = true
        let changes = book.update([told], of: 1, limit: .upTo(4), now: .milliseconds(10))
        #expect(Set(changes.filter(\.allowance.ignoresIfRange).map(\.transfer)) == [1, 2])
        #expect(book.update([told], of: 1, limit: .upTo(4), now: .milliseconds(10)).isEmpty)
        let late = book.update([load()], of: 3, limit: .upTo(4), now: .milliseconds(20))
        #expect(late.first { $0.transfer == 3 }?.allowance.ignoresIfRange == true)
    }

    @Test("what an earlier run learned of If-Range is told at once")
    func rememberedConditions() {
        var book = OriginBook(memory: [
            origin: OriginMemory(connections: 1, unitRate: 1, ignoresIfRange: true, seconds: 0)
        ])
        let changes = book.update([load()], of: 1, limit: .upTo(4), now: .zero)
        #expect(changes.map(\.allowance.ignoresIfRange) == [true])
    }
}
