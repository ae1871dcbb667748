// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// Chooses a number of connections: what the simulator compares.
protocol ConnectionPolicy {
    /// Connections that should be open.
    var target: Int { get }
    mutating func observe(_ sample: ConcurrencyController.Sample, now: Double)
    mutating func refused(carrying: Int, live: Int, now: Double)
}

/// A transfer in a simulation: connections, and who chooses how many.
struct SimulatedClient {
    enum Driver {
        case policy(any ConnectionPolicy)
        /// A transfer in one of the simulation's books.
        case book(Int)
    }

    var driver: Driver
    var connections: [SimulatedConnection] = []
    /// Connections it may have.
    var target = 1
    /// Connections it could use.
    var appetite = Int.max
    /// When it begins.
    var begins = 0.0
    /// Bytes it wants, and when it had them.
    var wants = Double.infinity
    var finishedAt: Double?
    /// Bytes per second that it takes at most, and whether that held it back in this step.
    var rateLimit = Double.infinity
    var isHeldBack = false

    var load: OriginLoad
    var received = 0.0
    var volleyAt = -1.0
    /// What the driver was told last.
    var toldRefusals = 0
    var limit = OriginBook.Limit.upTo(32)
    var sampleDue = 0.0
    var sampledBytes = 0.0
    var isChanged = false
    var rejected = 0
    /// Heads since the last sample.
    var firstByte: Double?

    init(_ driver: Driver, origin: Origin) {
        self.driver = driver
        load = OriginLoad(origin: origin)
    }

    /// Connections in use.
    var live: Int { connections.count { $0.isLive } }

    var isRunning: Bool { finishedAt == nil }

    var demand: Int {
        let pieces = wants.isFinite ? Int(max(1, (wants - received) / Double(1 << 20))) : Int.max
        return min(appetite, pieces)
    }
}
