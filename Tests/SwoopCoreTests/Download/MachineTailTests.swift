// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

/// Which connection gets what when bytes become few, and what the origin's other transfers are told of it.
@Suite("DownloadMachine: the tail and the connections")
struct MachineTailTests {
    private let origin: Origin

    init() throws { origin = try HTTPURL.parse("https://origin.test/").origin }

    private var cuts: (Rig) -> Int {
        { $0.last.count { if case .shorten = $0 { true } else { false } } }
    }

    /// A response that comes at a steady pace, every byte of the file asked for, while a second connection is idle.
    private func rig(headAfter latency: Duration) throws -> Rig {
        var rig = try Rig { $0.connections = 2 }
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), Rig.part(0, 4 * mib, of: 4 * mib)), after: latency)
        rig.send(.begun, after: .zero)
        return rig
    }

    @Test("nothing is taken from a segment in its first four round trips", arguments: [20, 150, 300])
    func settles(milliseconds: Int) throws {
        let latency: Duration = .milliseconds(milliseconds)
        var rig = try rig(headAfter: latency)
        let settled = max(latency * 4, .milliseconds(200))
        var (written, waited): (Int64, Duration) = (0, .zero)
        while waited + .milliseconds(100) < settled {
            written += mib / 64
            waited += .milliseconds(100)
            rig.send(.wrote(ExchangeID(0), upTo: written), after: .milliseconds(100))
            #expect(cuts(rig) == 0, "cut after \(waited)")
        }
        rig.send(.wrote(ExchangeID(0), upTo: written + 1), after: settled - waited)
        #expect(cuts(rig) == 1)
    }

    @Test("a connection that served a whole segment is used again before one that must connect anew")
    func warmFirst() throws {
        var rig = try Rig { $0.connections = nil }
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 2)))
        rig.send(.head(ExchangeID(0), Rig.part(0, 4 * mib, of: 100 * mib)))
        rig.send(.begun)
        let second = try #require(rig.opened.first)
        let range = try #require(second.request.range)
        rig.send(.head(second.id, Rig.part(range.lower, range.upper, of: 100 * mib)))
        // Nothing is asked for now, so that both are idle when one may be used again.
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 1, silence: .seconds(1))))
        rig.send(.wrote(ExchangeID(0), upTo: mib))
        rig.send(.closed(ExchangeID(0), TransferFailure(.connectionLost, "reset")))
        rig.send(.wrote(second.id, upTo: range.upper))
        rig.send(.closed(second.id, nil))
        #expect(rig.opened.isEmpty)
        rig.send(.wake, after: .seconds(60))
        #expect(rig.opened.map(\.request.connection) == [1])
    }

    @Test("a transfer that only waits for its disk leaves its connections to others")
    func wantsNothing() throws {
        var rig = try Rig { $0.connections = nil }
        rig.send(.start)
        #expect(rig.machine.loads(now: rig.now).map(\.demand) == [1])
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), Rig.part(0, 10, of: 10)))
        rig.send(.begun)
        rig.send(.wrote(ExchangeID(0), upTo: 10))
        rig.send(.closed(ExchangeID(0), nil))
        #expect(rig.machine.loads(now: rig.now).map(\.demand) == [0])
    }
}
