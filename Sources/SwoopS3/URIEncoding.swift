// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// Percent-encoding as signatures want it: every byte but the unreserved ones, with capital digits.
///
/// It is stricter than what a URL needs, which may keep `!` or `+`: both sides must arrive at the same text, and a key
/// that holds `%20` must become `%2520`.
/// - Source: AWS docs "Create a signed AWS API request", step 1, function UriEncode.
enum URIEncoding {
    /// Encodes the bytes of `text`; slashes stay if `keepingSlashes`, as in a path.
    static func encoded(_ text: some StringProtocol, keepingSlashes: Bool = false) -> String {
        encoded(bytes: text.utf8, keepingSlashes: keepingSlashes)
    }

    /// Encodes bytes, which need not be UTF-8.
    static func encoded(bytes: some Sequence<UInt8>, keepingSlashes: Bool = false) -> String {
        var result: [UInt8] = []
        for byte in bytes {
            if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), capitals[Int(byte >> 4)], capitals[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Decodes each `%XX` once; a `%` without two hex digits stays. A `+` is itself, not a space.
    static func decoded(_ text: some StringProtocol) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(ASCII.hexValue)
            if byte == UInt8(ascii: "%"), digits.count == 2, let high = digits.first, let low = digits.last {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// The text that signatures have in place of one that a URL already encodes, in whichever of several ways.
    static func recoded(_ text: some StringProtocol, keepingSlashes: Bool = false) -> String {
        encoded(bytes: decoded(text), keepingSlashes: keepingSlashes)
    }

    /// A query of names and values; a name without a value stands alone.
    static func query(_ items: [(name: String, value: String?)]) -> String {
        items.map { name, value in
            encoded(name) + (value.map { "=" + encoded($0) } ?? "")
        }.joined(separator: "&")
    }

    /// Lower-case hex digits, two for each byte.
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [small[Int($0 >> 4)], small[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Whether one text sorts before another by its bytes, as signatures sort; `String` sorts by characters.
    static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || "-._~".utf8.contains(byte)
    }

    private static let capitals = Array("0123456789ABCDEF".utf8)
    private static let small = Array("0123456789abcdef".utf8)
}
