// SPDX-License-Identifier: Apache-2.0

/// Which pieces of a representation are proven, which wait for their digest, and who brought them.
///
///     incomplete --every byte written--> checking --digest agrees--> proven
///                                        checking --digest differs--> incomplete
///
/// Invariant: a piece is in at most one of `proven` and `checking`.
struct PieceLedger: Hashable, Sendable {
    let digests: PieceDigests
    let length: Int64
    private(set) var proven: Set<Int> = []
    /// Their bytes.
    private(set) var provenBytes = RangeSet()
    private(set) var checking: Set<Int> = []
    /// The sources that brought bytes of a piece that is not proven yet.
    private var contributors: [Int: Set<Int>] = [:]
    /// Pieces that several sources got wrong together: the next try is one source's alone.
    private(set) var solo: Set<Int> = []

    /// `nil` if the pieces are not those of `length` bytes.
    init?(_ digests: PieceDigests, length: Int64) {
        guard digests.fits(total: length) else { return nil }
        self.digests = digests
        self.length = length
    }

    var isComplete: Bool { proven.count == digests.digests.count }

    /// Proves pieces that an earlier run had proven.
    mutating func resume(_ held: RangeSet) {
        for range in held.ranges {
            for piece in digests.pieces(within: range, total: length) { accept(piece) }
        }
    }

    /// Notes who wrote bytes.
    mutating func wrote(_ range: ByteRange, from source: Int) {
        for piece in digests.pieces(touching: range) { contributors[piece, default: []].insert(source) }
    }

    /// The pieces touched by `range` that are whole now and were not before; they count as being checked.
    mutating func startChecking(_ range: ByteRange, in done: RangeSet) -> [(piece: Int, range: ByteRange)] {
        var found: [(piece: Int, range: ByteRange)] = []
        for piece in digests.pieces(touching: range) where !proven.contains(piece) && !checking.contains(piece) {
            guard let bytes = digests.range(of: piece, total: length), done.contains(bytes) else { continue }
            checking.insert(piece)
            found.append((piece, bytes))
        }
        return found
    }

    /// A piece has the right digest. Returns its bytes.
    mutating func prove(_ piece: Int) -> ByteRange? {
        guard checking.remove(piece) != nil else { return nil }
        contributors[piece] = nil
        solo.remove(piece)
        return accept(piece)
    }

    @discardableResult
    private mutating func accept(_ piece: Int) -> ByteRange? {
        guard let range = digests.range(of: piece, total: length) else { return nil }
        proven.insert(piece)
        provenBytes.insert(range)
        return range
    }

    /// A piece has the wrong digest. Returns its bytes and who brought them.
    mutating func reject(_ piece: Int) -> (range: ByteRange, sources: Set<Int>)? {
        guard checking.remove(piece) != nil, let range = digests.range(of: piece, total: length) else { return nil }
        let sources = contributors.removeValue(forKey: piece) ?? []
        if sources.count > 1 { solo.insert(piece) }
        return (range, sources)
    }

    /// The end of a lease that begins at `lower` and would end at `upper`: whole pieces where possible, and nothing beyond
    /// a piece that is one source's alone.
    func bound(_ lower: Int64, _ upper: Int64, below limit: Int64) -> Int64 {
        guard let first = digests.index(containing: lower), let last = digests.index(containing: upper - 1) else {
            return upper
        }
        let end = solo.contains(first) ? first : last
        let bound = digests.range(of: end, total: length)?.upper ?? upper
        return min(max(bound, lower + 1), limit)
    }

    /// Whether some byte of `range` belongs to a piece that is one source's alone.
    func isSolo(_ range: ByteRange) -> Bool {
        !solo.isEmpty && digests.pieces(touching: range).contains { solo.contains($0) }
    }
}
