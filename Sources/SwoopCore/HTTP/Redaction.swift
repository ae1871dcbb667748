// SPDX-License-Identifier: Apache-2.0

/// Removes secrets from what is printed: logs, events, errors.
public enum Redaction {
    /// What stands in place of a secret header value.
    public static let placeholder = "[redacted]"

    /// The value of a header field as it may be printed.
    ///
    /// - Returns: ``placeholder`` if the name is one that carries credentials or contains a word like `token` or `key`;
    ///   a URL without its secrets where the field holds one; otherwise `value` itself. A field of the user's own may
    ///   still hold a secret under a harmless name.
    public static func header(name: String, value: String) -> String {
        let name = ASCII.lowercased(name)
        if secretWords.contains(where: { contains(name, $0) }) { return placeholder }
        switch name {
        case "location", "content-location", "referer": return url(value)
        case "link", "refresh": return value.utf8.contains { "?@".utf8.contains($0) } ? placeholder : value
        default: return value
        }
    }

    /// A URL or reference as it may be printed: no userinfo, query values, fragment, or control characters.
    ///
    /// What ``HTTPURL/parse(_:)`` refuses, and does not begin as a path, loses everything up to its last `@`: a
    /// password with a `/` or `#` in it is a likely reason for the refusal.
    public static func url(_ text: String) -> String {
        if let url = try? HTTPURL.parse(text) { return url.redacted }
        let visible = withoutControls(withoutUserInfo(text)).utf8.prefix { $0 != UInt8(ascii: "#") }
        guard let mark = visible.firstIndex(of: UInt8(ascii: "?")) else { return String(Substring(visible)) }
        return String(Substring(visible[...mark])) + query(Substring(visible[mark...].dropFirst()))
    }

    /// A query with `…` for every value: `a=1&b=2` becomes `a=…&b=…`. A part without `=` is a value.
    public static func query(_ text: some StringProtocol) -> String {
        guard !text.isEmpty else { return "" }
        let parts = String(text).utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        return parts.map { part in
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return part.isEmpty ? "" : "…" }
            return String(Substring(part[...equals])) + "…"
        }.joined(separator: "&")
    }

    private static let secretWords = [
        "auth", "cookie", "token", "secret", "key", "password", "session", "signature", "credential",
    ]

    private static func contains(_ name: String, _ word: String) -> Bool {
        name.utf8.indices.contains { name.utf8[$0...].starts(with: word.utf8) }
    }

    private static func withoutControls(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
    }

    private static func withoutUserInfo(_ text: String) -> String {
        let slash = UInt8(ascii: "/")
        let isPath = text.utf8.first == slash && text.utf8.dropFirst().first != slash
        guard !isPath, let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return text }
        guard text[..<at].utf8.contains(UInt8(ascii: "?")) else { return "…" + text[at...] }
        // It may stand in a query, whose values begin who knows where.
        return "…" + Substring(text[at...].utf8.prefix { !"/?#&=;".utf8.contains($0) })
    }
}
