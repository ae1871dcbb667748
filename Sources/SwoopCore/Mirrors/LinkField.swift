// SPDX-License-Identifier: Apache-2.0

/// The `Link` field: relations between a representation and other resources.
///
/// - Source: RFC 8288 section 3, read as its appendix B.2 says.
public enum LinkField {
    /// How many links of one response are read; further ones are ignored.
    public static let maximumLinks = 1_000

    /// One link.
    public struct Link: Hashable, Sendable {
        /// A parameter of a link.
        public struct Parameter: Hashable, Sendable {
            /// The name in lower case.
            public let name: String
            /// The value without quotes; empty if there is none.
            public let value: String
        }

        /// What stands between `<` and `>`: a URL, or a reference relative to the response's URL.
        public let target: String
        /// All parameters in order.
        public let parameters: [Parameter]

        /// The value of the first parameter called `name` (lower case); `nil` if there is none.
        public subscript(name: String) -> String? {
            parameters.first { $0.name == name }?.value
        }

        /// The relation types in lower case. Only the first `rel` counts (RFC 8288 section 3.3).
        public var relations: [String] {
            let parts = (self["rel"] ?? "").utf8.split { ASCII.isWhitespace($0) }
            return parts.map { ASCII.lowercased(Substring($0)) }
        }

        /// Whether the link is about the representation itself: an `anchor` would make it about something else.
        public var isAboutResponse: Bool { self["anchor"] == nil }
    }

    /// Reads the values of all `Link` fields of a response.
    ///
    /// A value is read up to its first syntax error; what came before it, and the other values, still count.
    public static func parse(_ values: [String]) -> [Link] {
        var links: [Link] = []
        for value in values {
            var scanner = LinkScanner(value)
            while links.count < maximumLinks, let link = scanner.link() { links.append(link) }
        }
        return links
    }
}

/// Walks over `<target>; name=value, <target>; name="value"`.
private struct LinkScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The next link; `nil` at the end or at what is no link.
    mutating func link() -> LinkField.Link? {
        skip { ASCII.isWhitespace($0) || $0 == UInt8(ascii: ",") }
        guard take("<") else { return nil }
        let target = skip { $0 != UInt8(ascii: ">") }
        guard take(">") else { return nil }
        var parameters: [LinkField.Link.Parameter] = []
        while true {
            skip(ASCII.isWhitespace)
            guard take(";") else { break }
            skip(ASCII.isWhitespace)
            if current == nil || current == UInt8(ascii: ";") || current == UInt8(ascii: ",") { continue }
            guard let parameter = parameter() else { return nil }
            parameters.append(parameter)
        }
        guard current == nil || current == UInt8(ascii: ",") else { return nil }
        return LinkField.Link(target: String(ASCII.trimmed(target)), parameters: parameters)
    }

    private mutating func parameter() -> LinkField.Link.Parameter? {
        let name = skip(ASCII.isTokenCharacter)
        guard !name.isEmpty else { return nil }
        skip(ASCII.isWhitespace)
        guard take("=") else { return LinkField.Link.Parameter(name: ASCII.lowercased(name), value: "") }
        skip(ASCII.isWhitespace)
        guard let value = take("\"") ? quotedRemainder() : bareValue() else { return nil }
        return LinkField.Link.Parameter(name: ASCII.lowercased(name), value: value)
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

    /// Everything up to a semicolon or comma: some publishers leave the quotes off media types.
    private mutating func bareValue() -> String {
        let value = skip { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
        return String(ASCII.trimmed(value))
    }

    private var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Moves on while `matches`, and returns what was passed.
    @discardableResult
    private mutating func skip(_ matches: (UInt8) -> Bool) -> String {
        let start = position
        while let byte = current, matches(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
