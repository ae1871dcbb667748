// SPDX-License-Identifier: Apache-2.0

/// Reads one JSON object whose fields are mostly plain values: a line of a manifest. Total: no input traps it.
package struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    /// Deeper values make a line unreadable rather than the stack overflow.
    private static let deepest = 16

    /// The fields of the object that `text` is; `nil` if it is none, or is cut off. `true` and `false` become ``JSONValue/null``
    /// and so do objects inside: no field that is read here has one. Of equal names the last counts.
    package static func object(_ text: some StringProtocol) -> [String: JSONValue]? {
        var reader = JSONReader(bytes: Array(text.utf8))
        guard let fields = reader.object(depth: 0) else { return nil }
        reader.skipSpace()
        return reader.index == reader.bytes.count ? fields : nil
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func object(depth: Int) -> [String: JSONValue]? {
        guard take("{") else { return nil }
        var fields: [String: JSONValue] = [:]
        if take("}") { return fields }
        repeat {
            skipSpace()
            guard let name = string(), take(":"), let value = value(depth: depth + 1) else { return nil }
            fields[name] = value
        } while take(",")
        return take("}") ? fields : nil
    }

    private mutating func value(depth: Int) -> JSONValue? {
        skipSpace()
        guard depth < Self.deepest, index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "{"): return object(depth: depth) == nil ? nil : .null
        default: return word()
        }
    }

    private mutating func array(depth: Int) -> JSONValue? {
        guard take("[") else { return nil }
        var values: [JSONValue] = []
        if take("]") { return .array(values) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
        } while take(",")
        return take("]") ? .array(values) : nil
    }

    /// A number, `true`, `false` or `null`.
    private mutating func word() -> JSONValue? {
        let start = index
        while index < bytes.count, ASCII.isAlphanumeric(bytes[index]) || "+-.".utf8.contains(bytes[index]) {
            index += 1
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if ["null", "true", "false"].contains(text) { return .null }
        if let number = Int64(text) { return .integer(number) }
        // What JSON cannot write it does not read either: `nan`, and what is too large.
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }

    /// A string with its quotes.
    private mutating func string() -> String? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        index += 1
        var result: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                result += Array(String(scalar).utf8)
            default: result.append(byte)
            }
        }
        return nil
    }

    /// What follows a backslash. Half of a surrogate pair that stands alone becomes U+FFFD.
    private mutating func escape() -> String? {
        guard index < bytes.count else { return nil }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): return unicodeEscape()
        default: return "\"\\/".utf8.contains(byte) ? String(Unicode.Scalar(byte)) : nil
        }
    }

    private mutating func unicodeEscape() -> String? {
        guard let unit = codeUnit() else { return nil }
        guard UTF16.isLeadSurrogate(unit), index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return String(Unicode.Scalar(UInt32(unit)) ?? "\u{FFFD}") }
        let start = index
        index += 2
        guard let low = codeUnit() else { return nil }
        if UTF16.isTrailSurrogate(low) { return String(decoding: [unit, low], as: UTF16.self) }
        // It stands alone; what follows it is read by itself, as it may begin a pair.
        index = start
        return "\u{FFFD}"
    }

    private mutating func codeUnit() -> UInt16? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = ASCII.hexValue(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        index += 4
        return unit
    }

    /// Takes one character after any space, if it is there.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, " \t\r\n".utf8.contains(bytes[index]) { index += 1 }
    }
}
