// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

@Suite("DownloadMachine: connections that crawl, answers that are late")
struct MachineSlownessTests {
    /// Four connections that bring a MiB a second each, the last one a hundredth of that, for `seconds`.
    private func crawl(_ rig: inout Rig, seconds: Int, while busy: Bool = false) -> [DownloadCommand] {
        rig.run(length: 100 * mib)
        let others = rig.opened
        if busy { rig.send(.threadBusy(true)) }
        for (id, request) in others {
            let range = request.range ?? ByteRange(0, 0)
            rig.send(.head(id, Rig.part(range.lower, range.upper, of: 100 * mib)), after: .zero)
        }
        var commands: [DownloadCommand] = []
        for step in 1...seconds * 4 {
            let share = Int64(step) * mib / 4
            commands += rig.send(.wrote(ExchangeID(0), upTo: share), after: .milliseconds(250))
            for (index, (id, request)) in others.enumerated() {
                let lower = request.range?.lower ?? 0
                commands += rig.send(.wrote(id, upTo: lower + (index == 2 ? share / 100 : share)), after: .zero)
            }
        }
        return commands
    }

    @Test("a connection far slower than its siblings is replaced, and what it brought is kept")
    func straggler() throws {
        var rig = try Rig { $0.segmentSize = 20 * mib }
        let commands = crawl(&rig, seconds: 3)
        let replaced = commands.compactMap { if case .note(.replaced(let slot, _, _)) = $0 { slot } else { nil } }
        #expect(replaced == [3])
        let opened = commands.compactMap { if case .open(_, let request) = $0 { request } else { nil } }
        let lower = try #require(opened.first?.range?.lower)
        #expect(lower > 60 * mib && lower < 61 * mib)
        #expect(opened.first?.range?.upper == 80 * mib)
    }

    @Test("while we ourselves are what takes time, none is replaced, nor for a while after")
    func ownFault() throws {
        var rig = try Rig { $0.segmentSize = 20 * mib }
        var commands = crawl(&rig, seconds: 3, while: true)
        commands += rig.send(.threadBusy(false))
        commands += rig.send(.wrote(ExchangeID(0), upTo: 4 * mib), after: .milliseconds(900))
        let isReplaced = { (command: DownloadCommand) in if case .note(.replaced) = command { true } else { false } }
        #expect(!commands.contains(where: isReplaced))
        for step in 1...8 as ClosedRange<Int64> {
            commands += rig.send(.wrote(ExchangeID(0), upTo: (4 + step) * mib), after: .milliseconds(250))
            for (ordinal, base) in [(1, 23 * mib), (2, 43 * mib)] {
                commands += rig.send(.wrote(ExchangeID(ordinal), upTo: base + step * mib), after: .zero)
            }
            commands += rig.send(.wrote(ExchangeID(3), upTo: 60 * mib + mib / 20 + step * 10_000), after: .zero)
        }
        #expect(commands.contains(where: isReplaced))
    }

    @Test("replacements that are no faster become ever rarer")
    func neverWorse() throws {
        var rig = try Rig { $0.segmentSize = 20 * mib }
        var commands = crawl(&rig, seconds: 2)
        var replaced = 0
        var crawling: (id: ExchangeID, position: Int64)?
        for step in 1...200 as ClosedRange<Int64> {
            replaced += commands.count { if case .note(.replaced) = $0 { true } else { false } }
            let opened = commands.compactMap { if case .open(let id, let request) = $0 { (id, request) } else { nil } }
            commands = []
            if let (id, request) = opened.first, let range = request.range {
                commands += rig.send(.head(id, Rig.part(range.lower, range.upper, of: 100 * mib)), after: .zero)
                crawling = (id, range.lower)
            }
            for (ordinal, base) in [(0, 2 * mib), (1, 22 * mib), (2, 42 * mib)] {
                commands += rig.send(
                    .wrote(ExchangeID(ordinal), upTo: base + step * mib / 32),
                    after: .milliseconds(80)
                )
            }
            crawling?.position += 2_000
            if let crawling { commands += rig.send(.wrote(crawling.id, upTo: crawling.position), after: .zero) }
        }
        #expect((2...9).contains(replaced), "in 16 seconds")
    }

    @Test("the last bytes are asked for twice when they are late, and the loser is cancelled")
    func hedges() throws {
        var rig = try Rig { $0.connections = 2 }
        rig.run(length: 5 * mib)
        let slow = try #require(rig.opened.first?.id)
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib))
        rig.send(.closed(ExchangeID(0), nil))
        #expect(rig.opened.isEmpty)
        rig.send(.wake, after: .seconds(1))
        #expect(rig.opened.isEmpty, "a fiftieth of 5 MiB may arrive twice, not a MiB")
        #expect(slow == ExchangeID(1))

        var (large, slowest, hedge) = try hedged(connections: 2)
        #expect(hedge.request.range?.upper == 60 * mib)
        let range = try #require(hedge.request.range)
        large.send(.head(hedge.id, Rig.part(range.lower, range.upper, of: 60 * mib)))
        large.send(.wrote(hedge.id, upTo: range.upper))
        #expect(large.last.contains(.abort(slowest)))
        #expect(large.last.contains(.publish(replacing: false)))
    }

    @Test("a hedge that is late itself makes room for another one, whose bytes cost what its own would have")
    func hedgesAgain() throws {
        var (rig, slowest, first) = try hedged(connections: 3)
        rig.send(.wake, after: .seconds(2))
        let second = try #require(rig.opened.first)
        #expect(rig.last.contains(.abort(first.id)) && !rig.last.contains(.abort(slowest)))
        #expect(second.request.range == first.request.range)
    }

    /// A transfer whose last lease has had no head for 15 s, that lease, and the hedge that was opened for it.
    private func hedged(
        connections: Int
    ) throws -> (rig: Rig, slowest: ExchangeID, hedge: (id: ExchangeID, request: ExchangeRequest)) {
        var rig = try Rig {
            $0.connections = connections
            $0.segmentSize = mib
        }
        rig.run(length: 60 * mib)
        let slowest = try finishAllButOne(&rig)
        rig.send(.wake, after: .seconds(15))
        return (rig, slowest, try #require(rig.opened.first))
    }

    /// Finishes every lease but the last one, whose head never comes.
    private func finishAllButOne(_ rig: inout Rig) throws -> ExchangeID {
        var open: [ExchangeID: ByteRange] = [ExchangeID(0): ByteRange(0, 4 * mib)]
        for (id, request) in rig.opened { open[id] = request.range }
        while true {
            let pending = open.filter { $0.value.upper < 60 * mib }
            guard let (id, range) = pending.min(by: { $0.key < $1.key }) else { break }
            if id != ExchangeID(0) { rig.send(.head(id, Rig.part(range.lower, range.upper, of: 60 * mib))) }
            rig.send(.wrote(id, upTo: range.upper), after: .milliseconds(200))
            rig.send(.closed(id, nil), after: .zero)
            open[id] = nil
            for (id, request) in rig.opened { open[id] = request.range }
        }
        return try #require(open.keys.first)
    }
}
