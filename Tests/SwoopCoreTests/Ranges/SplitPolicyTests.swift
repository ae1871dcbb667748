// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

@Suite("SplitPolicy")
struct SplitPolicyTests {
    @Test(
        "a segment lasts about a second where pauses are short, within 1 to 256 MiB and an even share of the rest",
        arguments: [
            (1 << 40, nil, 4 * mib), (1 << 40, 10 * 1024 * 1024, 10 * mib), (1 << 40, 1e9, 256 * mib),
            (1 << 40, 1000, mib),
            (64 * mib, 1e9, 4 * mib), (5 * mib, 1e9, mib), (7, 1e9, 7),
        ] as [(Int64, Double?, Int64)]
    )
    func sizes(unrequested: Int64, throughput: Double?, expected: Int64) {
        let size = SplitPolicy.segmentSize(unrequested: unrequested, connections: 8, throughput: throughput, fixed: nil)
        #expect(size == expected)
    }

    @Test(
        "where a pause is short a segment lasts as long as the transfer has, up to a second",
        arguments: [(0, 10, mib), (0, 400, 40 * mib), (0, 9_000, 100 * mib), (10, 10, 64 * mib), (100, 10, 256 * mib)]
            as [(Int64, Int64, Int64)]
    )
    func spans(latency: Int64, age: Int64, expected: Int64) {
        let size = SplitPolicy.segmentSize(
            unrequested: 1 << 40,
            connections: 1,
            throughput: Double(100 * mib),
            latency: .milliseconds(latency),
            age: .milliseconds(age),
            fixed: nil
        )
        #expect(size == expected)
    }

    @Test("a lone connection shares with nobody")
    func alone() {
        let size = SplitPolicy.segmentSize(unrequested: 60 * mib, connections: 1, throughput: 90e6, fixed: nil)
        #expect(size == 60 * mib)
    }

    @Test(
        "segments do not shrink below sixteen times the pause between two of them, or a second",
        arguments: [(50, 8 * mib), (100, 10 * mib)] as [(Int64, Int64)]
    )
    func pauses(milliseconds: Int64, expected: Int64) {
        let size = SplitPolicy.segmentSize(
            unrequested: 60 * mib,
            connections: 8,
            throughput: Double(10 * mib),
            latency: .milliseconds(milliseconds),
            fixed: nil
        )
        #expect(size == expected)
    }

    @Test(
        "the user's segment size is taken as it is, but never beyond the end",
        arguments: [
            (25 * mib, 1 << 40, 25 * mib), (25 * mib, 3, 3), (1, 3, 1),
        ] as [(Int64, Int64, Int64)]
    )
    func fixed(fixed: Int64, unrequested: Int64, expected: Int64) {
        let size = SplitPolicy.segmentSize(unrequested: unrequested, connections: 8, throughput: nil, fixed: fixed)
        #expect(size == expected)
    }

    private func candidate(_ ordinal: Int, _ range: ByteRange, _ throughput: Double?) -> SplitPolicy.Candidate {
        .init(exchange: ExchangeID(ordinal), remaining: range, throughput: throughput)
    }

    @Test("takes half of what remains of the segment that would end last, between equals")
    func stealsFromSlowest() throws {
        let slow = candidate(1, ByteRange(10 * mib, 12 * mib), 100_000)
        let large = candidate(2, ByteRange(20 * mib, 40 * mib), 10_000_000)
        let steal = try #require(SplitPolicy.steal(from: [slow, large]))
        #expect(steal.exchange == ExchangeID(1))
        #expect(steal.newUpper == 11 * mib)
    }

    @Test("a segment that crawls keeps only what it brings until the thief is done")
    func sharesByThroughput() throws {
        let slow = candidate(1, ByteRange(10 * mib, 30 * mib), 100_000)
        let thief = SplitPolicy.Thief(throughput: 1_900_000)
        let steal = try #require(SplitPolicy.steal(from: [slow], by: thief))
        #expect(steal.newUpper == 11 * mib)
    }

    @Test("nothing is stolen that would hardly end sooner for it")
    func latency() {
        let near = candidate(1, ByteRange(0, 10 * mib), 10e6)
        #expect(SplitPolicy.steal(from: [near], by: .init(throughput: 10e6, latency: .milliseconds(600))) != nil)
        #expect(SplitPolicy.steal(from: [near], by: .init(throughput: 10e6, latency: .milliseconds(800))) == nil)
    }

    @Test("several that are idle take equal shares of one segment")
    func sharesEvenly() throws {
        var remaining = ByteRange(0, 40 * mib)
        var taken: [Int64] = []
        for count in [3, 2, 1] {
            var thief = SplitPolicy.Thief(throughput: 1e7)
            thief.count = count
            let steal = try #require(SplitPolicy.steal(from: [candidate(1, remaining, 1e7)], by: thief))
            taken.append(remaining.upper - steal.newUpper)
            remaining = ByteRange(0, steal.newUpper)
        }
        #expect(taken == [10 * mib, 10 * mib, 10 * mib])
    }

    @Test("a crumb that crawls hides no segment that can be shared")
    func crumb() throws {
        let crumb = candidate(1, ByteRange(0, 50_000), 1_000)
        let large = candidate(2, ByteRange(mib, 41 * mib), 1e7)
        #expect(try #require(SplitPolicy.steal(from: [crumb, large])).exchange == ExchangeID(2))
    }

    @Test(
        "a cold connection is behind by its handshake and the doublings of its window",
        arguments: [
            (0, 0.1, 0.1), (146_000, 0.1, 0.1), (146_001, 0.1, 0.2), (2_000_000, 0.15, 0.9),
        ] as [(Double, Double, Double)]
    )
    func warming(rate: Double, roundTrip: Double, expected: Double) {
        #expect(SplitPolicy.warmingTime(to: rate, roundTrip: .seconds(roundTrip)) == .seconds(expected))
    }

    @Test(
        "leaves segments alone that end soon, are small, or of unknown throughput",
        arguments: [
            (ByteRange(0, 4 * mib), 50e6), (ByteRange(0, 100_000), 1000), (ByteRange(0, 1 << 40), nil),
        ] as [(ByteRange, Double?)]
    )
    func leavesAlone(range: ByteRange, throughput: Double?) {
        #expect(SplitPolicy.steal(from: [candidate(0, range, throughput)]) == nil)
    }
}
