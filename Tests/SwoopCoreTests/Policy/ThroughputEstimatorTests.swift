// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("ThroughputEstimator")
struct ThroughputEstimatorTests {
    @Test("knows nothing before bytes arrive")
    func unknown() {
        #expect(ThroughputEstimator(now: .zero).bytesPerSecond(now: .seconds(3)) == nil)
    }

    @Test("a steady stream gives its rate")
    func steady() throws {
        var estimator = ThroughputEstimator(now: .zero)
        for tick in 1...100 { estimator.add(100_000, now: .milliseconds(100 * tick)) }
        let rate = try #require(estimator.bytesPerSecond(now: .seconds(10)))
        #expect(abs(rate - 1_000_000) < 10_000)
    }

    @Test("silence lowers the rate")
    func silence() throws {
        var estimator = ThroughputEstimator(now: .zero)
        for tick in 1...50 { estimator.add(100_000, now: .milliseconds(100 * tick)) }
        let rate = try #require(estimator.bytesPerSecond(now: .seconds(15)))
        #expect(rate < 100_000)
    }

    @Test("follows a change within a few seconds")
    func follows() throws {
        var estimator = ThroughputEstimator(now: .zero)
        for tick in 1...50 { estimator.add(100_000, now: .milliseconds(100 * tick)) }
        for tick in 51...100 { estimator.add(500_000, now: .milliseconds(100 * tick)) }
        let rate = try #require(estimator.bytesPerSecond(now: .seconds(10)))
        #expect(rate > 4_500_000)
    }
}
