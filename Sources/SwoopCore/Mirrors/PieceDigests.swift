// SPDX-License-Identifier: Apache-2.0

/// The digests of a representation's pieces: equal runs of bytes from its start, the last one possibly shorter.
///
/// A piece that arrived can be verified long before the whole representation, and a wrong one names its source.
/// - Source: RFC 5854 section 4.1.3.
public struct PieceDigests: Hashable, Sendable {
    /// The hash function of all pieces.
    public let algorithm: DigestAlgorithm
    /// Bytes in every piece but the last; at least 1.
    public let length: Int64
    /// One digest for each piece, in order; at least one.
    public let digests: [Digest]

    /// Makes piece digests; `nil` unless `length` is positive and there are digests, all of `algorithm`.
    public init?(algorithm: DigestAlgorithm, length: Int64, digests: [Digest]) {
        guard length > 0, !digests.isEmpty, digests.allSatisfy({ $0.algorithm == algorithm }) else { return nil }
        self.algorithm = algorithm
        self.length = length
        self.digests = digests
    }

    /// Whether these are the pieces of a representation of `total` bytes: as many as it takes, the last not empty.
    public func fits(total: Int64) -> Bool {
        guard total > 0 else { return false }
        return Int64(digests.count) - 1 == (total - 1) / length
    }

    /// The bytes of a piece.
    ///
    /// - Returns: `nil` if there is no such piece, or none of its bytes is below `total`.
    public func range(of index: Int, total: Int64) -> ByteRange? {
        guard digests.indices.contains(index) else { return nil }
        let (lower, overflow) = Int64(index).multipliedReportingOverflow(by: length)
        guard !overflow, lower < total else { return nil }
        return ByteRange(lower, lower + min(length, total - lower))
    }

    /// The piece that holds the byte at `offset`; `nil` for an offset below zero or behind the last piece.
    public func index(containing offset: Int64) -> Int? {
        guard offset >= 0 else { return nil }
        let index = offset / length
        return index < Int64(digests.count) ? Int(index) : nil
    }

    /// The pieces that have a byte in `range`: what arrives there has to be verified with these.
    public func pieces(touching range: ByteRange) -> Range<Int> {
        guard !range.isEmpty, let first = index(containing: range.lower) else { return 0..<0 }
        return first..<(index(containing: range.upper - 1) ?? digests.count - 1) + 1
    }

    /// The pieces of a representation of `total` bytes that lie in `range` entirely: what can be verified from it.
    public func pieces(within range: ByteRange, total: Int64) -> Range<Int> {
        let touched = pieces(touching: range.intersection(ByteRange(0, total)))
        let isWhole = { (index: Int) in self.range(of: index, total: total).map(range.contains) ?? false }
        guard let first = touched.first(where: isWhole), let last = touched.last(where: isWhole) else { return 0..<0 }
        return first..<last + 1
    }
}

extension DigestAlgorithm {
    /// How much a match proves, for choosing among several digests of the same bytes.
    var rank: Int {
        switch self {
        case .md5: 0
        case .sha1: 1
        case .sha256: 2
        case .sha512: 3
        }
    }

    /// Whether a match also rules out bytes that somebody made up to match.
    public var resistsAttackers: Bool {
        self == .sha256 || self == .sha512
    }
}
