// SPDX-License-Identifier: Apache-2.0

/// How a source is cut into parts: all of one size but the last, as every store takes them.
public struct PartLayout: Hashable, Sendable {
    /// Length of the source in bytes, or `nil` until it has ended.
    public var length: Int64?
    /// Length of each part but the last, in bytes; at least 1.
    public let partSize: Int64
    /// Most parts that the store takes; at least 1.
    public let mostParts: Int

    /// Makes a layout.
    public init(length: Int64?, partSize: Int64, mostParts: Int) {
        self.length = length.map { max(0, $0) }
        self.partSize = max(1, partSize)
        self.mostParts = max(1, mostParts)
    }

    /// Number of parts, or `nil` if nobody knows yet. An empty source has one empty part.
    public var count: Int? {
        length.map { Int(clamping: max(1, ($0 - 1) / partSize + 1)) }
    }

    /// The bytes of a part, from 1; those beyond the layout are empty.
    public func range(of number: Int) -> ByteRange {
        let (lower, isTooFar) = Int64(max(0, number - 1)).multipliedReportingOverflow(by: partSize)
        let end = length ?? .max
        guard !isTooFar, lower < end else { return ByteRange(end, end) }
        let (upper, isBeyond) = lower.addingReportingOverflow(partSize)
        return ByteRange(lower, isBeyond ? end : min(upper, end))
    }
}
