// SPDX-License-Identifier: Apache-2.0

/// An entity tag: the origin's name for one version of a representation.
///
/// Equality is that of the bytes, not Swift's equality of canonically equivalent text.
/// - Source: RFC 9110 section 8.8.3.
public struct EntityTag: Hashable, Sendable {
    /// Whether the origin only claims equivalence (`W/`), which proves nothing about bytes.
    public let isWeak: Bool
    /// The tag with its quotes, or without them if the origin sent none.
    public let opaque: String

    /// Reads an `ETag` field value, also an unquoted one as some servers send.
    ///
    /// - Returns: `nil` for an empty value, `*` (which would match anything if sent back), a list, control characters,
    ///   a quote in the middle, or U+FFFD: its true bytes were lost in decoding, so that two tags could look alike.
    public static func parse(_ value: String) -> EntityTag? {
        let text = ASCII.trimmed(value)
        let isWeak = text.utf8.starts(with: "W/".utf8)
        let opaque = isWeak ? Substring(text.utf8.dropFirst(2)) : text
        guard isQuoted(opaque) || isBare(opaque) else { return nil }
        guard !opaque.unicodeScalars.contains("\u{FFFD}") else { return nil }
        return EntityTag(isWeak: isWeak, opaque: String(opaque))
    }

    /// The tag as it goes into `If-Match` or `If-Range`: exactly what was received.
    public var wireForm: String {
        isWeak ? "W/" + opaque : opaque
    }

    /// Strong comparison: both tags are strong and their bytes are the same (RFC 9110 section 8.8.3.2).
    public func stronglyMatches(_ other: EntityTag) -> Bool {
        !isWeak && self == other
    }

    /// Whether both strength and bytes are the same.
    public static func == (one: EntityTag, other: EntityTag) -> Bool {
        one.isWeak == other.isWeak && one.opaque.utf8.elementsEqual(other.opaque.utf8)
    }

    private static func isQuoted(_ text: Substring) -> Bool {
        let quote = UInt8(ascii: "\"")
        guard text.utf8.count >= 2, text.utf8.first == quote, text.utf8.last == quote else { return false }
        return text.utf8.dropFirst().dropLast().allSatisfy { $0 != quote && !ASCII.isControl($0) }
    }

    private static func isBare(_ text: Substring) -> Bool {
        guard !text.isEmpty, text != "*" else { return false }
        return text.utf8.allSatisfy { !ASCII.isControl($0) && !" \",".utf8.contains($0) }
    }
}
