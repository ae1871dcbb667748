// SPDX-License-Identifier: Apache-2.0

/// What is remembered of an origin between two runs.
public struct OriginMemory: Hashable, Sendable {
    /// How long a memory is believed, in seconds.
    public static let timeToLive: Int64 = 24 * 3_600

    /// Connections that last carried the load; at least 1.
    public var connections: Int
    /// Bytes per second of one connection; finite, at least 0.
    public var unitRate: Double
    /// Connections that the origin seemed to admit, or `nil` if it never turned one away; at least 1.
    public var ceiling: Int?
    /// Whether If-Range was of no use.
    public var ignoresIfRange: Bool
    /// When that was learned, in seconds since 1970.
    public var seconds: Int64

    /// Makes a memory from its parts; numbers out of bounds are brought into them.
    public init(connections: Int, unitRate: Double, ceiling: Int? = nil, ignoresIfRange: Bool = false, seconds: Int64) {
        self.connections = max(1, connections)
        self.unitRate = unitRate.isFinite ? max(0, unitRate) : 0
        self.ceiling = ceiling.map { max(1, $0) }
        self.ignoresIfRange = ignoresIfRange
        self.seconds = seconds
    }
}
