// SPDX-License-Identifier: Apache-2.0

// A number that is believed: watch it, and try more or fewer now and then.
extension ConcurrencyController {
    /// What is known while the number stays.
    struct Band: Hashable, Sendable {
        /// Throughput at this number, smoothed over seconds.
        var usual: Level?
        /// The last second or so.
        var recent: ThroughputWindow?
        /// Relative noise of `recent` against `usual`.
        var noise = 0.08
        /// Highest rate of one connection, slowly forgotten.
        var unit: Double = 0
        /// When fewer and more may be tried next.
        var fewerAt: Double = 0
        var moreAt: Double = 0
        var fewerWait = Band.firstFewerWait
        var moreWait = Band.firstMoreWait
        /// Windows in a row that say that the rate changed.
        var changes = 0
        /// Gain of the last experiment.
        var lastGain: Double?

        static let firstFewerWait = 5.0
        static let firstMoreWait = 2.0
        static let longestWait = 60.0

        mutating func restart(_ time: Double) {
            usual = nil
            recent = nil
            changes = 0
            fewerAt = max(fewerAt, time + firstFewer)
            moreAt = max(moreAt, time + min(moreWait, Band.firstMoreWait))
        }

        private var firstFewer: Double { min(fewerWait, Band.firstFewerWait) }

        mutating func interrupt(_ time: Double) { recent = nil }
    }

    /// Ends the start or an experiment at `connections`, whose throughput was `level`.
    mutating func settle(at connections: Int, _ level: Level?, _ time: Double) {
        target = min(max(connections, limits.lowest), most)
        phase = .settled
        trial = nil
        band.restart(time)
        band.unit = max(band.unit, start.bestUnit)
        startBeat(time)
    }

    /// Seconds in a window on which something is decided.
    var decisionLength: Double { max(0.5, 2 * (latency.short ?? 0.1)) }

    mutating func settled(_ ended: ThroughputWindow, _ level: Level, _ time: Double) {
        if band.recent == nil { band.recent = ended } else { band.recent?.append(ended) }
        guard let recent = band.recent, recent.length >= decisionLength, let now = recent.level else {
            return
        }
        band.recent = nil
        learn(now, recent.length)
        guard let usual = band.usual else { return }
        if isChanged(now, usual) { return answerChange(now, time) }
        if wantsMore(usual, time) { return tryMore(usual, time) }
        if wantsFewer(time) { tryFewer(usual, time) }
    }

    private mutating func learn(_ now: Level, _ length: Double) {
        band.unit =
            now.unit > band.unit
            ? band.unit + 0.5 * (now.unit - band.unit) : band.unit * (1 - 0.005 * length)
        guard let usual = band.usual else {
            band.usual = now
            return
        }
        let off = abs(now.rate / max(usual.rate, 1) - 1)
        if off < 0.5 { band.noise += 0.1 * (off - band.noise) }
    }

    /// Whether the throughput left its usual range for two windows in a row.
    private mutating func isChanged(_ now: Level, _ usual: Level) -> Bool {
        let off = abs(now.rate / max(usual.rate, 1) - 1)
        guard off > max(0.15, 3 * band.noise) else {
            band.changes = 0
            let weight = 0.2
            band.usual?.rate += weight * (now.rate - usual.rate)
            band.usual?.carrying += weight * (now.carrying - usual.carrying)
            return false
        }
        band.changes += 1
        return band.changes >= 2
    }

    private mutating func answerChange(_ now: Level, _ time: Double) {
        band.changes = 0
        band.usual = now
        band.moreWait = Band.firstMoreWait
        band.fewerWait = Band.firstFewerWait
        band.unit = now.unit
        if target < most, !latency.isQueued { tryMore(now, time) }
    }

    /// Every connection earns its share, so that one more might too.
    private func wantsMore(_ usual: Level, _ time: Double) -> Bool {
        guard target < most, time >= band.moreAt, !latency.isQueued else { return false }
        return usual.carrying - usual.rate / max(band.unit, 1) < 1
    }

    private func wantsFewer(_ time: Double) -> Bool { target > limits.lowest && time >= band.fewerAt }
}
