// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("DownloadMachine in simulation")
struct SimulationTests {
    /// One run of a seed: what was wrong with it, or `nil`.
    private static func fault(seed: UInt64, crashes: Int, faultRate: Double) -> String? {
        var random = SplitMix64(seed: seed &* 7919)
        let habits = SimulatedOrigin.Habit.allCases
        let habit = habits[Int(seed % UInt64(habits.count))]
        var options = TransferOptions()
        options.connections = Int.random(in: 1...12, using: &random)
        options.seed = seed
        options.retries = 40
        if seed.isMultiple(of: 5) { options.segmentSize = Int64.random(in: 100_000...8_000_000, using: &random) }
        let times = (0..<crashes).map { _ in
            (
                Duration.milliseconds(Int64.random(in: 1...20_000, using: &random)),
                losesPower: Bool.random(using: &random)
            )
        }
        let origin = SimulatedOrigin(seed: seed, habit: habit, faultRate: faultRate)
        var simulation = Simulation(origin: origin, options: options, crashes: times)
        let ending = simulation.run()
        let what = "seed \(seed), \(habit): "
        if simulation.brokenPromise { return what + "the journal claims bytes that are not there" }
        if simulation.largestConnectionCount > options.connectionCount { return what + "too many connections" }
        switch ending {
        case .endless: return what + "does not end"
        case .failed(let code):
            let isExcused = [.changed, .invalidResponse].contains(code) && faultRate > 0
            return isExcused ? nil : what + "failed with \(code)"
        case .published:
            let versions = simulation.disk.publishedVersions
            guard versions.count <= 1 else { return what + "published a mixture" }
            guard let version = versions.first else {
                return simulation.origin.lengths.contains(0) ? nil : what + "published nothing"
            }
            let whole = [ByteRange(0, simulation.origin.lengths[version])]
            return simulation.disk.published?.ranges == whole ? nil : what + "published early"
        }
    }

    @Test("10,000 seeded runs against faulty origins end, cover every byte, never mix versions, never publish early")
    func faultyOrigins() {
        for seed in 0..<10_000 as Range<UInt64> {
            let fault = Self.fault(seed: seed, crashes: 0, faultRate: [0, 0.05, 0.2][Int(seed % 3)])
            #expect(fault == nil)
        }
    }

    @Test("2,000 seeded runs with crashes and power losses resume and never publish a wrong byte")
    func crashes() {
        for seed in 0..<2_000 as Range<UInt64> {
            let fault = Self.fault(seed: seed, crashes: 1 + Int(seed % 4), faultRate: [0, 0.1][Int(seed % 2)])
            #expect(fault == nil)
        }
    }
}
