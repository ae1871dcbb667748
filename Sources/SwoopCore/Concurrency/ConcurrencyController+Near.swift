// SPDX-License-Identifier: Apache-2.0

// The start at a near origin: does the first connection fill the path?
extension ConcurrencyController {
    /// Seconds from request to head, connecting included, up to which the first connection is watched alone.
    private static let nearby = 0.09
    /// Seconds that it is watched at most.
    private static let longestWatch = 0.8
    /// Growth from beat to beat that shows slow start, where a beat has several round trips.
    private static let doubling = 1.5
    /// What is left in a beat of the one before where the rate dips, because slow start went too far.
    private static let dip = 0.8
    /// And where it does not come back.
    private static let collapse = 0.5
    /// Share of a beat in which the first connection must have carried.
    private static let uninterrupted = 0.95
    /// Share of what seemed to fill the path, and beats in a row below it, that tell that it does not.
    private static let disproof = 0.75
    private static let disproofBeats = 3

    var isNear: Bool { (latency.short ?? 1) <= Self.nearby }

    /// A first connection that does not come to rest tells nothing. One that is held back is watched on, and needs no second.
    mutating func watch(_ time: Double) {
        if isHeldBack { start.steppedAt = time }
        if time > start.steppedAt + Self.longestWatch { stopWatching(time) }
    }

    private mutating func stopWatching(_ time: Double) {
        start = Start(from: 1, time: time)
        target = min(max(limits.lowest, limits.start), most)
        startBeat(time)
    }

    /// The first connection is alone. Once it has come to rest, see whether a second one carries more.
    mutating func watched(_ level: Level, _ time: Double) {
        // A pause between two requests would pass for the path's limit.
        guard level.carrying > Self.uninterrupted else { return }
        let before = start.previous ?? Level(rate: 0, carrying: 1)
        start.previous = level
        // It was fast and is slow: it met its share of the origin, or lost packets. The path has room for many.
        if level.rate < Self.collapse * before.rate { return stopWatching(time) }
        guard level.rate < Self.doubling * before.rate, level.rate > Self.dip * before.rate else { return }
        start.isAlone = false
        start.mayFill = true
        start.steppedAt = time
        start.base = level.rate > before.rate ? level : before
        target = min(2 * start.from, most)
    }

    /// Whether what seemed to fill the path has fallen behind: it had only been lucky, and many are needed.
    mutating func isDisproved(_ level: Level) -> Bool {
        guard start.fills, phase == .settled, let base = start.base else { return false }
        start.flatBeats = level.rate < Self.disproof * base.rate ? start.flatBeats + 1 : 0
        return start.flatBeats >= Self.disproofBeats
    }

    /// Starts without looking at the first connections again.
    mutating func startOver(_ time: Double) {
        phase = .starting
        start = Start(from: target, time: time)
        target = min(max(2 * target, limits.start), most)
        startBeat(time)
    }
}
