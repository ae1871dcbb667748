// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization

/// Keeps every connection of a process together below a rate, by leaving bytes in their sockets.
public final class RateLimiter: Sendable {
    /// Time in which all connections together read one buffer each: short enough that the rate is even and a round of
    /// unpaid reads is 1 % of ten seconds.
    private static let round: Duration = .milliseconds(100)
    /// Buffers that make sense: smaller ones cost more system calls than anybody wants, larger ones gain nothing.
    private static let buffers = (smallest: 1 << 10, largest: 1 << 20)
    /// Shorter pauses are left to the next read: a timer costs more than they are worth.
    private static let shortestPause: Duration = .milliseconds(1)

    /// Bytes per second, at least 1.
    public let rate: Int64

    private let bucket: Mutex<TokenBucket>
    /// When a connection was last told to wait, as seconds since the limiter was made.
    private let heldAt = Mutex<Duration?>(nil)
    private let clock = ContinuousClock()
    private let epoch: ContinuousClock.Instant

    /// Makes a limiter for any number of connections, on any threads.
    /// - Parameter rate: bytes per second; below 1 counts as 1.
    public init(rate: Int64) {
        self.rate = max(1, rate)
        bucket = Mutex(TokenBucket(rate: rate))
        epoch = clock.now
    }

    /// Most bytes that one `read` may bring: a tenth of a second's worth of a connection's share.
    ///
    /// - Parameter connections: connections that read at the same time.
    /// - Returns: 1 KiB to 1 MiB, a power of two.
    public func receiveBuffer(connections: Int) -> Int {
        let share = Double(rate) * Self.round.seconds / Double(max(1, connections))
        var size = Self.buffers.smallest
        while size < Self.buffers.largest, Double(size) * 2 <= share { size *= 2 }
        return size
    }

    /// Takes bytes that were received.
    ///
    /// - Returns: how long the connection that brought them must not be read; zero if it need not wait.
    func take(_ bytes: Int) -> Duration {
        let now = clock.now - epoch
        let pause = bucket.withLock { $0.take(Int64(bytes), now: now) }
        guard pause >= Self.shortestPause else { return .zero }
        heldAt.withLock { $0 = now }
        return pause
    }

    /// Whether the limit, and nothing else, decides how fast bytes come: a connection had to wait within the last second.
    public var isBinding: Bool {
        guard let held = heldAt.withLock({ $0 }) else { return false }
        return clock.now - epoch - held < .seconds(1)
    }
}
