// SPDX-License-Identifier: Apache-2.0

/// Walks over the bytes of an XML document: names, attribute values, character data.
///
/// Every loop either moves on or ends, and none looks past the last byte.
struct XMLScanner: Sendable {
    /// The longest name in bytes, prefix included.
    static let maximumName = 256
    /// The longest attribute value in bytes.
    static let maximumAttribute = 8 * 1024
    /// The longest reference in bytes, between `&` and `;`.
    private static let maximumReference = 10

    private let bytes: [UInt8]
    private var position = 0

    /// Starts after the byte order mark, if there is one.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next byte; `nil` at the end.
    var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// The line of the next byte, from 1. Counts from the beginning every time: meant for errors.
    var line: Int {
        bytes[..<position].count { $0 == UInt8(ascii: "\n") } + 1
    }

    /// The error of this line. What is missing at the end of the document is not malformed but cut off.
    func error(_ fault: XMLError.Fault) -> XMLError {
        let isMissing = current == nil && [.syntax, .name, .attribute].contains(fault)
        return XMLError(fault: isMissing ? .truncated : fault, line: line)
    }

    func starts(with text: StaticString) -> Bool {
        guard bytes.count - position >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    mutating func take(_ text: StaticString) -> Bool {
        guard starts(with: text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    mutating func expect(_ text: StaticString, or fault: XMLError.Fault) throws(XMLError) {
        guard take(text) else { throw error(fault) }
    }

    /// Whether there was any white space.
    mutating func skipWhitespace() -> Bool {
        let start = position
        while let byte = current, Self.isWhitespace(byte) { position += 1 }
        return position > start
    }

    /// Moves behind the next `text`, which must come.
    mutating func skip(past text: StaticString) throws(XMLError) {
        while !take(text) {
            guard current != nil else { throw error(.truncated) }
            position += 1
        }
    }

    /// White space of XML 1.0 section 2.3.
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) && byte != 0x0B && byte != 0x0C
    }
}

extension XMLScanner {
    /// A name with or without a prefix; outside ASCII every letter passes.
    mutating func name() throws(XMLError) -> String {
        let start = position
        guard let first = current, Self.isNameStart(first) else { throw error(.name) }
        while let byte = current, Self.isNameStart(byte) || ASCII.isDigit(byte) || "-.".utf8.contains(byte) {
            position += 1
            guard position - start <= Self.maximumName else { throw error(.tooLong) }
        }
        return try string(bytes[start..<position])
    }

    /// A quoted value, with references replaced and white space turned into spaces (XML 1.0 section 3.3.3).
    mutating func attributeValue() throws(XMLError) -> String {
        guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw error(.attribute)
        }
        position += 1
        var value: [UInt8] = []
        while current != quote {
            guard let byte = current, byte != UInt8(ascii: "<") else { throw error(.attribute) }
            let isSpace = Self.isWhitespace(byte)
            try appendCharacter(to: &value)
            if isSpace { value[value.count - 1] = UInt8(ascii: " ") }
            guard value.count <= Self.maximumAttribute else { throw error(.tooLong) }
        }
        position += 1
        return try string(value[...])
    }

    /// Character data up to the next markup, with references replaced.
    mutating func text() throws(XMLError) -> String {
        var content: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "<") { try appendCharacter(to: &content) }
        return try string(content[...])
    }

    /// The content of a CDATA section whose beginning has been taken.
    mutating func sectionText() throws(XMLError) -> String {
        var content: [UInt8] = []
        while !take("]]>") {
            guard let byte = current else { throw error(.truncated) }
            try appendPlain(byte, to: &content)
        }
        return try string(content[...])
    }

    private mutating func appendCharacter(to content: inout [UInt8]) throws(XMLError) {
        guard let byte = current else { throw error(.truncated) }
        guard byte == UInt8(ascii: "&") else { return try appendPlain(byte, to: &content) }
        content += try reference()
    }

    /// Takes one byte; every line end becomes a line feed (XML 1.0 section 2.11).
    private mutating func appendPlain(_ byte: UInt8, to content: inout [UInt8]) throws(XMLError) {
        guard byte >= 0x20 || Self.isWhitespace(byte) else { throw error(.control) }
        position += 1
        if byte != UInt8(ascii: "\r") {
            content.append(byte)
        } else if current != UInt8(ascii: "\n") {
            content.append(UInt8(ascii: "\n"))
        } else {
            position += 1
            content.append(UInt8(ascii: "\n"))
        }
    }

    /// What `&name;` or `&#number;` stands for. There are no entities but the five predefined ones.
    private mutating func reference() throws(XMLError) -> String.UTF8View {
        position += 1
        let start = position
        while let byte = current, ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: "#") {
            position += 1
            guard position - start <= Self.maximumReference else { throw error(.reference) }
        }
        guard let end = current else { throw error(.truncated) }
        guard end == UInt8(ascii: ";") else { throw error(.reference) }
        guard let replacement = Self.replacement(try string(bytes[start..<position])) else { throw error(.reference) }
        position += 1
        return replacement.utf8
    }

    private static func replacement(_ name: String) -> String? {
        switch name {
        case "lt": "<"
        case "gt": ">"
        case "amp": "&"
        case "apos": "'"
        case "quot": "\""
        default: name.utf8.first == UInt8(ascii: "#") ? character(name.utf8.dropFirst()) : nil
        }
    }

    /// A character by number (XML 1.0 section 4.1). At most nine digits get here, which no `UInt64` minds.
    private static func character(_ number: Substring.UTF8View) -> String? {
        let isHex = number.first == UInt8(ascii: "x")
        let digits = isHex ? number.dropFirst() : number
        let base: UInt64 = isHex ? 16 : 10
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = ASCII.hexValue(byte), UInt64(digit) < base else { return nil }
            value = value &* base &+ UInt64(digit)
        }
        guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init), isCharacter(scalar) else { return nil }
        return String(Character(scalar))
    }

    private static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE || "\t\n\r".unicodeScalars.contains(scalar)
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || byte >= 0x80
    }

    private func string(_ content: ArraySlice<UInt8>) throws(XMLError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw error(.notUTF8) }
        return text
    }
}
