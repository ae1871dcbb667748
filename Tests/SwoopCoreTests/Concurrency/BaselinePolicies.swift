// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore

/// Mean throughput over windows of a fixed length, for rules that decide once in each.
struct WindowMeter {
    let length: Double
    private var start: Double?
    private var bytes = 0.0

    init(length: Double) { self.length = length }

    /// Bytes per second if a window ended.
    mutating func add(_ sample: ConcurrencyController.Sample, now: Double) -> Double? {
        guard let start else {
            if sample.carrying > 0 { self.start = now }
            return nil
        }
        bytes += Double(sample.bytes)
        guard now - start >= length else { return nil }
        defer {
            self.start = now
            bytes = 0
        }
        return bytes / (now - start)
    }
}

/// Always the same number, once the first head is there.
struct FixedPolicy: ConnectionPolicy {
    let count: Int
    var target = 1

    init(_ count: Int) { self.count = count }

    mutating func observe(_ sample: ConcurrencyController.Sample, now: Double) {
        if sample.carrying > 0 { target = count }
    }

    mutating func refused(carrying: Int, live: Int, now: Double) {}
}

/// One more each window, a tenth fewer at each refusal.
struct AIMDPolicy: ConnectionPolicy {
    let most: Int
    var target = 1
    var meter = WindowMeter(length: 1)

    mutating func observe(_ sample: ConcurrencyController.Sample, now: Double) {
        if sample.carrying > 0 { target = max(4, target) }
        if meter.add(sample, now: now) != nil { target = min(most, target + 1) }
    }

    mutating func refused(carrying: Int, live: Int, now: Double) { target = max(1, Int(Double(target) * 0.9)) }
}

/// Arslan's online search: climbs `throughput / 1.02^n`, in windows of 3 s.
struct FalconPolicy: ConnectionPolicy {
    let most: Int
    var target = 1
    var meter = WindowMeter(length: 3)
    private var last: (n: Int, utility: Double)?
    private var direction = 1
    private var momentum = 1

    init(most: Int) { self.most = most }

    mutating func observe(_ sample: ConcurrencyController.Sample, now: Double) {
        if sample.carrying > 0, target == 1, last == nil { target = 2 }
        guard let rate = meter.add(sample, now: now) else { return }
        let utility = rate / pow(1.02, Double(target))
        if let last, last.utility > 0 {
            if utility >= last.utility {
                momentum = min(momentum * 2, 8)
            } else {
                direction = -direction
                momentum = 1
            }
        }
        last = (target, utility)
        target = min(max(1, target + direction * momentum), most)
    }

    mutating func refused(carrying: Int, live: Int, now: Double) {
        direction = -1
        target = max(1, min(target - 1, max(carrying, 1)))
    }
}

/// azcopy: times four, keeps what brings a fifth of a proportional gain, else smaller factors; then frozen.
struct AzcopyPolicy: ConnectionPolicy {
    let most: Int
    var target = 1
    var meter = WindowMeter(length: 2)
    private var base: (n: Int, rate: Double)?
    private var factor = 4.0
    private var isFrozen = false

    init(most: Int) { self.most = most }

    mutating func observe(_ sample: ConcurrencyController.Sample, now: Double) {
        if sample.carrying > 0, base == nil { target = max(4, target) }
        guard let rate = meter.add(sample, now: now), !isFrozen else { return }
        if let base, rate < base.rate * (1 + 0.2 * (Double(target) / Double(base.n) - 1)) {
            target = base.n
            factor = 1 + (factor - 1) / 5
            isFrozen = factor < 1.19
        } else {
            base = (target, rate)
        }
        guard !isFrozen, let base else { return }
        target = min(most, max(base.n + 1, Int(Double(base.n) * factor)))
        if target == base.n { isFrozen = true }
    }

    mutating func refused(carrying: Int, live: Int, now: Double) {}
}

/// MinIO's mc: four more every 4 s while the throughput beats the best; never fewer.
struct McPolicy: ConnectionPolicy {
    let most: Int
    var target = 1
    var meter = WindowMeter(length: 4)
    private var best = 0.0
    private var failures = 0

    init(most: Int) { self.most = most }

    mutating func observe(_ sample: ConcurrencyController.Sample, now: Double) {
        if sample.carrying > 0 { target = max(4, target) }
        guard let rate = meter.add(sample, now: now), failures < 3 else { return }
        if rate > best {
            best = rate
            target = min(most, target + 4)
        } else {
            failures += 1
        }
    }

    mutating func refused(carrying: Int, live: Int, now: Double) {}
}
