// SPDX-License-Identifier: Apache-2.0

/// A throughput and the mean number of connections that carried it.
struct Level: Hashable, Sendable {
    /// Bytes per second.
    var rate: Double
    /// Mean number of connections whose bodies flowed; above 0.
    var carrying: Double

    /// Bytes per second of one connection.
    var unit: Double { rate / carrying }

    /// How much of a proportional gain going from `base` to this level brought: 1 is all of it, 0 none.
    func gain(over base: Level) -> Double {
        let linear = carrying / base.carrying - 1
        guard base.rate > 0, abs(linear) > 0.01 else { return rate > base.rate ? 1 : 0 }
        return (rate / base.rate - 1) / linear
    }
}

/// Bytes and connections between two moments, in seconds.
struct ThroughputWindow: Hashable, Sendable {
    private(set) var start: Double
    private(set) var end: Double
    private var bytes: Double = 0
    private var carried: Double = 0
    private var blocked: Double = 0

    init(start: Double) {
        self.start = start
        end = start
    }

    var length: Double { end - start }

    /// Whether something else than the origin or the path held up a quarter of it or more.
    var isBlocked: Bool { blocked > 0.25 * length }

    /// What it measured, or `nil` if nothing was carried.
    var level: Level? {
        length > 0 && carried > 0.05 * length
            ? Level(rate: bytes / length, carrying: carried / length) : nil
    }

    /// Extends the window to `time`: `bytes` arrived since its end, over `carrying` connections.
    mutating func extend(to time: Double, bytes: Int64, carrying: Int, isBlocked: Bool) {
        let elapsed = max(0, time - end)
        end = max(end, time)
        self.bytes += Double(max(0, bytes))
        carried += elapsed * Double(carrying)
        if isBlocked { blocked += elapsed }
    }

    /// Appends a window that begins where this one ends.
    mutating func append(_ next: ThroughputWindow) {
        end = max(end, next.end)
        bytes += next.bytes
        carried += next.carried
        blocked += next.blocked
    }
}
