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
        /// Whether the connections have come, or gone, and their first beat is over.
        var isReady = false
        var measure: ThroughputWindow?
        /// How many are added next if this pays.
        var stride: Int

        mutating func restartMeasure(_ time: Double) { measure = nil }
    }

    mutating func tryMore(_ base: Level, stride: Int? = nil, _ time: Double) {
        let stride = stride ?? max(1, target / 4)
        trial = Trial(from: target, base: base, startedAt: time, stride: stride)
        phase = .tryingMore
        target = min(most, target + stride)
        startBeat(time)
    }

    mutating func tryFewer(_ base: Level, _ time: Double) {
        let kneed = Int((base.rate / max(band.unit, 1)).rounded(.up)) + 1
        let wanted = min(target - 1, max(kneed, target * 3 / 4))
        trial = Trial(from: target, base: base, startedAt: time, stride: 1)
        phase = .tryingFewer
        target = max(limits.lowest, wanted)
        startBeat(time)
    }

    mutating func trying(_ ended: ThroughputWindow, _ level: Level, _ time: Double) {
        guard var trial else { return }
        guard trial.isReady else {
            trial.isReady = isReady(trial, time)
            self.trial = trial
            return
        }
        if trial.measure == nil { trial.measure = ended } else { trial.measure?.append(ended) }
        self.trial = trial
        guard let measure = trial.measure, let measured = measure.level else { return }
        if phase == .tryingMore {
            judgeMore(trial, measured, measure.length, time)
        } else {
            judgeFewer(trial, measured, measure.length, time)
        }
    }

    private func isReady(_ trial: Trial, _ time: Double) -> Bool {
        if time > trial.startedAt + newcomersDue { return true }
        if phase == .tryingFewer { return carrying <= target }
        return Double(carrying) >= Double(trial.from) + 0.75 * Double(target - trial.from)
    }

    private mutating func judgeMore(_ trial: Trial, _ level: Level, _ length: Double, _ time: Double) {
        let gain = level.gain(over: trial.base)
        let needed = min(max(Double(target) / 32, 0.25), 0.5)
        band.lastGain = gain
        if gain > 0.6, length >= decisionLength * 0.8 { return keepMore(trial, level, time) }
        guard length >= 2 * decisionLength else { return }
        if gain >= needed { return keepMore(trial, level, time) }
        band.moreWait = min(band.moreWait * 2, Band.longestWait)
        settle(at: trial.from, nil, time)
        band.moreAt = time + band.moreWait
    }

    private mutating func keepMore(_ trial: Trial, _ level: Level, _ time: Double) {
        band.moreWait = Band.firstMoreWait
        band.unit = max(band.unit, level.unit)
        guard target < most else { return settle(at: target, level, time) }
        tryMore(level, stride: min(trial.stride * 2, target), time)
    }

    private mutating func judgeFewer(_ trial: Trial, _ level: Level, _ length: Double, _ time: Double) {
        let loss = level.gain(over: trial.base)
        band.lastGain = loss
        if loss > 0.6, length >= 0.25 { return undoFewer(trial, time) }
        guard length >= max(2, 4 * decisionLength) else { return }
        if loss > 0.25 { return undoFewer(trial, time) }
        band.fewerWait = Band.firstFewerWait
        settle(at: target, level, time)
        band.fewerAt = time + 2
    }

    private mutating func undoFewer(_ trial: Trial, _ time: Double) {
        band.fewerWait = min(band.fewerWait * 2, Band.longestWait)
        band.unit = trial.base.unit
        settle(at: trial.from, nil, time)
        band.fewerAt = time + band.fewerWait
    }
}
