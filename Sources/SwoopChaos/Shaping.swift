// SPDX-License-Identifier: Apache-2.0

/// Paces bytes at a rate: a token bucket told as the time at which its debt is paid.
///
/// Those who share one are served in the order in which they reserve, so that connections with equal chunks get equal
/// shares. It holds no clock: `now` is an argument, in nanoseconds.
struct Pacer: Equatable, Sendable {
    /// How much unused time may be made up for by sending faster, in nanoseconds; late timers and idling earn it.
    static let allowance: Int64 = 40_000_000
    private var paidUntil: Int64?

    /// Takes `bytes` at `rate` bytes per second and returns when they may be sent, which is never before `now`.
    mutating func reserve(_ bytes: Int, rate: Int64, at now: Int64) -> Int64 {
        guard rate > 0 else { return now }
        let end = max(paidUntil ?? now, now &- Self.allowance) &+ Self.duration(bytes, rate: rate)
        paidUntil = end
        return max(end, now)
    }

    /// Nanoseconds that `bytes` take at `rate`.
    static func duration(_ bytes: Int, rate: Int64) -> Int64 {
        Int64(min(Double(bytes) / Double(rate) * 1e9, 1e15))
    }
}

/// The rates that a response is held to, in bytes per second; 0 is no limit.
struct Pace: Equatable, Sendable {
    var rate: Int64 = 0
    var total: Int64 = 0

    /// The longest chunk sent at once, in bytes: 20 ms worth of the lower limit, so that sharing is fair and smooth.
    var chunk: Int {
        let limits = [rate, total].filter { $0 > 0 }
        return limits.min().map { Int(min(max($0 / 50, 1), Self.longestChunk)) } ?? Int(Self.longestChunk)
    }

    private static let longestChunk: Int64 = 256 * 1024
}
