// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// What a run of the simulator showed of its first client.
struct SimulatedOutcome {
    /// Seconds until a second's mean reached 90 % of the optimum, or `nil`.
    var reached: Double?
    /// Share of what the best number of connections would have carried.
    var share = 0.0
    /// Mean number of connections in the last fifth.
    var final = 0.0
    /// Requests that the origin refused.
    var rejected = 0
    /// Jain's index of what the clients received in the second half, and their connections together at the end.
    var fairness = 1.0
    var total = 0.0
}

/// Who is put on a path.
enum SimulatedContestant: String, CaseIterable {
    case fixed8 = "fixed 8"
    case fixed16 = "fixed 16"
    case aimd = "AIMD"
    case falcon = "Falcon"
    case azcopy
    case mc
    case ours

    func policy(most: Int) -> (any ConnectionPolicy)? {
        switch self {
        case .fixed8: FixedPolicy(8)
        case .fixed16: FixedPolicy(16)
        case .aimd: AIMDPolicy(most: most)
        case .falcon: FalconPolicy(most: most)
        case .azcopy: AzcopyPolicy(most: most)
        case .mc: McPolicy(most: most)
        case .ours: nil
        }
    }
}

extension Simulator {
    mutating func add(_ contestant: SimulatedContestant, most: Int) {
        if let policy = contestant.policy(most: most) {
            add(.policy(policy))
        } else {
            addOurs(most: most)
        }
    }

    /// Runs for `length` seconds and measures.
    mutating func measure(length: Double, most: Int, optimum: Double? = nil) -> SimulatedOutcome {
        var outcome = SimulatedOutcome()
        var ideal = 0.0
        var tail = 0.0
        var totals = 0.0
        var steps = 0.0
        var half: [Double] = []
        var marks: [(time: Double, bytes: Double)] = []
        while now < length {
            advance()
            let best = optimum ?? current.optimum(most: most)
            ideal += best * step
            note(&marks, &outcome, best)
            if half.isEmpty, now >= length / 2 { half = clients.map(\.received) }
            guard now >= length * 0.8 else { continue }
            steps += 1
            tail += Double(clients[0].connections.count { $0.isLive })
            totals += Double(clients.reduce(0) { $0 + $1.connections.count { $0.isLive } })
        }
        let gained = zip(clients, half).map { $0.received - $1 }
        outcome.share = clients[0].received / ideal
        outcome.final = tail / max(steps, 1)
        outcome.total = totals / max(steps, 1)
        outcome.rejected = clients[0].rejected
        let squares = gained.reduce(0) { $0 + $1 * $1 }
        outcome.fairness =
            squares > 0 ? (gained.reduce(0, +) * gained.reduce(0, +)) / (Double(gained.count) * squares) : 1
        return outcome
    }

    private func note(
        _ marks: inout [(time: Double, bytes: Double)],
        _ outcome: inout SimulatedOutcome,
        _ best: Double
    ) {
        marks.append((now, clients[0].received))
        let back = marks.count - 1 - Int(1 / step)
        guard outcome.reached == nil, back >= 0 else { return }
        let rate = (marks[marks.count - 1].bytes - marks[back].bytes) / (now - marks[back].time)
        if rate >= 0.9 * best { outcome.reached = now }
    }
}
