// SPDX-License-Identifier: Apache-2.0

/// Decides how many connections are measured next, when it is enough, and what follows from the figures.
///
/// One connection, then twice as many each time, until twice as many bring hardly more, the origin refuses, or as many
/// are measured as may be.
public struct BenchPlan: Hashable, Sendable {
    /// What one number of connections brought.
    public struct Measurement: Hashable, Sendable {
        /// The number.
        public var connections: Int
        /// Bytes that came while it was measured.
        public var bytes: Int64
        /// For how long it was measured, from the first byte on.
        public var time: Duration
        /// Whether the origin turned some of the connections away.
        public var wasRefused: Bool

        /// Makes a measurement.
        public init(connections: Int, bytes: Int64, time: Duration, wasRefused: Bool = false) {
            self.connections = connections
            self.bytes = bytes
            self.time = time
            self.wasRefused = wasRefused
        }

        /// Bytes per second; 0 if nothing was measured.
        public var throughput: Double { time > .zero ? Double(bytes) / time.seconds : 0 }
    }

    /// For how long each number is measured.
    public static let time: Duration = .seconds(3)
    /// Bytes after which a number is measured well enough.
    public static let mostBytes: Int64 = 512 << 20
    /// Twice as many connections must bring this much more, or it is enough.
    public static let worthwhileGain = 0.15

    /// Most connections to measure; at least 1.
    public let mostConnections: Int
    /// The figures so far, by number of connections.
    public private(set) var measurements: [Measurement] = []

    /// Makes a plan.
    public init(mostConnections: Int) { self.mostConnections = max(1, mostConnections) }

    /// Takes a figure.
    public mutating func add(_ measurement: Measurement) { measurements.append(measurement) }

    /// How many connections to measure next, or `nil` if it is enough.
    public var next: Int? {
        guard let last = measurements.last else { return 1 }
        guard !last.wasRefused, last.connections < mostConnections, last.throughput > 0, isGrowing else { return nil }
        return min(mostConnections, last.connections * 2)
    }

    private var isGrowing: Bool {
        guard measurements.count >= 2 else { return true }
        let (last, before) = (measurements[measurements.count - 1], measurements[measurements.count - 2])
        return last.throughput >= before.throughput * (1 + Self.worthwhileGain)
    }

    /// The fewest connections that bring nearly as much as any number did.
    public var best: Measurement? {
        let most = measurements.map(\.throughput).max() ?? 0
        return measurements.first { $0.throughput > 0 && $0.throughput * (1 + Self.worthwhileGain) >= most }
    }

    /// What follows, in words; `nil` if nothing was measured.
    public var advice: String? {
        guard let one = measurements.first else { return nil }
        guard let best else { return "it is over before anything can be measured: name a larger file" }
        let rate = ByteCount.formatRate(best.throughput)
        if let refused = measurements.last, refused.wasRefused {
            return "the origin turns connections away at \(refused.connections): \(count(best)) bring \(rate)"
        }
        if best.connections == one.connections {
            return
                "one connection brings all there is (\(rate)): the path or the origin is the limit, not the connection"
        }
        let factor = Int((best.throughput / max(one.throughput, 1) * 10).rounded())
        let gain = "\(count(best)) bring \(rate), \(factor / 10).\(factor % 10) times what one does"
        let isOpen = best.connections >= mostConnections
        return gain + (isOpen ? ", and more might bring more: see --max-connections" : ": auto finds this by itself")
    }

    private func count(_ measurement: Measurement) -> String {
        measurement.connections == 1 ? "1 connection" : "\(measurement.connections) connections"
    }
}
