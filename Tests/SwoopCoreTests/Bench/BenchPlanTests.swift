// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("BenchPlan")
struct BenchPlanTests {
    /// Measures a path on which a connection brings `unit` and all together `total`, in MiB a second.
    private static func run(unit: Int64, total: Int64, most: Int = 32, admits: Int = .max) -> BenchPlan {
        var plan = BenchPlan(mostConnections: most)
        while let count = plan.next {
            let rate = min(unit * Int64(min(count, admits)), total) << 20
            plan.add(.init(connections: count, bytes: rate * 3, time: .seconds(3), wasRefused: count > admits))
        }
        return plan
    }

    @Test(
        "doubles until twice as many bring hardly more",
        arguments: [
            (2, 10, 32, [1, 2, 4, 8, 16], 8), (100, 100, 32, [1, 2], 1), (1, 1000, 32, [1, 2, 4, 8, 16, 32], 32),
            (1, 1000, 6, [1, 2, 4, 6], 6), (1, 1000, 1, [1], 1),
        ] as [(Int64, Int64, Int, [Int], Int)]
    )
    func doubles(unit: Int64, total: Int64, most: Int, counts: [Int], best: Int) {
        let plan = Self.run(unit: unit, total: total, most: most)
        #expect(plan.measurements.map(\.connections) == counts)
        #expect(plan.best?.connections == best)
    }

    @Test("stops where the origin turns connections away, and says so")
    func refused() {
        let plan = Self.run(unit: 2, total: 1000, admits: 4)
        #expect(plan.measurements.map(\.connections) == [1, 2, 4, 8])
        #expect(plan.best?.connections == 4)
        #expect(plan.advice?.contains("turns connections away at 8") == true)
    }

    @Test("advice names the gain, or that there is none")
    func advice() {
        #expect(Self.run(unit: 100, total: 100).advice?.hasPrefix("one connection brings all there is") == true)
        #expect(Self.run(unit: 2, total: 10).advice?.contains("5.0 times what one does") == true)
        #expect(Self.run(unit: 1, total: 1000).advice?.contains("--max-connections") == true)
        #expect(BenchPlan(mostConnections: 4).advice == nil)
    }

    @Test("an origin that sends nothing is not asked again")
    func silence() {
        var plan = BenchPlan(mostConnections: 32)
        plan.add(.init(connections: 1, bytes: 0, time: .zero))
        #expect(plan.next == nil)
    }
}
