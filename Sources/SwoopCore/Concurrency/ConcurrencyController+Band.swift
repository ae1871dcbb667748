// SPDX-License-Identifier: Apache-2.0

// A number that is believed: watch it, and try more or fewer now and then.
extension ConcurrencyController {
    /// What is known while the number stays.
    struct Band: Hashable, Sendable {
        /// What usually flows at this number, smoothed over seconds, or `nil` before anything was measured.
        var usual: Level?
        /// The window that is being measured.
        var recent: ThroughputWindow?
        /// Throughput since the path last changed, over tens of seconds: what fewer connections must carry too.
        var reference: Double = 0
        var references = 0.0
        /// The same, slower to forget what connections carried while they were young.
        var peak: Double = 0
        /// Mean relative distance of a window from the usual.
        var noise = 0.05
        /// Highest rate of one connection, slowly forgotten.
        var unit: Double = 0
        /// Whether ``unit`` was measured where more connections were known to carry more.
        var isUnitProven = false
        /// Connections that carry nothing, as this number was settled on.
        var slack: Double?
        /// Connections known not to carry the load.
        var tooFew = 0
        /// When more and fewer may be tried next, and how long to wait after a failure.
        var moreAt: Double = 0
        var fewerAt: Double = 0
        var moreWait = Band.firstMoreWait
        var fewerWait = Band.firstFewerWait
        /// Before this time connections still come and speed up: what flows is no measure yet.
        var settlesUntil: Double = 0
        /// Windows in a row that say that the throughput changed by itself.
        var changes = 0
        /// Gain of the last experiment.
        var lastGain: Double?

        static let firstMoreWait = 2.0
        /// Longer than most transfers last: they shall not pay for what they will not need.
        static let firstFewerWait = 10.0
        /// How much sooner where a queue says that connections only wait for each other.
        static let queuedHaste = 5.0
        static let longestMoreWait = 15.0
        static let longestFewerWait = 60.0

        mutating func restart() {
            usual = nil
            recent = nil
            slack = nil
            changes = 0
        }

        mutating func refer(to rate: Double) {
            references = min(references + 1, 40)
            reference += (rate - reference) / references
            peak += (rate - peak) / 20
        }

        mutating func restartReference(_ rate: Double) {
            reference = rate
            references = 1
            peak = rate
        }

        /// Standard error, relative, of a mean over `length` seconds held against ``usual``.
        func error(_ length: Double) -> Double { 1.25 * noise * (0.5 / max(length, 0.1) + 0.1).squareRoot() }
    }

    /// Ends the start or an experiment at `connections`.
    mutating func settle(at connections: Int, _ time: Double, moreIn: Double, fewerIn: Double) {
        target = min(max(connections, limits.lowest), most)
        phase = .settled
        trial = nil
        band.restart()
        band.settlesUntil = time + min(max(0.5, 8 * (latency.short ?? 0)), 2.5)
        band.moreAt = time + moreIn
        band.fewerAt = time + fewerIn
        startBeat(time)
    }

    /// Share of the throughput whose loss no restlessness explains.
    private static let halved = 0.5

    /// Seconds in a window on which something is decided.
    var decisionLength: Double { max(0.5, 2 * (latency.short ?? 0.1)) }

    mutating func settled(_ ended: ThroughputWindow, _ time: Double) {
        guard time > band.settlesUntil else { return }
        if band.recent == nil { band.recent = ended } else { band.recent?.append(ended) }
        guard let recent = band.recent, recent.length >= decisionLength, let now = recent.level else { return }
        band.recent = nil
        guard let usual = band.usual else { return learnFirst(now, time) }
        if isChanged(now, usual) { return answerChange(now, time) }
        learn(now, usual, recent.length, time)
        if wantsMore(time) { return tryMore(usual, stride: (target + 2) / 3, time) }
        if wantsFewer(time) { tryFewer(usual, time) }
    }

    private mutating func learnFirst(_ now: Level, _ time: Double) {
        // The path may have changed while an experiment was going on.
        if now.rate < Self.halved * band.reference { return answerChange(now, time) }
        band.usual = now
        band.unit = max(band.unit, now.unit)
        band.refer(to: now.rate)
    }

    private mutating func learn(_ now: Level, _ usual: Level, _ length: Double, _ time: Double) {
        band.unit *= 1 - 0.003 * length
        band.unit += max(0, 0.3 * (now.unit - band.unit))
        band.noise += 0.1 * (abs(now.rate / max(usual.rate, 1) - 1) - band.noise)
        band.usual?.rate += 0.2 * (now.rate - usual.rate)
        band.usual?.carrying += 0.2 * (now.carrying - usual.carrying)
        band.refer(to: now.rate)
        noteSlack(time)
    }

    /// Connections that used to carry nothing carry something: the path may have grown.
    private mutating func noteSlack(_ time: Double) {
        guard let slack = surplus else { return }
        guard let settled = band.slack else { return band.slack = slack }
        guard slack < 1, slack < settled - max(0.7, 1.5 * band.noise * Double(target)) else { return }
        band.slack = slack
        band.moreWait = Band.firstMoreWait
        band.moreAt = min(band.moreAt, time)
    }

    /// How many of the carrying connections would carry nothing if each carried what the best one did.
    var surplus: Double? { band.usual.map { $0.carrying - $0.rate / max(band.unit, 1) } }

    /// Whether the throughput left its usual range for two windows in a row, or crept away below it.
    private mutating func isChanged(_ now: Level, _ usual: Level) -> Bool {
        // However restless: what halves did not do so by chance, twice in a row.
        let unusual = min(max(0.15, 4 * band.noise), Self.halved)
        let isOff = abs(now.rate / max(usual.rate, 1) - 1) > unusual
        let isLow = now.rate < (1 - unusual) * band.peak
        band.changes = isOff || isLow ? band.changes + 1 : 0
        return band.changes >= 2
    }

    /// The throughput changed by itself: find out at once whether more connections help now.
    private mutating func answerChange(_ now: Level, _ time: Double) {
        band.changes = 0
        band.usual = now
        band.slack = nil
        band.restartReference(now.rate)
        band.tooFew = 0
        band.unit = max(band.unit, now.unit)
        band.isUnitProven = false
        band.fewerAt = time + 2
        band.moreWait = Band.firstMoreWait
        band.fewerWait = Band.firstFewerWait
        if target < most { tryMore(now, stride: target, time) }
    }

    /// Every connection earns its share, so that one more might too.
    private func wantsMore(_ time: Double) -> Bool {
        guard target < most, time >= band.moreAt, !latency.isQueued, let surplus else { return false }
        return surplus < 1
    }

    private func wantsFewer(_ time: Double) -> Bool {
        target > limits.lowest && time >= band.fewerAt - (latency.isQueued ? Band.queuedHaste : 0)
    }
}
