// SPDX-License-Identifier: Apache-2.0

/// Finds the file name that a response suggests.
///
/// The name is the origin's and may be hostile: give it to ``FileName/sanitise(_:)`` before any use.
/// - Source: RFC 6266 and RFC 8187.
public enum ContentDisposition {
    /// Reads the file name from a `Content-Disposition` field value.
    ///
    /// `filename*` wins over `filename`; one that cannot be decoded is ignored. Raw UTF-8, unquoted spaces and empty
    /// parameters are tolerated, since servers send them. Percent signs in plain `filename` mean themselves.
    /// - Returns: the name as sent, never empty; `nil` if there is none or the value is malformed, which includes a
    ///   parameter given twice (RFC 6266 section 4.1).
    public static func fileName(_ value: String) -> String? {
        var scanner = ParameterScanner(value)
        guard let parameters = scanner.parameters() else { return nil }
        if let name = parameters["filename*"].flatMap(decodeExtended), !name.isEmpty { return name }
        guard let name = parameters["filename"], !name.isEmpty else { return nil }
        return name
    }

    /// Decodes `charset'language'percent-encoded` (RFC 8187 section 3.2).
    private static func decodeExtended(_ value: String) -> String? {
        let parts = value.utf8.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        guard let bytes = PercentEncoding.decodedBytes(Substring(parts[2]), strict: true) else { return nil }
        switch ASCII.lowercased(Substring(parts[0])) {
        case "utf-8": return String(validating: bytes, as: UTF8.self)
        case "iso-8859-1": return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }
}

/// Walks over `type *( ";" name "=" value )`.
private struct ParameterScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// All parameters by lower-case name, or `nil` if the value is malformed.
    mutating func parameters() -> [String: String]? {
        skipWhitespace()
        guard token() != nil else { return nil }
        var found: [String: String] = [:]
        while true {
            skipWhitespace()
            guard current != nil else { return found }
            guard take(";") else { return nil }
            skipWhitespace()
            if current == nil || current == UInt8(ascii: ";") { continue }
            guard let (name, value) = parameter() else { return nil }
            guard found.updateValue(value, forKey: name) == nil else { return nil }
        }
    }

    private var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = current, ASCII.isWhitespace(byte) { position += 1 }
    }

    private mutating func token() -> String? {
        let start = position
        while let byte = current, ASCII.isTokenCharacter(byte) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    private mutating func parameter() -> (name: String, value: String)? {
        guard let name = token() else { return nil }
        skipWhitespace()
        guard take("=") else { return nil }
        skipWhitespace()
        guard let value = take("\"") ? quotedRemainder() : bareValue() else { return nil }
        return (ASCII.lowercased(name), value)
    }

    /// The rest of a quoted string whose opening quote has been taken; `nil` if it never ends.
    private mutating func quotedRemainder() -> String? {
        var content: [UInt8] = []
        while !take("\"") {
            _ = take("\\")
            guard let byte = current else { return nil }
            content.append(byte)
            position += 1
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// Everything up to the next semicolon, as browsers read it, without the spaces at its end.
    private mutating func bareValue() -> String? {
        let start = position
        while let byte = current, byte != UInt8(ascii: ";") { position += 1 }
        let value = ASCII.trimmed(String(decoding: bytes[start..<position], as: UTF8.self))
        return value.utf8.contains(UInt8(ascii: "\"")) ? nil : String(value)
    }
}
