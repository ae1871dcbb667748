// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("ConcurrencyController on simulated paths")
struct ConcurrencySimulationTests {
    private static func ours(_ path: SimulatedPath, seed: UInt64, step: Double = 0.01) -> Simulator {
        var simulator = Simulator(path, seed: seed, step: step)
        simulator.addOurs()
        return simulator
    }

    @Test(
        "16 connections carry within 1 s and 6 round trips, and 32 soon after, if every step pays",
        arguments: [1, 2, 5, 10, 20, 50, 100, 150, 200, 250, 300],
        [1.0, 2.0]
    )
    func starts(milliseconds: Int, handshakes: Double) {
        var path = SimulatedPath()
        path.perConnection = 4e6
        path.roundTrip = Double(milliseconds) / 1_000
        path.handshakes = handshakes
        path.noise = 0.08
        for seed in 0..<3 as Range<UInt64> {
            var simulator = Self.ours(path, seed: seed, step: min(0.005, path.roundTrip))
            while simulator.now < 1 + 6 * path.roundTrip, simulator.carrying < 16 { simulator.advance() }
            #expect(simulator.carrying >= 16)
            while simulator.now < 1.5 + 8 * path.roundTrip, simulator.carrying < 32 { simulator.advance() }
            #expect(simulator.carrying >= 32)
        }
    }

    @Test(
        "ends with one or two connections where one fills the link",
        arguments: [0.001, 0.01, 0.1],
        0..<3 as Range<UInt64>
    )
    func oneFills(roundTrip: Double, seed: UInt64) {
        var path = SimulatedPath()
        path.perConnection = 2e8
        path.shared = 5e7
        path.roundTrip = roundTrip
        path.noise = 0.03
        var simulator = Self.ours(path, seed: seed)
        let outcome = simulator.measure(length: 60, most: 32)
        #expect(simulator.clients[0].target <= 2)
        #expect(outcome.share > 0.95)
    }

    @Test("ends at the knee where each connection is capped", arguments: [0.001, 0.05], 0..<3 as Range<UInt64>)
    func knee(roundTrip: Double, seed: UInt64) {
        var path = SimulatedPath()
        path.perConnection = 2e6
        path.shared = 1e7
        path.roundTrip = roundTrip
        path.noise = 0.03
        var simulator = Self.ours(path, seed: seed)
        let outcome = simulator.measure(length: 60, most: 32)
        #expect((5...7).contains(outcome.final.rounded()))
        #expect(outcome.share > 0.95)
    }

    @Test("goes to 32 on a long lossy path and stays there", arguments: 0..<3 as Range<UInt64>)
    func lossy(seed: UInt64) {
        var path = SimulatedPath()
        path.shared = 5e7
        path.loss = 0.001
        var ours = Self.ours(path, seed: seed)
        ours.run(until: 2)
        for _ in 0..<6 {
            #expect(ours.clients[0].target == 32)
            ours.run(until: ours.now + 1)
        }
        let time = Self.time(path, mebibytes: 200, seed: seed) { $0.addOurs() }
        let fixed = Self.time(path, mebibytes: 200, seed: seed) { $0.add(.policy(FixedPolicy(32))) }
        #expect(time < 1.2 * fixed)
    }

    @Test(
        "fetches 100 MiB within 5 % of the ideal where each connection has a fifth",
        arguments: 0..<3 as Range<UInt64>
    )
    func throttled(seed: UInt64) {
        var path = SimulatedPath()
        path.perConnection = 2e6
        path.shared = 1e7
        path.roundTrip = 0.001
        let time = Self.time(path, mebibytes: 100, seed: seed) { $0.addOurs() }
        #expect(time < 1.05 * Double(100 << 20) / 1e7)
    }

    @Test("regrows within seconds when the path grows again", arguments: 0..<3 as Range<UInt64>)
    func regrows(seed: UInt64) {
        var path = SimulatedPath()
        path.perConnection = 5e7
        path.shared = 1.25e9
        path.roundTrip = 0.02
        path.noise = 0.03
        path.changes = [(20, 5e7, 2e8), (60, 5e7, 1.25e9)]
        var simulator = Self.ours(path, seed: seed)
        simulator.run(until: 60)
        #expect(simulator.clients[0].target <= 8)
        simulator.run(until: 76)
        let before = simulator.clients[0].received
        simulator.run(until: 80)
        #expect(simulator.clients[0].received - before > 0.85 * 4 * 1.25e9)
    }

    @Test("is turned away seldom by an origin that admits few", arguments: [1, 3, 4, 8, 13], 0..<2 as Range<UInt64>)
    func admits(count: Int, seed: UInt64) {
        var path = SimulatedPath()
        path.perConnection = 2e7
        path.admits = count
        var simulator = Self.ours(path, seed: seed)
        let outcome = simulator.measure(length: 60, most: 32)
        #expect(outcome.rejected <= 28)
        #expect(outcome.share > 0.85)
    }

    @Test("a second transfer shares the budget", arguments: 0..<3 as Range<UInt64>)
    func shares(seed: UInt64) {
        var path = SimulatedPath()
        path.perConnection = 2e6
        path.shared = 2e7
        var simulator = Self.ours(path, seed: seed)
        simulator.add(.book(0), begins: 5)
        var most = 0
        while simulator.now < 40 {
            simulator.advance()
            let allowed = simulator.clients.reduce(0) { $0 + ($1.begins <= simulator.now ? $1.target : 0) }
            let target = simulator.books[0].view(of: Simulator.origin)?.target ?? 1
            if simulator.now > 5.5 { #expect(allowed <= max(2, target)) }
            if simulator.now > 12 { most = max(most, simulator.clients.reduce(0) { $0 + $1.live }) }
        }
        #expect(most <= 32)
        let late = simulator.clients[1].received
        simulator.run(until: 80)
        let gained = simulator.clients[1].received - late
        #expect(gained > 0.35 * 40 * 2e7 && gained < 0.65 * 40 * 2e7)
    }

    @Test("a rate limit in the application teaches nothing")
    func heldBack() {
        var path = SimulatedPath()
        path.perConnection = 2e7
        path.shared = 1e8
        var simulator = Self.ours(path, seed: 1)
        simulator.clients[0].rateLimit = 1e6
        simulator.run(until: 3)
        let settled = simulator.clients[0].target
        simulator.run(until: 60)
        #expect(simulator.clients[0].target == settled)
    }

    private static func time(
        _ path: SimulatedPath,
        mebibytes: Double,
        seed: UInt64,
        add: (inout Simulator) -> Void
    ) -> Double {
        var simulator = Simulator(path, seed: seed)
        add(&simulator)
        simulator.clients[0].wants = mebibytes * 1_048_576
        simulator.run(until: 300)
        return simulator.now
    }
}
