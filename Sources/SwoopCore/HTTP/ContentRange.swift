// SPDX-License-Identifier: Apache-2.0

/// The value of a `Content-Range` field: which bytes a response carries, or that the range could not be satisfied.
///
/// - Source: RFC 9110 section 14.4.
public enum ContentRange: Hashable, Sendable {
    /// The bytes of the body, half-open here though inclusive on the wire; `complete` is the length of the
    /// representation, or `nil` if the origin wrote `*`.
    case range(ByteRange, complete: Int64?)
    /// No byte of the requested range exists; `complete` is the length of the representation.
    case unsatisfied(complete: Int64)

    /// Reads a field value strictly: this is the proof of where bytes belong.
    ///
    /// - Returns: `nil` for another unit than `bytes`, a last position before the first, a complete length that does
    ///   not exceed the last position, a number beyond `Int64.max`, or any character too many.
    public static func parse(_ value: String) -> ContentRange? {
        let words = ASCII.trimmed(value).utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 2, ASCII.equalIgnoringCase(Substring(words[0]), "bytes") else { return nil }
        let halves = words[1].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        return parse(positions: Substring(halves[0]), length: Substring(halves[1]))
    }

    private static func parse(positions: Substring, length: Substring) -> ContentRange? {
        if positions == "*" {
            return ASCII.decimal(length).map { .unsatisfied(complete: $0) }
        }
        guard let range = range(positions) else { return nil }
        if length == "*" {
            return .range(range, complete: nil)
        }
        guard let complete = ASCII.decimal(length), complete >= range.upper else { return nil }
        return .range(range, complete: complete)
    }

    private static func range(_ positions: Substring) -> ByteRange? {
        let ends = positions.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count == 2,
            let first = ASCII.decimal(Substring(ends[0])),
            let last = ASCII.decimal(Substring(ends[1])),
            last >= first, last < Int64.max
        else { return nil }
        return ByteRange(first, last + 1)
    }
}
