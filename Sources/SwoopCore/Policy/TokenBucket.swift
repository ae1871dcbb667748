// SPDX-License-Identifier: Apache-2.0

/// Shares a rate among those who take bytes, in the order in which they take them.
///
/// Bytes are paid for after they came, because nobody knows how many a read will bring. Each payment takes its turn behind
/// all earlier ones, so that connections which read equally much at a time get equally much, and the sum is exact however
/// many they are: what is ahead of the rate is never more than one unpaid read of each.
///
///     paid until   now              the pause of a read of 3 units
///     ----|--------|----|====|====|====|
///         idle time is worth at most `longestCredit`
public struct TokenBucket: Hashable, Sendable {
    /// How much idle time may be made up for: the unevenness of the path costs no rate, and no burst is felt.
    public static let longestCredit: Duration = .milliseconds(100)

    /// Bytes per second, at least 1.
    public let rate: Int64
    /// When everything taken so far has been paid for.
    private var paidUntil: Duration?

    /// Makes a bucket that nobody has taken from.
    /// - Parameter rate: bytes per second; below 1 counts as 1.
    public init(rate: Int64) { self.rate = max(1, rate) }

    /// Takes bytes that have come.
    ///
    /// - Parameters:
    ///   - bytes: how many; below 0 counts as none.
    ///   - now: time since some fixed instant; never decreases.
    /// - Returns: how long whoever took them must not take more; zero or more.
    public mutating func take(_ bytes: Int64, now: Duration) -> Duration {
        let start = max(paidUntil ?? now, now - Self.longestCredit)
        let end = start + .seconds(Double(max(0, bytes)) / Double(rate))
        paidUntil = end
        return max(.zero, end - now)
    }
}
