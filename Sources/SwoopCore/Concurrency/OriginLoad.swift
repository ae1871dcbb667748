// SPDX-License-Identifier: Apache-2.0

/// What one transfer does at one origin, as it stands: told again whenever it may have changed.
///
/// Counters only grow, so that telling twice counts nothing twice.
public struct OriginLoad: Hashable, Sendable {
    /// Where.
    public var origin: Origin
    /// Body bytes received from the origin since the transfer began.
    public var received: Int64 = 0
    /// Connections whose body flows now.
    public var carrying = 0
    /// Connections in use now, those that await a head included.
    public var live = 0
    /// Connections that the transfer could use now, if it might: never below ``live``.
    public var demand = 0
    /// Volleys of refusals so far: connections that were turned away while others were served.
    public var refusals = 0
    /// Time from request to head of the newest response.
    public var firstByte: Duration?
    /// Heads received so far; ``firstByte`` is news only if this grew.
    public var heads = 0
    /// Whether the origin sent a whole body where If-Range named the version that it has.
    public var ignoresIfRange = false
    /// Whether something else than the origin or the path held the transfer up: a rate limit, a full window, the
    /// disk, a thread without time left.
    public var isHeldBack = false
    /// How long the origin asked everybody to keep silent (Retry-After), counted from now.
    public var silence: Duration = .zero

    /// Makes the load of a transfer that does nothing at `origin` yet.
    public init(origin: Origin) { self.origin = origin }

    /// Whether loads are worth telling after those that were told last: while a transfer has connections, time that passes is
    /// news too.
    public static func areNews(_ loads: [OriginLoad], after told: [OriginLoad]) -> Bool {
        loads != told || loads.contains { $0.live > 0 }
    }
}

/// What one transfer may do at one origin.
public struct OriginAllowance: Hashable, Sendable {
    /// Where.
    public var origin: Origin
    /// Connections that the transfer may have open; 0 means: wait.
    public var connections: Int
    /// How long nothing may be asked of the origin, counted from now.
    public var silence: Duration
    /// Whether If-Range is known to be of no use there.
    public var ignoresIfRange: Bool

    /// Makes an allowance from its parts.
    public init(origin: Origin, connections: Int, silence: Duration = .zero, ignoresIfRange: Bool = false) {
        self.origin = origin
        self.connections = connections
        self.silence = silence
        self.ignoresIfRange = ignoresIfRange
    }
}
