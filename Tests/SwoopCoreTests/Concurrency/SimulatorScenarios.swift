// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// A path with a name, for the table.
struct SimulatedScenario: Sendable {
    let name: String
    let path: SimulatedPath
    var length = 60.0
    /// Whether the optimum is what 32 connections carry, because it does not follow from the path.
    var isMeasured = false
}

extension SimulatedScenario {
    /// Most connections that the adaptive contestants may use.
    static let most = 32

    static let all: [SimulatedScenario] = capped + linked + restless

    /// Rates in MB/s, the round trip in ms.
    private static func path(
        each: Double,
        all: Double,
        ms: Double,
        _ change: (inout SimulatedPath) -> Void = { _ in }
    ) -> SimulatedPath {
        var path = SimulatedPath()
        path.perConnection = each * 1e6
        path.shared = all * 1e6
        path.roundTrip = ms / 1_000
        path.noise = 0.08
        change(&path)
        return path
    }

    private static let capped: [SimulatedScenario] = [
        .init(name: "A: 50 MB/s each, 1,250 in all, 20 ms", path: path(each: 50, all: 1_250, ms: 20)),
        .init(name: "B: 12 MB/s each, 60 in all, 50 ms", path: path(each: 12, all: 60, ms: 50)),
        .init(name: "P6: 2 MB/s each, 10 in all, 1 ms", path: path(each: 2, all: 10, ms: 1)),
        .init(name: "E: 4 MB/s each, 400 in all, 150 ms", path: path(each: 4, all: 400, ms: 150)),
    ]

    private static let linked: [SimulatedScenario] = [
        .init(name: "C: one fills 50 MB/s, 10 ms", path: path(each: 200, all: 50, ms: 10)),
        .init(name: "C2: one fills 50 MB/s, 100 ms", path: path(each: 200, all: 50, ms: 100)),
        .init(
            name: "P7: cubic, 0.1 % loss, 50 MB/s, 50 ms",
            path: path(each: 200, all: 50, ms: 50) {
                $0.loss = 0.001
                $0.noise = 0
            },
            isMeasured: true
        ),
    ]

    private static let restless: [SimulatedScenario] = [
        .init(name: "D: 20 MB/s each, 8 are admitted", path: path(each: 20, all: 1_000, ms: 50) { $0.admits = 8 }),
        .init(
            name: "F: A, but 300 in all from 40 to 80 s",
            path: path(each: 50, all: 1_250, ms: 20) {
                $0.changes = [(40, 50e6, 300e6), (80, 50e6, 1_250e6)]
            },
            length: 120
        ),
        .init(
            name: "H: 50, from 60 s on 10 MB/s each, 600 in all",
            path: path(each: 50, all: 600, ms: 20) { $0.changes = [(60, 10e6, 600e6)] },
            length: 120
        ),
        .init(
            name: "Q: 5 MB/s each, 4 requests/s are admitted",
            path: path(each: 5, all: 60, ms: 50) { $0.requests = (4, 8) }
        ),
        .init(
            name: "R: 5 MB/s each, 60 in all, heavy-tailed heads",
            path: path(each: 5, all: 60, ms: 50) { $0.thinks = 0.15 }
        ),
    ]
}
