// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("BusyGauge")
struct BusyGaugeTests {
    /// Feeds readings of a thread that is busy for a share of the time, every `step`, for `length`.
    private func feed(_ gauge: inout BusyGauge, _ share: Double, from: Duration, step: Duration, length: Duration) {
        var now = from
        while now < from + length {
            gauge.take(used: .seconds(now.seconds * share), now: now)
            now += step
        }
    }

    @Test(
        "tells a thread without time left from one that waits",
        arguments: [(0.5, false), (0.8, false), (0.95, true)]
    )
    func judges(share: Double, isBusy: Bool) {
        var gauge = BusyGauge()
        feed(&gauge, share, from: .zero, step: .milliseconds(7), length: .seconds(1))
        #expect(gauge.isBusy == isBusy)
    }

    @Test("a burst shorter than its span does not count")
    func bursts() {
        var gauge = BusyGauge()
        gauge.take(used: .zero, now: .zero)
        gauge.take(used: .milliseconds(10), now: .milliseconds(10))
        #expect(!gauge.isDue(now: .milliseconds(10)) && !gauge.isBusy)
        gauge.take(used: .milliseconds(10), now: .milliseconds(60))
        #expect(!gauge.isBusy)
    }

    @Test("asks for no reading while one would tell nothing")
    func due() {
        var gauge = BusyGauge()
        #expect(gauge.isDue(now: .zero))
        gauge.take(used: .zero, now: .zero)
        #expect(!gauge.isDue(now: .milliseconds(49)))
        #expect(gauge.isDue(now: .milliseconds(50)))
    }
}
