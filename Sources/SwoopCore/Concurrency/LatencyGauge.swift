// SPDX-License-Identifier: Apache-2.0

/// Time from request to head, of late and at best: a queue that grows shows in the difference.
struct LatencyGauge: Hashable, Sendable {
    /// Smoothed time in seconds, or `nil` before the first head.
    private(set) var short: Double?
    /// Shortest time in seconds.
    private(set) var least: Double?

    /// Notes the time to a head, in seconds.
    mutating func add(_ seconds: Double) {
        let seconds = max(0, seconds)
        least = min(least ?? seconds, seconds)
        // One slow head of many is the origin's mood: it counts as at most three times the usual.
        let bounded = min(seconds, 3 * (short ?? seconds))
        short = short.map { $0 + 0.3 * (bounded - $0) } ?? seconds
    }

    /// Whether heads take so much longer than at best that a queue must stand somewhere.
    var isQueued: Bool {
        guard let short, let least else { return false }
        return short > 1.25 * least + 0.005
    }
}
