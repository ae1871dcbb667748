// SPDX-License-Identifier: Apache-2.0

/// What the controller of an origin believes, for people.
public struct ConcurrencyView: Hashable, Sendable {
    /// What it is about.
    public var phase: ConcurrencyController.Phase
    /// Connections that should be open.
    public var target: Int
    /// Fewest connections that would carry the load, as far as known.
    public var knee: Double?
    /// Bytes per second that one connection carries when nothing else limits it, as far as known.
    public var unitRate: Double?
    /// Share of a proportional gain (loss) that the last experiment brought: 1 is all of it, 0 none.
    public var lastGain: Double?
    /// Connections that the origin seems to admit, or `nil` if it turned none away.
    public var ceiling: Int?
    /// Usual throughput in bytes per second at ``target``, as far as known.
    public var throughput: Double?
}

extension ConcurrencyController {
    /// What it believes.
    public var view: ConcurrencyView {
        let unit = band.unit > 0 ? band.unit : nil
        let rate = band.usual?.rate
        let knee = unit.flatMap { unit in rate.map { $0 / unit } }
        return ConcurrencyView(
            phase: phase,
            target: target,
            knee: knee,
            unitRate: unit,
            lastGain: band.lastGain,
            ceiling: refusal.ceiling,
            throughput: rate
        )
    }

    /// What is worth remembering, or `nil` if nothing was learned.
    ///
    /// - Parameter seconds: wall-clock time in seconds since 1970.
    /// - Returns: the number that is believed, with what it rests on.
    public func memory(seconds: Int64) -> OriginMemory? {
        guard phase != .waiting, phase != .starting else { return nil }
        let connections = phase == .tryingMore || phase == .tryingFewer ? trial?.from ?? target : target
        return OriginMemory(
            connections: connections,
            unitRate: band.unit,
            ceiling: refusal.ceiling,
            seconds: seconds
        )
    }
}
