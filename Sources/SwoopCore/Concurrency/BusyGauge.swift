// SPDX-License-Identifier: Apache-2.0

/// Whether the thread that moves a transfer's bytes has hardly any time left. Then more connections would carry nothing more,
/// and what flows says nothing about the origin or the path.
public struct BusyGauge: Hashable, Sendable {
    /// How long the thread is watched before it is judged.
    private static let span: Duration = .milliseconds(50)
    /// Share of the time from which it counts as busy.
    private static let busyShare = 0.85

    private var since: Duration = .zero
    private var used: Duration?

    /// Whether it was busy when it was last judged.
    public private(set) var isBusy = false

    /// Makes the gauge of a thread of which nothing is known.
    public init() {}

    /// Whether ``take(used:now:)`` would learn something, so that asking the system may be left out while not.
    public func isDue(now: Duration) -> Bool { used == nil || now - since >= Self.span }

    /// Takes a reading.
    ///
    /// - Parameters:
    ///   - used: processor time that the thread has used in its life.
    ///   - now: time since any fixed moment; never decreases.
    public mutating func take(used: Duration, now: Duration) {
        guard isDue(now: now) else { return }
        if let before = self.used { isBusy = (used - before).seconds >= Self.busyShare * (now - since).seconds }
        (since, self.used) = (now, used)
    }
}
