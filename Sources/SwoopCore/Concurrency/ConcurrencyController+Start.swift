// SPDX-License-Identifier: Apache-2.0

// The start: from the first body to a number that is believed, in round trips.
extension ConcurrencyController {
    /// The doublings since the first head.
    struct Start: Hashable, Sendable {
        /// Connections before the last doubling.
        var from = 1
        /// When the last doubling was.
        var steppedAt: Double = 0
        /// What flowed before the last doubling, or `nil` if that was not measured.
        var base: Level?
        /// What flowed since ``from`` connections carry.
        var measure: ThroughputWindow?
        /// Rate of the beat before, to tell slow start from a full path.
        var previousRate: Double = 0
        /// Beats that neither paid nor grew.
        var flatBeats = 0
        /// Highest rate of one connection so far.
        var bestUnit: Double = 0

        init() {}

        init(from: Int, time: Double) {
            self.from = from
            steppedAt = time
        }

        mutating func restartMeasure(_ time: Double) {
            measure = nil
            flatBeats = 0
        }
    }

    /// Share of a proportional gain at which a doubling pays.
    private static let payingGain = 0.3
    /// Beats in which all connections carry and nothing more flows, after which a doubling is given up.
    private static let patience = 2

    mutating func starting(_ ended: ThroughputWindow, _ level: Level, _ time: Double) {
        let isGrowing = level.rate > 1.1 * start.previousRate
        start.previousRate = level.rate
        // At most one doubling is unproven: the connections before it must carry.
        guard carrying >= start.from else { return start.restartMeasure(time) }
        start.measure?.append(ended)
        if start.measure == nil { start.measure = ended }
        guard let measured = start.measure?.level else { return }
        start.bestUnit = max(start.bestUnit, level.unit)
        guard let base = start.base else { return step(measured, time) }
        if isFull(measured) {
            judge(level, base, isGrowing, time)
        } else if level.rate > 1.2 * base.rate || time > start.steppedAt + newcomersDue {
            step(measured, time)
        }
    }

    /// Whether three quarters of the newcomers carry.
    private func isFull(_ level: Level) -> Bool {
        level.carrying >= Double(start.from) + 0.75 * Double(target - start.from)
    }

    /// Seconds after which connections that carry nothing are no longer waited for.
    var newcomersDue: Double { max(1, 6 * (latency.short ?? 0.1)) }

    private mutating func judge(_ level: Level, _ base: Level, _ isGrowing: Bool, _ time: Double) {
        if level.gain(over: base) >= Self.payingGain { return step(level, time) }
        if isGrowing { return }
        start.flatBeats += 1
        if start.flatBeats >= Self.patience { finishStart(level, base, time) }
    }

    /// Doubles, or ends the start at the limit.
    private mutating func step(_ level: Level, _ time: Double) {
        guard target < most else { return settle(at: target, level, time) }
        start.from = target
        start.steppedAt = time
        start.base = level
        start.restartMeasure(time)
        target = min(most, target * 2)
    }

    /// The last doubling did not pay: go to where the best rate of one connection says that the load is carried.
    private mutating func finishStart(_ level: Level, _ base: Level, _ time: Double) {
        let best = max(level.rate, base.rate)
        let knee = start.bestUnit > 0 ? best / start.bestUnit : Double(target)
        let wanted = level.gain(over: base) < 0.1 ? start.from : Int(min(knee, 1e6).rounded(.up)) + 1
        settle(at: min(max(wanted, start.from), target), level, time)
    }
}
