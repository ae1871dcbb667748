// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import Testing

/// Prints the tables of docs/concurrency.md: `SWOOP_SIMULATOR_TABLE=1 swift test --filter SimulatorTable`.
@Suite("The simulator's tables", .serialized, .enabled(if: getenv("SWOOP_SIMULATOR_TABLE") != nil))
struct SimulatorTable {
    private let seeds = 10

    @Test("prints how contestants fare on every path")
    func paths() {
        print(
            "TABLE| path (fewest that carry it) |",
            SimulatedContestant.allCases.map { $0.rawValue + " |" }.joined(separator: " ")
        )
        print("TABLE|---|" + String(repeating: "---|", count: SimulatedContestant.allCases.count))
        for scenario in SimulatedScenario.all {
            let cells = SimulatedContestant.allCases.map { cell(scenario, $0) + " |" }.joined(separator: " ")
            let knee = scenario.isMeasured ? 32 : scenario.path.knee(most: SimulatedScenario.most)
            print("TABLE| \(scenario.name) (\(knee)) |", cells)
        }
    }

    private func cell(_ scenario: SimulatedScenario, _ contestant: SimulatedContestant) -> String {
        let outcomes = (0..<seeds).map { seed in
            var optimum: Double?
            if scenario.isMeasured {
                var fixed = Simulator(scenario.path, seed: UInt64(seed))
                fixed.add(.policy(FixedPolicy(SimulatedScenario.most)))
                fixed.run(until: scenario.length)
                optimum = fixed.clients[0].received / scenario.length
            }
            var simulator = Simulator(scenario.path, seed: UInt64(seed))
            simulator.add(contestant, most: SimulatedScenario.most)
            return simulator.measure(length: scenario.length, most: SimulatedScenario.most, optimum: optimum)
        }
        let reached = outcomes.compactMap(\.reached).sorted()
        let time = reached.count > seeds / 2 ? Self.tenths(reached[reached.count / 2]) : "never"
        let rejected = outcomes.map(\.rejected).reduce(0, +) / seeds
        return "\(time) / \(Int((100 * mean(outcomes.map(\.share))).rounded())) / "
            + Self.tenths(mean(outcomes.map(\.final))) + (rejected > 0 ? " / \(rejected)" : "")
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    @Test("prints how clients share a path")
    func neighbours() {
        for contestant in [SimulatedContestant.ours, .falcon, .mc, .azcopy, .fixed16] {
            for (mine, others) in [(2, 0), (4, 0), (16, 0), (1, 1), (4, 4)] { neighbours(contestant, mine, others) }
        }
    }

    /// `mine` of a contestant and `others` with 16 fixed connections, on path A.
    private func neighbours(_ contestant: SimulatedContestant, _ mine: Int, _ others: Int) {
        let outcomes = (0..<4).map { seed in
            var simulator = Simulator(SimulatedScenario.all[0].path, seed: UInt64(seed))
            for _ in 0..<mine { simulator.add(contestant, most: SimulatedScenario.most) }
            for _ in 0..<others { simulator.add(.policy(FixedPolicy(16))) }
            let outcome = simulator.measure(length: 60, most: SimulatedScenario.most)
            let all = simulator.clients.map(\.received).reduce(0, +)
            return (outcome, simulator.clients.prefix(mine).map(\.received).reduce(0, +) / all)
        }
        print(
            "TABLE| \(contestant.rawValue) | \(mine) | \(others) |",
            "\(Self.hundredths(mean(outcomes.map(\.0.fairness)))) |",
            "\(Int(mean(outcomes.map(\.0.total)).rounded())) | \(Int((100 * mean(outcomes.map(\.1))).rounded())) % |"
        )
    }

    private static func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    @Test("prints how long short transfers take")
    func transfers() {
        var throttled = SimulatedPath()
        throttled.perConnection = 2e6
        throttled.shared = 1e7
        throttled.roundTrip = 0.001
        var lossy = SimulatedPath()
        lossy.shared = 5e7
        lossy.loss = 0.001
        var link = SimulatedPath()
        link.shared = 1.2e8
        link.perConnection = 2e9
        link.roundTrip = 0.02
        let paths = [
            ("P6, 100 MiB", throttled, 100.0), ("P7, 200 MiB", lossy, 200),
            ("one fills 120 MB/s, 20 ms, 200 MiB", link, 200),
        ]
        for (name, path, mebibytes) in paths {
            let fixed = [1, 4, 8, 16, 32].map { n in seconds(path, mebibytes) { $0.add(.policy(FixedPolicy(n))) } }
            let ours = seconds(path, mebibytes) { $0.addOurs() }
            let known = seconds(path, mebibytes) { simulator in
                simulator.addOurs(memory: OriginMemory(connections: path.loss > 0 ? 32 : 6, unitRate: 1e6, seconds: 0))
            }
            let ideal = Self.hundredths(mebibytes * 1_048_576 / path.shared)
            print("TABLE| \(name) | \(ideal) |", (fixed + [ours, known]).joined(separator: " | "), "|")
        }
    }

    private func seconds(_ path: SimulatedPath, _ mebibytes: Double, _ add: (inout Simulator) -> Void) -> String {
        Self.hundredths(
            mean(
                (0..<seeds).map { seed in
                    var simulator = Simulator(path, seed: UInt64(seed))
                    add(&simulator)
                    simulator.clients[0].wants = mebibytes * 1_048_576
                    simulator.run(until: 400)
                    return simulator.now
                }
            )
        )
    }
}
