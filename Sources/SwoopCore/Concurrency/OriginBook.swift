// SPDX-License-Identifier: Apache-2.0

/// The origins of a process: one controller for each, whatever the number of transfers. It performs nothing.
///
/// A transfer tells its loads whenever they may have changed, and is told what it may do. Loads add up to the samples
/// of the origin's controller; the controller's target is divided among the transfers, max-min fairly by demand.
///
/// Invariants (checked by ``checkInvariants()`` after every input in debug builds)
///   1. A transfer stands at most once at an origin, in order of arrival.
///   2. Without a learned ceiling every transfer may have a connection. With one, the sum of the allowances is at most
///      the target, and who came last waits.
///   3. Allowances above 1 are within the target, all transfers taken together.
///   4. Every change of an allowance is told, once.
public struct OriginBook: Sendable {
    /// Who chooses the number of connections of a transfer.
    public enum Limit: Hashable, Sendable {
        /// The controller, up to a maximum; at least 1.
        case upTo(Int)
        /// The user: always this many. Its bytes count, its share is not divided.
        case exactly(Int)
    }

    /// An allowance that changed.
    public struct Change: Hashable, Sendable {
        /// Whose.
        public var transfer: Int
        /// What it may do from now on.
        public var allowance: OriginAllowance
    }

    var entries: [Origin: OriginEntry] = [:]
    /// What earlier runs learned.
    let remembered: [Origin: OriginMemory]

    /// Makes the book of a process.
    ///
    /// - Parameter memory: what earlier runs learned, as ``OriginMemoryText`` read it.
    public init(memory: [Origin: OriginMemory] = [:]) { remembered = memory }

    /// Notes what a transfer does. Cheap, and without allocation while nothing changes for a lone transfer.
    ///
    /// - Parameters:
    ///   - loads: the transfer's loads at its origins; an origin that is left out stays as it was told before.
    ///   - transfer: a number that is the transfer's own in this process.
    ///   - limit: who chooses its number of connections.
    ///   - now: time since the process started; never decreases from call to call.
    /// - Returns: the allowances that changed, of this and other transfers. The first call at an origin always has one.
    public mutating func update(
        _ loads: [OriginLoad],
        of transfer: Int,
        limit: Limit,
        now: Duration
    ) -> [Change] {
        var changes: [Change] = []
        for load in loads {
            let origin = load.origin
            let made = OriginEntry(remembered: remembered[origin], limit: limit, now: now)
            entries[origin, default: made].update(
                load,
                of: transfer,
                limit: limit,
                now: now,
                into: &changes
            )
        }
        return changes
    }

    /// Notes that a transfer has ended: its connections are free for others.
    ///
    /// - Returns: the allowances of others that changed.
    public mutating func leave(_ transfer: Int, now: Duration) -> [Change] {
        var changes: [Change] = []
        for origin in entries.keys {
            entries[origin]?.leave(transfer, origin: origin, now: now, into: &changes)
        }
        return changes
    }

    /// What the controller of an origin believes, or `nil` if nothing was ever asked of it.
    public func view(of origin: Origin) -> ConcurrencyView? { entries[origin]?.controller.view }

    /// What is worth remembering for the next run: what earlier runs learned, with what this one did.
    ///
    /// - Parameter seconds: wall-clock time in seconds since 1970.
    /// - Returns: one memory for each origin of which anything is known.
    public func memories(seconds: Int64) -> [Origin: OriginMemory] {
        var all = remembered
        for (origin, entry) in entries {
            if let memory = entry.memory(seconds: seconds) { all[origin] = memory }
        }
        return all
    }

    /// Traps if an invariant is broken; called in debug builds and tests.
    func checkInvariants() {
        for entry in entries.values { entry.checkInvariants() }
    }
}
