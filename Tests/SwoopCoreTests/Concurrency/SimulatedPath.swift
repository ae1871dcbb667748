// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// A path and an origin at its end, as a simulation has them. Rates in bytes per second, times in seconds.
struct SimulatedPath: Sendable {
    /// Most that one connection carries.
    var perConnection = Double.infinity
    /// Most that all connections carry.
    var shared = Double.infinity
    var roundTrip = 0.05
    /// Round trips before the request may be sent: 1 for TCP, 2 with TLS 1.3.
    var handshakes = 1.0
    /// Probability that a packet is lost; above 0, connections are cubic's saw-teeth.
    var loss = 0.0
    /// Bytes that wait at the bottleneck before packets are dropped, in round trips of ``shared``.
    var queue = 0.5
    /// Relative standard deviation of the path's rate, drawn anew every half second.
    var noise = 0.0
    /// Connections that the origin admits.
    var admits = Int.max
    /// Requests a second that the origin admits, and how many it saves up.
    var requests: (rate: Double, burst: Double)?
    /// Mean of the time that the origin thinks, log-normal; one answer in a thousand takes 5 s.
    var thinks = 0.0
    /// Seconds that a request lasts before the connection asks for its next range.
    var lease = 3.0
    /// What changes, and when.
    var changes: [(time: Double, perConnection: Double, shared: Double)] = []

    /// The path after the changes up to `time`.
    func at(_ time: Double) -> SimulatedPath {
        var path = self
        for change in changes where change.time <= time {
            path.perConnection = change.perConnection
            path.shared = change.shared
        }
        return path
    }

    /// What the best number of connections up to `most` would carry.
    func optimum(most: Int) -> Double { min(shared, perConnection * Double(min(most, admits))) }

    /// Fewest connections that carry the optimum.
    func knee(most: Int) -> Int { max(1, Int((optimum(most: most) / perConnection).rounded(.up))) }
}
