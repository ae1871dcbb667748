// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("ConcurrencyController")
struct ConcurrencyControllerTests {
    typealias Sample = ConcurrencyController.Sample

    /// A controller whose connections all carry `unit` bytes a second, `shared` at most together, told every 50 ms from 0
    /// to `until` seconds.
    static func feed(
        _ controller: inout ConcurrencyController,
        from: Double,
        until: Double,
        unit: Double = 1e6,
        shared: Double = .infinity,
        firstByte: Duration = .milliseconds(20),
        change: (inout Sample) -> Void = { _ in }
    ) {
        var now = from
        while now < until {
            now += 0.05
            var sample = Sample()
            sample.carrying = controller.target
            sample.live = controller.target
            sample.demand = 100
            sample.firstByte = firstByte
            sample.bytes = Int64(min(unit * Double(controller.target), shared) * 0.05)
            change(&sample)
            controller.observe(sample, now: .seconds(now))
        }
    }

    @Test("begins with one connection and asks for four at the first head, if the origin is far")
    func begins() {
        var controller = ConcurrencyController(now: .zero)
        #expect(controller.target == 1 && controller.phase == .waiting)
        var sample = Sample()
        sample.live = 1
        sample.demand = 40
        controller.observe(sample, now: .milliseconds(50))
        #expect(controller.target == 1)
        sample.carrying = 1
        sample.firstByte = .milliseconds(100)
        controller.observe(sample, now: .milliseconds(100))
        #expect(controller.target == 4 && controller.phase == .starting)
    }

    @Test("watches the first connection of a near origin, and ends with two where it fills the path")
    func fills() {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 0.1, unit: 1e6)
        #expect(controller.target == 1 && controller.phase == .starting)
        Self.feed(&controller, from: 0.1, until: 0.25, unit: 2e7)
        #expect(controller.target == 1)
        Self.feed(&controller, from: 0.25, until: 6, unit: 5e7, shared: 5e7)
        #expect(controller.target == 2 && controller.phase == .settled)
    }

    @Test("a second connection that pays is followed by more at once")
    func secondPays() {
        var controller = ConcurrencyController(now: .zero)
        var targets: [Int] = []
        Self.feed(&controller, from: 0, until: 1) { sample in
            if targets.last != sample.live { targets.append(sample.live) }
        }
        #expect(targets.prefix(4) == [1, 2, 8, 16])
    }

    @Test("starts over where what seemed to fill the path falls behind")
    func disproved() {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 1, unit: 5e7, shared: 5e7)
        #expect(controller.target == 2 && controller.phase == .settled)
        Self.feed(&controller, from: 1, until: 1.5, unit: 1.5e7, shared: 5e7)
        #expect(controller.target >= 4)
    }

    @Test("a first connection that is held back on this side stays alone, until it is not")
    func heldBackAlone() {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 5, unit: 1e9) { $0.isHeldBack = true }
        #expect(controller.target == 1)
        Self.feed(&controller, from: 5, until: 7, unit: 1e6)
        #expect(controller.target == 32)
    }

    @Test("a first connection that begins with a burst and then crawls is not watched any longer")
    func burst() {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 0.1, unit: 2e7)
        Self.feed(&controller, from: 0.1, until: 0.35, unit: 0)
        #expect(controller.target >= 4)
    }

    @Test("a first connection that does not come to rest is not waited for")
    func restless() {
        var controller = ConcurrencyController(now: .zero)
        var isFast = false
        var since = 0
        Self.feed(&controller, from: 0, until: 1) { sample in
            since += 1
            if since.isMultiple(of: 2) { isFast.toggle() }
            sample.bytes *= isFast ? 5 : 1
        }
        #expect(controller.target >= 4)
    }

    @Test("doubles to the limit while every doubling pays")
    func doubles() {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 2)
        #expect(controller.target == 32 && controller.phase == .settled)
    }

    @Test(
        "begins with what is remembered, within its limits",
        arguments: [(12, nil, 12), (90, nil, 32), (12, 5, 5)] as [(Int, Int?, Int)]
    )
    func remembers(connections: Int, ceiling: Int?, expected: Int) {
        let memory = OriginMemory(connections: connections, unitRate: 1e6, ceiling: ceiling, seconds: 0)
        var controller = ConcurrencyController(remembered: memory, now: .zero)
        Self.feed(&controller, from: 0, until: 0.05)
        #expect(controller.target == expected)
    }

    @Test("decides nothing while the application is the bottleneck", arguments: [true, false])
    func decidesNothing(isHeldBack: Bool) {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 0.05, firstByte: .milliseconds(100))
        #expect(controller.target == 4)
        Self.feed(&controller, from: 0.05, until: 90, firstByte: .milliseconds(100)) { sample in
            sample.isHeldBack = isHeldBack
            if !isHeldBack {
                sample.carrying = 2
                sample.live = 2
                sample.demand = 2
            }
        }
        #expect(controller.target == 4)
    }

    @Test("stops at a refusal, counts a volley once, and tries one more only when the ceiling has aged")
    func refused() {
        var controller = ConcurrencyController(now: .zero)
        Self.feed(&controller, from: 0, until: 0.2, firstByte: .milliseconds(100))
        #expect(controller.target == 8)
        controller.refused(carrying: 4, live: 6, now: .seconds(0.21))
        controller.refused(carrying: 5, live: 5, now: .seconds(0.22))
        #expect(controller.phase == .refused && controller.target == 6)
        Self.feed(&controller, from: 0.22, until: 1) { $0.carrying = 5 }
        #expect(controller.target == 5 && controller.ceiling == 5)
        Self.feed(&controller, from: 1, until: 14)
        #expect(controller.target <= 5)
        Self.feed(&controller, from: 14, until: 30)
        #expect(controller.target > 5)
    }

    @Test("whatever happens, it stays within its bounds and does not grow while refusals are held", arguments: 0..<40)
    func bounds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var limits = ConcurrencyController.Limits(highest: Int.random(in: 1...40, using: &random))
        var controller = ConcurrencyController(limits: limits, now: .zero)
        var now = 0.0
        for _ in 0..<3_000 {
            now += random.unit() * (random.unit() < 0.01 ? 5 : 0.2)
            let before = (controller.target, controller.phase)
            if random.unit() < 0.01 {
                controller.refused(carrying: Int.random(in: 0...40, using: &random), live: 3, now: .seconds(now))
                #expect(controller.target <= before.0)
            } else if random.unit() < 0.003 {
                limits.highest = Int.random(in: 1...40, using: &random)
                controller.limit(to: limits.highest)
            } else if random.unit() < 0.003 {
                controller.pause(now: .seconds(now))
            } else {
                controller.observe(Self.anySample(&random), now: .seconds(now))
                if before.1 == .refused { #expect(controller.target <= before.0) }
            }
            #expect((1...limits.highest).contains(controller.target))
            #expect(controller.target <= controller.ceiling ?? 40)
        }
    }

    private static func anySample(_ random: inout SplitMix64) -> Sample {
        var sample = Sample()
        sample.bytes = Int64.random(in: -5...(1 << 22), using: &random)
        sample.carrying = Int.random(in: 0...40, using: &random)
        sample.live = Int.random(in: 0...40, using: &random)
        sample.demand = Int.random(in: 0...200, using: &random)
        sample.isHeldBack = random.unit() < 0.05
        if random.unit() < 0.3 { sample.firstByte = .seconds(random.unit()) }
        return sample
    }
}
