// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Reading a journal back")
struct JournalReadingTests {
    private static let identity = JournalIdentity(url: "https://example.org/x", queryFingerprint: 0, length: 1_000)

    private static func journal(_ records: JournalRecord...) -> [UInt8] {
        ([.identity(identity)] + records).flatMap(JournalCodec.encode)
    }

    private static func replay(_ bytes: [UInt8], boot: String = "now", length: Int64 = 1_000) -> JournalReplay? {
        JournalReading.replay(bytes, boot: boot, partialLength: length)
    }

    @Test("merges what is durable and, of this boot, what is written")
    func merging() throws {
        let bytes = Self.journal(
            .written([ByteRange(900, 910)]),
            .boot("before"),
            .written([ByteRange(0, 100)]),
            .durable([ByteRange(0, 50)]),
            .boot("now"),
            .written([ByteRange(200, 300), ByteRange(40, 60)]),
            .durable([ByteRange(250, 260)])
        )
        let replay = try #require(Self.replay(bytes))
        #expect(replay.durable == RangeSet([ByteRange(0, 50), ByteRange(250, 260)]))
        #expect(replay.held == RangeSet([ByteRange(0, 60), ByteRange(200, 300)]))
    }

    @Test("believes nothing merely written if the boot is unknown")
    func unknownBoot() throws {
        let bytes = Self.journal(.boot(""), .written([ByteRange(0, 10)]), .durable([ByteRange(5, 6)]))
        let replay = try #require(Self.replay(bytes, boot: ""))
        #expect(replay.held == RangeSet([ByteRange(5, 6)]))
    }

    @Test("cuts claims to the length")
    func clamping() throws {
        let bytes = Self.journal(.durable([ByteRange(990, .max), ByteRange(2_000, 3_000)]))
        let replay = try #require(Self.replay(bytes))
        #expect(replay.durable == RangeSet([ByteRange(990, 1_000)]))
        replay.durable.checkInvariants()
    }

    @Test("proves nothing without an identity that fits the partial")
    func noIdentity() {
        #expect(Self.replay([]) == nil)
        #expect(Self.replay(Array("\n".utf8)) == nil)
        #expect(Self.replay(JournalCodec.encode(.boot("now")) + Self.journal()) == nil)
        #expect(Self.replay(Self.journal(), length: 999) == nil)
        #expect(Self.replay(Self.journal(), length: 1_000) != nil)
    }

    @Test("stops at a second identity")
    func secondIdentity() throws {
        let bytes = Self.journal(.durable([ByteRange(0, 1)]), .identity(Self.identity), .durable([ByteRange(1, 2)]))
        #expect(try #require(Self.replay(bytes)).durable == RangeSet([ByteRange(0, 1)]))
    }

    @Test(
        "refuses lines that are sound but mean nothing",
        arguments: [
            "durable 5", "durable 5-", "durable 9-5", "durable -5-9", "durable 1-2-3", "durable  1-2",
            "durable 1-99999999999999999999", "erased 0-1", "boot", "boot %", "boot %zz", "boot %ff", "", " ",
        ]
    )
    func soundNonsense(payload: String) throws {
        let first = Self.journal(.durable([ByteRange(0, 1)]))
        let bytes = first + line(payload) + JournalCodec.encode(.durable([ByteRange(5, 6)]))
        #expect(try #require(Self.replay(bytes)).durable == RangeSet([ByteRange(0, 1)]))
    }

    @Test(
        "refuses an identity of another version or with a bad field",
        arguments: [
            "swoop-journal/2 length=1000 query=0 url=u", "swoop-journal/1 query=0 url=u",
            "swoop-journal/1 length=-1 url=u", "swoop-journal/1 length=1000 colour=red",
            "swoop-journal/1 length=1000 weak", "swoop-journal/1 length=1e3", "swoop-journal/1 length=1000 url=%f",
        ]
    )
    func badIdentity(payload: String) {
        #expect(Self.replay(line(payload)) == nil)
    }

    // MARK: Damage

    /// A journal with every kind of record, and what its undamaged beginnings prove.
    private static let records: [JournalRecord] = [
        .identity(identity), .boot("before"), .written([ByteRange(0, 999)]), .durable([ByteRange(10, 20)]),
        .boot("now"), .written([ByteRange(20, 90), ByteRange(300, 310)]), .durable([ByteRange(300, 305)]),
        .durable([ByteRange(0, 1)]), .written([ByteRange(700, 1_000)]),
    ]
    private static let whole = records.flatMap(JournalCodec.encode)
    private static let prefixes = (0...records.count).map { replay(records.prefix($0).flatMap(JournalCodec.encode)) }

    @Test("proves, cut off anywhere, what its whole lines prove")
    func truncated() {
        for count in 0...Self.whole.count {
            let lines = Self.whole.prefix(count).count { $0 == UInt8(ascii: "\n") }
            #expect(Self.replay(Array(Self.whole.prefix(count))) == Self.prefixes[lines])
        }
    }

    @Test("proves, with any one byte changed, what the lines before it prove")
    func flipped() {
        for index in Self.whole.indices {
            let lines = Self.whole[..<index].count { $0 == UInt8(ascii: "\n") }
            for change in UInt8.allChanges {
                var bytes = Self.whole
                bytes[index] ^= change
                #expect(Self.replay(bytes) == Self.prefixes[lines], "byte \(index) ^ \(change)")
            }
        }
    }

    @Test("proves no more than before when blocks of it are lost or swapped")
    func lostBlocks() throws {
        let full = try #require(Self.prefixes.last ?? nil)
        for start in Self.whole.indices {
            for count in [1, 7, 64, 512] {
                let end = min(start + count, Self.whole.count)
                let zeroed = Self.whole[..<start] + [UInt8](repeating: 0, count: end - start) + Self.whole[end...]
                let removed = Self.whole[..<start] + Self.whole[end...]
                for damaged in [zeroed, removed] {
                    guard let replay = Self.replay(Array(damaged)) else { continue }
                    #expect(replay.durable.ranges.allSatisfy { full.durable.contains($0) })
                    #expect(replay.held.ranges.allSatisfy { full.held.contains($0) || replay.durable.contains($0) })
                }
            }
        }
    }

    @Test("survives bytes that were never a journal", arguments: 0..<50)
    func noise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let noise = (0..<2_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(Self.replay(noise) == nil)
        #expect(Self.replay(Self.whole + noise) == Self.prefixes.last ?? nil)
    }

    /// A line whose checksum is right, computed bit by bit.
    private func line(_ payload: String) -> [UInt8] {
        var sum: UInt32 = ~0
        for byte in payload.utf8 {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : (sum >> 1) ^ 0x82F6_3B78 }
        }
        let digits = String(~sum, radix: 16)
        return Array("\(String(repeating: "0", count: 8 - digits.count))\(digits) \(payload)\n".utf8)
    }
}

extension UInt8 {
    /// The eight single bits, and all of them at once.
    fileprivate static let allChanges: [UInt8] = (0..<8).map { 1 << $0 } + [0xFF]
}
