// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Token bucket")
struct TokenBucketTests {
    /// Connections that read whenever they may, from a path that never makes them wait.
    private struct Readers {
        var bucket: TokenBucket
        /// When each reads next, and what it has read.
        var next: [Duration]
        var read: [Int64]
        /// When bytes came.
        var log: [(time: Duration, bytes: Int64)] = []

        init(_ count: Int, rate: Int64) {
            bucket = TokenBucket(rate: rate)
            next = Array(repeating: .zero, count: count)
            read = Array(repeating: 0, count: count)
        }

        mutating func run(until end: Duration, size: (Int) -> Int64) {
            while let (reader, now) = next.enumerated().min(by: { $0.element < $1.element }), now < end {
                let bytes = size(reader)
                read[reader] += bytes
                log.append((now, bytes))
                next[reader] = now + bucket.take(bytes, now: now)
            }
        }

        func bytes(from start: Duration, to end: Duration) -> Double {
            Double(log.filter { start <= $0.time && $0.time < end }.reduce(0) { $0 + $1.bytes })
        }
    }

    private static let rates: [Int64] = [10_000, 50_000, 1_000_000, 12_500_000, 1_000_000_000]

    @Test("lets the rate through over ten seconds, within 3 %", arguments: rates, [1, 4, 8, 32])
    func rate(rate: Int64, connections: Int) {
        var readers = Readers(connections, rate: rate)
        let size = max(1, rate / 10 / Int64(connections))
        readers.run(until: .seconds(21)) { _ in size }
        for start in [0, 1, 7, 11] {
            let expected = Double(rate) * 10
            let actual = readers.bytes(from: .seconds(start), to: .seconds(start + 10))
            #expect(abs(actual / expected - 1) < 0.03, "from \(start) s")
        }
    }

    @Test("is fair among connections that read equally much at a time", arguments: rates, [2, 7, 32])
    func fairness(rate: Int64, connections: Int) throws {
        var readers = Readers(connections, rate: rate)
        readers.run(until: .seconds(10)) { _ in max(1, rate / 10 / Int64(connections)) }
        let (least, most) = (try #require(readers.read.min()), try #require(readers.read.max()))
        #expect(Double(most - least) <= Double(most) * 0.02)
    }

    @Test("keeps the rate when connections read differently much", arguments: [1, 2, 3] as [UInt64])
    func uneven(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var readers = Readers(6, rate: 1_000_000)
        readers.run(until: .seconds(12)) { _ in Int64(random.next() % 20_000) }
        #expect(abs(readers.bytes(from: .seconds(2), to: .seconds(12)) / 10_000_000 - 1) < 0.03)
    }

    @Test("makes no burst of a long silence")
    func idle() {
        var bucket = TokenBucket(rate: 1_000)
        _ = bucket.take(1_000, now: .zero)
        #expect(bucket.take(100, now: .seconds(3600)) == .zero)
        #expect(bucket.take(100, now: .seconds(3600)) == .milliseconds(100))
    }

    @Test("makes up for a path that is uneven, within its credit")
    func credit() {
        var bucket = TokenBucket(rate: 1_000)
        #expect(bucket.take(100, now: .zero) == .milliseconds(100))
        #expect(bucket.take(100, now: .milliseconds(150)) == .milliseconds(50))
    }

    @Test("a read that is late by less than its pause pays the rest")
    func debt() {
        var bucket = TokenBucket(rate: 1_000)
        #expect(bucket.take(500, now: .zero) == .milliseconds(500))
        #expect(bucket.take(500, now: .milliseconds(200)) == .milliseconds(800))
    }

    @Test("survives any rate and any size", arguments: [-1, 0, 1, Int64.max], [-1, 0, 1, Int64.max])
    func extremes(rate: Int64, bytes: Int64) {
        var bucket = TokenBucket(rate: rate)
        #expect(bucket.take(bytes, now: .seconds(1)) >= .zero)
        #expect(bucket.take(bytes, now: .seconds(2)) >= .zero)
    }
}
