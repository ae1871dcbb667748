// SPDX-License-Identifier: Apache-2.0

// The start: from the first body to a number that is believed, in round trips.
extension ConcurrencyController {
    /// The doublings since the first head.
    struct Start: Hashable, Sendable {
        /// Whether the first connection is being watched, before others come.
        var isAlone = false
        /// Whether it is being found out if the first connection fills the path.
        var mayFill = false
        /// Whether it does, as far as known.
        var fills = false
        /// Connections before the last doubling.
        var from = 1
        /// When the last doubling was.
        var steppedAt: Double = 0
        /// What flowed before the last doubling, or `nil` if that was not measured.
        var base: Level?
        /// What flows since the newcomers carry.
        var measure: ThroughputWindow?
        /// Beats that it has lasted.
        var looks = 0
        /// The beat before, to tell slow start from a full path.
        var previous: Level?
        /// Beats that neither paid nor grew.
        var flatBeats = 0
        /// Highest rate of one connection so far.
        var bestUnit: Double = 0

        init() {}

        init(from: Int, time: Double) {
            self.from = from
            steppedAt = time
        }

        mutating func restartMeasure() {
            measure = nil
            looks = 0
            flatBeats = 0
        }
    }

    /// Share of a proportional gain at which a doubling pays.
    private static let payingGain = 0.3
    /// Growth over what flowed before a doubling at which slow start itself says that there is room.
    private static let growing = 1.2
    /// Seconds of a round trip above which slow start outlasts a doubling's measurement.
    private static let longTrip = 0.015
    /// Beats in which all connections carry and nothing more flows, after which a doubling is given up.
    private static let patience = 2
    /// Share of a proportional gain at which a second connection pays without a second look.
    private static let clearlyPaying = 0.7
    /// Share of a proportional gain below which the first connection fills the path.
    private static let fillingGain = 0.1

    mutating func starting(_ ended: ThroughputWindow, _ level: Level, _ time: Double) {
        if start.isAlone { return watched(level, time) }
        let isGrowing = level.rate > 1.1 * (start.previous?.rate ?? 0)
        start.previous = level
        // At most one doubling is unproven: the connections before it must carry.
        guard carrying >= start.from else { return start.restartMeasure() }
        start.bestUnit = max(start.bestUnit, level.unit)
        guard let base = start.base else { return step(level, time) }
        guard level.carrying >= fullCount || time > start.steppedAt + newcomersDue else {
            return start.restartMeasure()
        }
        if start.measure == nil { start.measure = ended } else { start.measure?.append(ended) }
        start.looks += 1
        guard let measured = start.measure?.level else { return }
        judge(measured, base, isGrowing: isGrowing && level.rate > Self.growing * base.rate, time)
    }

    /// Doubles before a doubling is proven, if the connections before it carry: on long paths its connections are still
    /// on their way, and nothing could be known of them for round trips to come.
    mutating func hasten(_ time: Double) {
        guard let base = start.base, !start.mayFill, carrying >= start.from, target < most, !isBlocked else { return }
        guard time >= start.steppedAt + 0.1, Double(carrying) < fullCount else { return }
        step(start.previous ?? base, time)
        startBeat(time)
    }

    /// Three quarters of the newcomers, and those before.
    private var fullCount: Double { Double(start.from) + 0.75 * Double(target - start.from) }

    /// Seconds after which connections that carry nothing are no longer waited for.
    var newcomersDue: Double { max(1, 6 * (latency.short ?? 0.1)) }

    private mutating func judge(_ level: Level, _ base: Level, isGrowing: Bool, _ time: Double) {
        let gain = level.gain(over: base)
        if start.mayFill, gain < Self.clearlyPaying, start.looks < Self.patience { return }
        if isGrowing || gain >= Self.payingGain { return step(level, time) }
        start.flatBeats += 1
        if start.flatBeats >= Self.patience { finishStart(level, base, time) }
    }

    /// Doubles, or ends the start at the limit.
    private mutating func step(_ level: Level, _ time: Double) {
        guard target < most else { return endStart(at: target, level, time) }
        // A second connection that pays tells that the first ones do: those that were waited for are made up for.
        let factor = start.mayFill ? limits.start : 2
        start.mayFill = false
        start.from = target
        start.steppedAt = time
        start.base = level
        start.restartMeasure()
        target = min(most, target * factor)
    }

    /// The last doubling did not pay: go to where the best rate of one connection says that the load is carried. On a
    /// long path young connections say little: keep them, and try fewer later.
    private mutating func finishStart(_ level: Level, _ base: Level, _ time: Double) {
        let best = level.rate > base.rate ? level : base
        // The second stays: the first would need seconds to take back what it gave up for it.
        if start.mayFill, level.gain(over: base) < Self.fillingGain {
            start.fills = true
            start.flatBeats = 0
            return endStart(at: target, best, time, moreIn: Band.longestMoreWait)
        }
        if let trip = latency.least, trip >= Self.longTrip { return endStart(at: target, best, time) }
        let knee = start.bestUnit > 0 ? best.rate / start.bestUnit : Double(target)
        let wanted = level.gain(over: base) < 0.1 ? start.from : Int(min(knee, 1e6).rounded(.up)) + 1
        endStart(at: min(max(wanted, start.from), target), best, time)
    }

    private mutating func endStart(
        at connections: Int,
        _ best: Level,
        _ time: Double,
        moreIn: Double = Band.firstMoreWait
    ) {
        band.unit = max(band.unit, start.bestUnit)
        settle(at: connections, time, moreIn: moreIn, fewerIn: Band.firstFewerWait)
        // Connections that were lucky while they were young slow down together: that is to be seen.
        band.restartReference(best.rate)
        band.settlesUntil = time
    }
}
