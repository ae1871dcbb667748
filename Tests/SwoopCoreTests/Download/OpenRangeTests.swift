// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

@Suite("The first response, which has no end")
struct OpenRangeTests {
    private func rig(
        length: Int64,
        connections: Int = 4,
        latency: Duration = .milliseconds(1),
        _ adjust: (inout TransferOptions) -> Void = { _ in }
    ) throws -> Rig {
        var rig = try Rig { options in
            options.connections = connections
            adjust(&options)
        }
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), Rig.part(0, length, of: length)), after: latency)
        rig.send(.begun, after: .milliseconds(1))
        return rig
    }

    private func lengthened(_ rig: Rig) -> [Int64] {
        rig.last.compactMap { if case .lengthen(_, let limit) = $0 { limit } else { nil } }
    }

    private static let refused = ResponseHead(status: 403)

    /// Lets the open response bring what it may bring, up to a bound.
    private func read(_ rig: inout Rig, upTo bound: Int64) {
        for position in stride(from: mib, through: bound, by: Int(mib)) {
            rig.send(.wrote(ExchangeID(0), upTo: position))
        }
    }

    @Test("is leased four MiB and left an eighth of the rest; the others have what follows")
    func leased() throws {
        let rig = try rig(length: 100 * mib)
        #expect(rig.last.contains(.accept(ExchangeID(0), from: 0, upTo: 4 * mib)))
        #expect(rig.opened.first?.request.range == ByteRange(16 * mib, 20 * mib))
    }

    @Test("is taken whole if that is hardly more than a lease")
    func nearlyALease() throws {
        let rig = try rig(length: 4 * mib + 1)
        #expect(rig.last.contains(.accept(ExchangeID(0), from: 0, upTo: 4 * mib + 1)))
        #expect(rig.opened.isEmpty)
    }

    @Test("is read on without another request as long as there is no other connection")
    func alone() throws {
        var rig = try rig(length: 100 * mib, connections: 1)
        var limit = 4 * mib
        for step in 1...100 {
            rig.send(.wrote(ExchangeID(0), upTo: Int64(step) * mib))
            #expect(rig.opened.isEmpty)
            for longer in lengthened(rig) {
                #expect(longer > limit)
                limit = longer
            }
            if step < 100 { #expect(limit > Int64(step) * mib) }
        }
        #expect(limit == 100 * mib)
        #expect(rig.last.contains(.publish(replacing: false)))
    }

    @Test("is ended at its lease once another one was accepted behind it")
    func ended() throws {
        var rig = try rig(length: 100 * mib)
        rig.send(.head(ExchangeID(1), Rig.part(16 * mib, 20 * mib, of: 100 * mib)))
        read(&rig, upTo: 16 * mib)
        #expect(rig.last.contains(.abort(ExchangeID(0))))
        #expect(rig.opened.first?.request.connection == 0)
    }

    @Test("waits at its lease while nobody knows whether the URL answers twice, and does not count as stalled")
    func waits() throws {
        var rig = try rig(length: 100 * mib)
        read(&rig, upTo: 16 * mib)
        #expect(!rig.last.contains(.abort(ExchangeID(0))))
        rig.send(.wake, after: .seconds(29))
        #expect(!rig.last.contains(.abort(ExchangeID(0))))
    }

    @Test("brings everything if the URL answers only once", arguments: [401, 403, 404, 410])
    func onlyOnce(status: Int) throws {
        var rig = try rig(length: 100 * mib)
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib))
        for ordinal in 1...3 { rig.send(.head(ExchangeID(ordinal), ResponseHead(status: status))) }
        #expect(rig.failure == nil)
        var written = 4 * mib
        while written < 100 * mib {
            written += mib
            rig.send(.wrote(ExchangeID(0), upTo: written), after: .milliseconds(200))
            for (id, _) in rig.opened { rig.send(.head(id, ResponseHead(status: status))) }
            #expect(rig.failure == nil)
        }
        #expect(rig.last.contains(.publish(replacing: false)))
    }

    @Test("leaves room behind it where the origin is far, and fills it")
    func reserve() throws {
        var rig = try rig(length: 100 * mib, latency: .milliseconds(80))
        #expect(rig.opened.map(\.request.range?.lower) == [52 * mib, 56 * mib, 60 * mib])
        rig.send(.head(ExchangeID(1), Rig.part(52 * mib, 56 * mib, of: 100 * mib)))
        rig.send(.wrote(ExchangeID(0), upTo: 3 * mib), after: .seconds(1))
        #expect(lengthened(rig).allSatisfy { $0 <= 52 * mib })
        #expect(!lengthened(rig).isEmpty)
        #expect(!rig.last.contains(.abort(ExchangeID(0))))
    }

    @Test("is not asked for where the user gave a size of segments, or a partial is continued")
    func bounded() throws {
        var rig = try Rig { $0.segmentSize = mib }
        rig.send(.start)
        rig.send(.prepared(.fresh))
        #expect(rig.opened.map(\.request.range) == [ByteRange(0, mib)])
    }

    @Test("goes no further than the window, and goes on when the reader does")
    func window() throws {
        var rig = try rig(length: 100 * mib, connections: 1) { $0.window = 8 * mib }
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib))
        #expect(lengthened(rig).allSatisfy { $0 <= 8 * mib })
        rig.send(.wrote(ExchangeID(0), upTo: 8 * mib))
        #expect(lengthened(rig).isEmpty)
        rig.send(.wake, after: .seconds(120))
        #expect(rig.failure == nil && !rig.last.contains(.abort(ExchangeID(0))))
        rig.send(.consumed(upTo: 4 * mib))
        #expect(lengthened(rig).allSatisfy { $0 > 8 * mib && $0 <= 12 * mib } && !lengthened(rig).isEmpty)
    }
}
