// SPDX-License-Identifier: Apache-2.0

/// A half-open run of byte offsets, `lower..<upper`.
///
/// Inclusive last positions exist only on the wire (RFC 9110 section 14.1.2); everything else in Swoop is half-open, so
/// that lengths are differences and neighbours share a bound.
///
/// Invariant: `0 <= lower <= upper`.
public struct ByteRange: Hashable, Sendable {
    /// First offset in the range, in bytes from the start of the representation.
    public let lower: Int64
    /// One past the last offset.
    public let upper: Int64

    /// Makes `lower..<upper`; bounds in the wrong order or below zero give the nearest valid range.
    public init(_ lower: Int64, _ upper: Int64) {
        self.lower = max(0, lower)
        self.upper = max(self.lower, upper)
    }

    /// Number of bytes in the range.
    public var count: Int64 { upper - lower }

    /// Whether the range holds no byte.
    public var isEmpty: Bool { lower == upper }

    /// The bytes in both ranges; empty if they do not meet.
    public func intersection(_ other: ByteRange) -> ByteRange {
        let start = max(lower, other.lower)
        return ByteRange(start, max(start, min(upper, other.upper)))
    }

    /// Whether every byte of `other` is in this range; an empty range is in every range.
    public func contains(_ other: ByteRange) -> Bool {
        other.isEmpty || (lower <= other.lower && other.upper <= upper)
    }
}

extension ByteRange: CustomStringConvertible {
    public var description: String { "\(lower)..<\(upper)" }
}
