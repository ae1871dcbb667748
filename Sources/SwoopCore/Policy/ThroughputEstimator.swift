// SPDX-License-Identifier: Apache-2.0

/// Measures bytes per second over the recent past.
///
/// Bytes are counted in windows of ``window``; each full window enters an exponentially weighted mean. Until the first
/// window is full the plain mean since the start answers, so that a short transfer has a rate too.
public struct ThroughputEstimator: Hashable, Sendable {
    private static let window: Duration = .milliseconds(500)
    /// Share of the newest window; about 2 s until an old rate is forgotten.
    private static let weight = 0.35

    private var windowStart: Duration
    private var windowBytes: Int64 = 0
    private var mean: Double?

    /// Starts measuring at `now`.
    public init(now: Duration) { windowStart = now }

    /// Counts `bytes` that arrived up to `now`.
    public mutating func add(_ bytes: Int64, now: Duration) {
        windowBytes += bytes
        let elapsed = now - windowStart
        guard elapsed >= Self.window else { return }
        let rate = Double(windowBytes) / elapsed.seconds
        mean = mean.map { $0 + Self.weight * (rate - $0) } ?? rate
        windowStart = now
        windowBytes = 0
    }

    /// Bytes per second, or `nil` before anything can be said. A silence longer than a window counts as slowness.
    public func bytesPerSecond(now: Duration) -> Double? {
        let elapsed = now - windowStart
        let current = elapsed > .milliseconds(20) ? Double(windowBytes) / elapsed.seconds : nil
        guard let mean else { return windowBytes > 0 ? current : nil }
        guard elapsed > Self.window * 2, let current else { return mean }
        return min(mean, current)
    }
}

extension Duration {
    /// The duration in seconds, with the fraction.
    public var seconds: Double {
        let (whole, attoseconds) = components
        return Double(whole) + Double(attoseconds) * 1e-18
    }
}
