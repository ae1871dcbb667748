// SPDX-License-Identifier: Apache-2.0

/// A set of byte offsets, kept as sorted ranges that neither overlap nor touch.
///
/// A download holds few ranges (about one per live segment plus gaps), so a sorted array beats a tree: lookups are a
/// binary search, edits move a handful of elements.
///
/// Invariants (``checkInvariants()``)
///   1. No range is empty.
///   2. Ranges ascend, with at least one byte between neighbours.
///   3. ``count`` is the sum of the ranges' counts.
public struct RangeSet: Hashable, Sendable {
    /// The ranges, ascending.
    public private(set) var ranges: [ByteRange] = []
    /// Number of bytes in the set. O(1).
    public private(set) var count: Int64 = 0

    /// Makes an empty set.
    public init() {}

    /// Makes the union of `ranges`, in any order, overlapping or not.
    public init(_ ranges: [ByteRange]) {
        for range in ranges { insert(range) }
    }

    /// Whether the set holds no byte.
    public var isEmpty: Bool { ranges.isEmpty }

    /// End of the run that starts at offset 0; 0 if offset 0 is missing.
    public var frontier: Int64 {
        guard let first = ranges.first, first.lower == 0 else { return 0 }
        return first.upper
    }

    /// Adds every byte of `range`.
    /// - Complexity: O(log n) to find the place, O(n) to move what follows.
    public mutating func insert(_ range: ByteRange) {
        guard !range.isEmpty else { return }
        let start = firstIndex { $0.upper >= range.lower }
        var end = start
        var lower = range.lower
        var upper = range.upper
        while end < ranges.count, ranges[end].lower <= upper {
            lower = min(lower, ranges[end].lower)
            upper = max(upper, ranges[end].upper)
            count -= ranges[end].count
            end += 1
        }
        let merged = ByteRange(lower, upper)
        count += merged.count
        ranges.replaceSubrange(start..<end, with: CollectionOfOne(merged))
    }

    /// Adds every byte of `other`.
    public mutating func formUnion(_ other: RangeSet) {
        for range in other.ranges { insert(range) }
    }

    /// Takes every byte of `range` out.
    /// - Complexity: O(log n) to find the place, O(n) to move what follows.
    public mutating func remove(_ range: ByteRange) {
        guard !range.isEmpty else { return }
        let start = firstIndex { $0.upper > range.lower }
        var end = start
        var rest: [ByteRange] = []
        while end < ranges.count, ranges[end].lower < range.upper {
            let old = ranges[end]
            count -= old.count
            if old.lower < range.lower { rest.append(ByteRange(old.lower, range.lower)) }
            if range.upper < old.upper { rest.append(ByteRange(range.upper, old.upper)) }
            end += 1
        }
        for piece in rest { count += piece.count }
        ranges.replaceSubrange(start..<end, with: rest)
    }

    /// Whether every byte of `range` is in the set.
    public func contains(_ range: ByteRange) -> Bool {
        guard !range.isEmpty else { return true }
        let index = firstIndex { $0.upper > range.lower }
        return index < ranges.count && ranges[index].contains(range)
    }

    /// How many bytes of `range` are in the set.
    public func count(in range: ByteRange) -> Int64 {
        var total: Int64 = 0
        var index = firstIndex { $0.upper > range.lower }
        while index < ranges.count, ranges[index].lower < range.upper {
            total += ranges[index].intersection(range).count
            index += 1
        }
        return total
    }

    /// The bytes of `bounds` that are not in the set.
    public func gaps(in bounds: ByteRange) -> RangeSet {
        var result = RangeSet()
        result.insert(bounds)
        for range in ranges { result.remove(range) }
        return result
    }

    /// Traps if an invariant is broken; call from debug builds and tests.
    public func checkInvariants() {
        for (index, range) in ranges.enumerated() {
            precondition(!range.isEmpty, "RangeSet: 1, empty range")
            precondition(index == 0 || ranges[index - 1].upper < range.lower, "RangeSet: 2, order")
        }
        precondition(count == ranges.reduce(0) { $0 + $1.count }, "RangeSet: 3, count")
    }

    /// Index of the first range for which `predicate` holds; it must be false, then true, along the array.
    private func firstIndex(where predicate: (ByteRange) -> Bool) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(ranges[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
