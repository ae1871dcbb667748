// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct PieceDigestsTests {
    static func pieces(_ count: Int, of length: Int64) throws -> PieceDigests {
        let digest = try #require(Digest(algorithm: .md5, bytes: [UInt8](repeating: 7, count: 16)))
        let digests = [Digest](repeating: digest, count: count)
        return try #require(PieceDigests(algorithm: .md5, length: length, digests: digests))
    }

    @Test("has a positive length and at least one digest, all of one algorithm")
    func making() throws {
        let digest = try #require(Digest(algorithm: .md5, bytes: [UInt8](repeating: 7, count: 16)))
        #expect(PieceDigests(algorithm: .md5, length: 1, digests: [digest]) != nil)
        #expect(PieceDigests(algorithm: .md5, length: 0, digests: [digest]) == nil)
        #expect(PieceDigests(algorithm: .md5, length: -1, digests: [digest]) == nil)
        #expect(PieceDigests(algorithm: .md5, length: 1, digests: []) == nil)
        #expect(PieceDigests(algorithm: .sha1, length: 1, digests: [digest]) == nil)
    }

    @Test(
        "fits a total that takes exactly so many pieces",
        arguments: [
            (1, 10, 1, true), (1, 10, 10, true), (1, 10, 11, false), (1, 10, 0, false), (1, 10, -5, false),
            (3, 10, 20, false), (3, 10, 21, true), (3, 10, 30, true), (3, 10, 31, false),
            (1, Int64.max, Int64.max, true), (2, Int64.max, Int64.max, false), (2, Int64.max - 1, Int64.max, true),
            (1, Int64.max, 1, true), (1, 1, Int64.max, false), (1, 10, Int64.min, false),
        ] as [(Int, Int64, Int64, Bool)]
    )
    func fits(count: Int, length: Int64, total: Int64, expected: Bool) throws {
        #expect(try Self.pieces(count, of: length).fits(total: total) == expected)
    }

    @Test(
        "knows the bytes of a piece",
        arguments: [
            (0, 25, ByteRange(0, 10)), (2, 25, ByteRange(20, 25)), (2, 30, ByteRange(20, 30)), (2, 20, nil),
            (3, 99, nil), (-1, 25, nil), (0, 0, nil), (0, -1, nil), (2, Int64.max, ByteRange(20, 30)),
        ] as [(Int, Int64, ByteRange?)]
    )
    func ranges(index: Int, total: Int64, expected: ByteRange?) throws {
        #expect(try Self.pieces(3, of: 10).range(of: index, total: total) == expected)
    }

    @Test("does not overflow for pieces of any length")
    func huge() throws {
        let pieces = try Self.pieces(3, of: Int64.max)
        #expect(pieces.range(of: 0, total: Int64.max) == ByteRange(0, Int64.max))
        #expect(pieces.range(of: 1, total: Int64.max) == nil)
        #expect(pieces.range(of: 2, total: Int64.max) == nil)
        #expect(pieces.index(containing: Int64.max) == 1)
    }

    @Test(
        "finds the piece of an offset",
        arguments: [(0, 0), (9, 0), (10, 1), (29, 2), (30, nil), (-1, nil), (Int64.max, nil), (Int64.min, nil)]
            as [(Int64, Int?)]
    )
    func index(offset: Int64, expected: Int?) throws {
        #expect(try Self.pieces(3, of: 10).index(containing: offset) == expected)
    }

    @Test(
        "tells the pieces that a range touches from those that it holds",
        arguments: [
            (ByteRange(0, 25), 0..<3, 0..<3), (ByteRange(0, 24), 0..<3, 0..<2), (ByteRange(5, 25), 0..<3, 1..<3),
            (ByteRange(10, 20), 1..<2, 1..<2), (ByteRange(9, 21), 0..<3, 1..<2), (ByteRange(11, 12), 1..<2, 0..<0),
            (ByteRange(11, 20), 1..<2, 0..<0), (ByteRange(5, 5), 0..<0, 0..<0), (ByteRange(20, 99), 2..<3, 2..<3),
            (ByteRange(30, 99), 0..<0, 0..<0), (ByteRange(0, Int64.max), 0..<3, 0..<3),
        ]
    )
    func inRange(range: ByteRange, touched: Range<Int>, whole: Range<Int>) throws {
        let pieces = try Self.pieces(3, of: 10)
        #expect(pieces.pieces(touching: range) == touched)
        #expect(pieces.pieces(within: range, total: 25) == whole)
    }

    @Test("only SHA-2 stops somebody who makes up bytes to match")
    func attackers() {
        #expect(DigestAlgorithm.allCases.filter(\.resistsAttackers) == [.sha256, .sha512])
    }
}
