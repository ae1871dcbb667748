// SPDX-License-Identifier: Apache-2.0

/// The header fields of one request or response, in the order they were added.
///
/// Names are found without regard to ASCII case (RFC 9110 section 5.1). `==` compares names as they are spelled.
/// Printing one shows no secret: see ``Redaction/header(name:value:)``.
public struct HeaderFields: Sendable, Hashable {
    private struct Field: Sendable, Hashable {
        let name: String
        let value: String
    }

    private var fields: [Field] = []

    /// Makes an empty list.
    public init() {}

    /// Makes a list of name and value pairs, kept as given: nothing is validated here.
    public init(_ fields: [(String, String)]) {
        self.fields = fields.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of the field called `name` in any case, or `nil` if there is none.
    public subscript(name: String) -> String? {
        fields.first { ASCII.equalIgnoringCase($0.name, name) }?.value
    }

    /// Every value of the field called `name` in any case, in order; empty if there is none.
    public func values(_ name: String) -> [String] {
        fields.filter { ASCII.equalIgnoringCase($0.name, name) }.map(\.value)
    }

    /// Appends a field and keeps those of the same name.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Removes every field called `name` in any case.
    public mutating func remove(_ name: String) {
        fields.removeAll { ASCII.equalIgnoringCase($0.name, name) }
    }

    /// All fields in order, secrets included.
    public var pairs: [(name: String, value: String)] {
        fields.map { (name: $0.name, value: $0.value) }
    }
}

extension HeaderFields: CustomStringConvertible, CustomDebugStringConvertible {
    /// `Name: value` pairs with secrets redacted, for logs.
    public var description: String {
        let lines = fields.map { "\($0.name): \(Redaction.header(name: $0.name, value: $0.value))" }
        return "[" + lines.joined(separator: ", ") + "]"
    }

    /// The same as ``description``, so that no container prints a secret either.
    public var debugDescription: String { description }
}

extension HeaderFields {
    /// Whether `name` may be sent as a field name: a token (RFC 9110 sections 5.1 and 5.6.2).
    public static func isValid(name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(ASCII.isTokenCharacter)
    }

    /// Whether `value` may be sent as a field value: no control character but tab (RFC 9110 section 5.5).
    ///
    /// CR, LF and NUL would end the field and start another; the other controls are refused with them.
    public static func isValid(value: String) -> Bool {
        value.utf8.allSatisfy { $0 == UInt8(ascii: "\t") || !ASCII.isControl($0) }
    }

    /// Reads the argument of `-H 'Name: value'`.
    ///
    /// - Returns: name and value, the value without surrounding spaces and tabs and possibly empty; `nil` if there is
    ///   no colon, or if name or value may not be sent.
    public static func parse(argument: String) -> (name: String, value: String)? {
        guard let colon = argument.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let name = String(argument[..<colon])
        let value = String(ASCII.trimmed(argument[argument.utf8.index(after: colon)...]))
        guard isValid(name: name), isValid(value: value) else { return nil }
        return (name: name, value: value)
    }
}

/// Byte classes and comparisons of RFC 5234 and RFC 9110, on bytes because a `Character` may hide a separator.
///
/// `"/\u{301}"` is one `Character` that is not equal to `"/"`, yet on the wire and on disk its first byte is a slash.
package enum ASCII {
    package static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        lowercased(byte) >= UInt8(ascii: "a") && lowercased(byte) <= UInt8(ascii: "z")
    }

    package static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte)
    }

    static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F
    }

    package static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    package static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    package static func lowercased(_ text: some StringProtocol) -> String {
        String(decoding: text.utf8.map { lowercased($0) }, as: UTF8.self)
    }

    static func equalIgnoringCase(_ one: some StringProtocol, _ other: some StringProtocol) -> Bool {
        one.utf8.elementsEqual(other.utf8) { lowercased($0) == lowercased($1) }
    }

    /// Without spaces and tabs at both ends.
    package static func trimmed(_ text: some StringProtocol) -> Substring {
        let text = Substring(text)
        guard let first = text.utf8.firstIndex(where: { !isWhitespace($0) }),
            let last = text.utf8.lastIndex(where: { !isWhitespace($0) })
        else { return "" }
        // By bytes: a character that takes in what follows it would keep a space.
        return Substring(text.utf8[first...last])
    }

    /// `1*DIGIT` as a number; `nil` for an empty text, a sign, anything else, or more than `Int64.max`.
    /// A byte that an IPv4 or IPv6 address may have, zones left out.
    static func isAddressByte(_ byte: UInt8) -> Bool { hexValue(byte) != nil || ".:".utf8.contains(byte) }

    static func decimal(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(isDigit) else { return nil }
        return Int64(text)
    }

    package static func hexValue(_ byte: UInt8) -> UInt8? {
        switch lowercased(byte) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): lowercased(byte) - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
