// SPDX-License-Identifier: Apache-2.0

// Experiments: more or fewer connections, measured against what flowed before, and undone if they are not worth it.
extension ConcurrencyController {
    /// A move that is being measured.
    struct Trial: Hashable, Sendable {
        /// Connections before it.
        var from: Int
        /// What flowed then.
        var base: Level
        var startedAt: Double
        /// How many are added.
        var stride = 0
        /// Whether the connections have come, or gone.
        var isReady = false
        /// Half seconds in a row in which too little flowed while connections went.
        var doubts = 0
        /// What flows while they come or go, then with all of them.
        var measure: ThroughputWindow?
    }

    /// Share of a proportional gain at which more connections are kept without a second look.
    private static let clearGain = 0.6
    /// Share of a proportional loss below which fewer connections are kept.
    private static let smallLoss = 0.25
    /// Share of the load that fewer connections must carry, however many steps led there.
    private static let mustCarry = 0.93
    /// How many more connections than the arithmetic asks for: none is busy all the time.
    private static let margin = 1.05

    mutating func tryMore(_ base: Level, stride: Int, _ time: Double) {
        trial = Trial(from: target, base: base, startedAt: time, stride: stride)
        phase = .tryingMore
        target = min(most, target + stride)
        startBeat(time)
    }

    /// Tries as many as would carry the load if each carried what is known to be possible, otherwise half.
    mutating func tryFewer(_ base: Level, _ time: Double) {
        let knee = Int(min(Self.margin * base.rate / max(band.unit, 1), 1e6).rounded(.up))
        let half = max(target / 2, band.tooFew + 1, limits.lowest)
        let wanted = band.isUnitProven ? max(knee, half) : half
        guard wanted < target else {
            band.tooFew = 0
            band.isUnitProven = false
            band.fewerAt = time + Band.longestFewerWait
            return
        }
        trial = Trial(from: target, base: base, startedAt: time)
        phase = .tryingFewer
        target = wanted
        startBeat(time)
    }

    mutating func trying(_ ended: ThroughputWindow, _ time: Double) {
        guard var trial else { return }
        if trial.measure == nil { trial.measure = ended } else { trial.measure?.append(ended) }
        let wasReady = trial.isReady
        if !wasReady, hasArrived(trial, time) {
            trial.isReady = true
            trial.measure = nil
        }
        self.trial = trial
        guard let measure = trial.measure, let level = measure.level else { return }
        if phase == .tryingMore {
            if wasReady { judgeMore(trial, level, measure.length, time) }
        } else {
            judgeFewer(trial, level, measure.length, time)
        }
    }

    /// Whether three quarters of the newcomers carry, or those that are not wanted are gone.
    private func hasArrived(_ trial: Trial, _ time: Double) -> Bool {
        if phase == .tryingFewer { return carrying <= target }
        if time > trial.startedAt + newcomersDue { return true }
        return Double(carrying) >= Double(trial.from) + 0.75 * Double(target - trial.from)
    }

    private mutating func judgeMore(_ trial: Trial, _ level: Level, _ length: Double, _ time: Double) {
        let gain = level.gain(over: trial.base)
        let needed = min(max(Double(target) / 32, 0.25), 0.5)
        band.lastGain = gain
        let gained = level.rate / max(trial.base.rate, 1) - 1
        let error = band.error(length)
        if gain > Self.clearGain, gained > 2.5 * error, length >= 0.8 * decisionLength {
            return keepMore(trial, level, time)
        }
        guard length >= 2 * decisionLength else { return }
        if gained < error { return undoMore(trial, time) }
        // A small step hides in the noise: look longer.
        guard error <= 0.3 * (level.carrying / trial.base.carrying - 1) || length >= 4 else { return }
        if gain >= needed, gained > 1.5 * error { return keepMore(trial, level, time) }
        undoMore(trial, time)
    }

    private mutating func keepMore(_ trial: Trial, _ level: Level, _ time: Double) {
        if level.gain(over: trial.base) > Self.clearGain {
            band.unit = level.unit
            band.isUnitProven = true
            band.tooFew = trial.from
        }
        band.restartReference(level.rate)
        band.moreWait = Band.firstMoreWait
        band.fewerWait = Band.firstFewerWait
        if target < most { return tryMore(level, stride: min(max(1, trial.stride * 2), target), time) }
        settle(at: target, time, moreIn: band.moreWait, fewerIn: band.fewerWait)
    }

    private mutating func undoMore(_ trial: Trial, _ time: Double) {
        band.moreWait = min(band.moreWait * 2, Band.longestMoreWait)
        let fewerIn = max(2, band.fewerAt - time)
        settle(at: trial.from, time, moreIn: band.moreWait, fewerIn: fewerIn)
    }

    private mutating func judgeFewer(_ trial: Trial, _ level: Level, _ length: Double, _ time: Double) {
        let loss = level.gain(over: trial.base)
        guard trial.isReady else { return watchGoing(trial, level, loss, length, time) }
        if length >= 0.5, isLost(level, trial.base, loss, length) { return undoFewer(trial, level, loss, time) }
        guard length >= shrinkLength else { return }
        let carries = level.rate >= Self.mustCarry * band.reference
        if loss > Self.smallLoss || !carries { return undoFewer(trial, level, loss, time) }
        band.lastGain = loss
        band.fewerWait = Band.firstFewerWait
        band.unit = max(band.unit, level.unit)
        settle(at: target, time, moreIn: band.moreWait, fewerIn: 1)
    }

    /// While connections go, half seconds are looked at one by one: two bad ones in a row end it early.
    private mutating func watchGoing(
        _ trial: Trial,
        _ level: Level,
        _ loss: Double,
        _ length: Double,
        _ time: Double
    ) {
        guard length >= 0.5 else { return }
        let isBad = level.carrying < 0.9 * trial.base.carrying && isLost(level, trial.base, loss, length)
        if isBad, trial.doubts >= 1 { return undoFewer(trial, level, loss, time) }
        self.trial?.doubts = isBad ? trial.doubts + 1 : 0
        self.trial?.measure = nil
    }

    /// Whether so much less flows that noise does not explain it.
    private func isLost(_ level: Level, _ base: Level, _ loss: Double, _ length: Double) -> Bool {
        1 - level.rate / max(base.rate, 1) > 2 * band.error(length) && loss > 0.5
    }

    /// Seconds until fewer connections are believed to carry the load: longer where the throughput is restless.
    private var shrinkLength: Double {
        let restless = band.noise / 0.02
        return max(min(max(2, 0.5 * restless * restless), 6), 4 * (latency.short ?? 0.1))
    }

    private mutating func undoFewer(_ trial: Trial, _ level: Level, _ loss: Double, _ time: Double) {
        band.lastGain = loss
        band.tooFew = max(band.tooFew, target)
        // Here each connection carried what it can: that tells how many are needed.
        let wasProven = band.isUnitProven
        band.unit = level.unit
        band.isUnitProven = true
        let wait = wasProven ? band.fewerWait : 2
        if wasProven { band.fewerWait = min(wait * 2, Band.longestFewerWait) }
        settle(at: trial.from, time, moreIn: band.moreWait, fewerIn: wait)
    }
}
