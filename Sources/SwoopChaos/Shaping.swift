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
    /// After how many body bytes only one byte a second follows; nil is never.
    var dripsAfter: Int64?
    /// Whether the scenario singled the response out to be slower than others.
    var isSlowed = false

    /// The longest chunk, in bytes, when `sent` body bytes are sent.
    ///
    /// It is 20 ms worth of the response's own rate and 2.5 ms worth of what it shares, so that 32 connections take
    /// turns often enough for each to be smooth.
    func chunk(sent: Int64) -> Int64 {
        guard let dripsAfter else { return steadyChunk }
        return sent < dripsAfter ? min(steadyChunk, dripsAfter - sent) : 1
    }

    /// Bytes per second on this connection when `sent` body bytes are sent.
    func rate(sent: Int64) -> Int64 {
        dripsAfter.map { sent >= $0 } == true ? 1 : rate
    }

    private var steadyChunk: Int64 {
        let own = rate > 0 ? rate / 50 : Self.longestChunk
        let shared = total > 0 ? total / 400 : Self.longestChunk
        return max(1, min(own, shared, Self.longestChunk))
    }

    private static let longestChunk: Int64 = 256 * 1024
}
