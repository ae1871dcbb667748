// SPDX-License-Identifier: Apache-2.0

/// An instant on the two clocks that an origin needs.
struct Moment: Equatable, Sendable {
    /// Nanoseconds on a clock that never jumps.
    let ticks: Int64
    /// Milliseconds since 1970.
    let wall: Int64

    static let nanosecondsPerSecond: Int64 = 1_000_000_000
    static let nanosecondsPerMillisecond: Int64 = 1_000_000
}
