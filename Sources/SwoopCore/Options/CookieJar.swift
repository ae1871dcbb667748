// SPDX-License-Identifier: Apache-2.0

/// Cookies of a file as browsers' extensions and curl write it.
///
/// A line holds seven fields with tabs between: domain, whether subdomains count, path, whether only https counts, when it
/// expires in seconds since 1970 (0: with the session), name, value. `#HttpOnly_` before a domain is part of no name.
/// - Source: Netscape's "Persistent Client State"; RFC 6265 sections 5.1.3, 5.1.4 and 5.4.
public struct CookieJar: Hashable, Sendable {
    private struct Cookie: Hashable, Sendable {
        var domain: String
        var includesSubdomains: Bool
        var path: String
        var isSecure: Bool
        var expires: Int64
        var name: String
        var value: String
    }

    private let cookies: [Cookie]

    /// Reads a file's text. Lines that are no cookie are passed over.
    public init(parsing text: String) {
        cookies = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { Self.cookie(String(Substring($0))) }
    }

    /// Whether there are none.
    public var isEmpty: Bool { cookies.isEmpty }

    private static func cookie(_ line: String) -> Cookie? {
        let marker = "#HttpOnly_"
        var line = Substring(line)
        if line.utf8.last == UInt8(ascii: "\r") { line = Substring(line.utf8.dropLast()) }
        if line.hasPrefix(marker) { line = line.dropFirst(marker.count) }
        guard line.utf8.first != UInt8(ascii: "#") else { return nil }
        var fields = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        if fields.count == 6 { fields.append("") }
        guard fields.count == 7, let expires = ASCII.decimal(fields[4]),
            HeaderFields.isValid(value: fields[5]), HeaderFields.isValid(value: fields[6])
        else { return nil }
        let domain = fields[0].utf8.first == UInt8(ascii: ".") ? Substring(fields[0].utf8.dropFirst()) : fields[0][...]
        // Every host would be below a domain without a name.
        guard !domain.isEmpty else { return nil }
        return Cookie(
            domain: ASCII.lowercased(domain),
            includesSubdomains: ASCII.lowercased(fields[1]) == "true",
            path: fields[2].isEmpty ? "/" : fields[2],
            isSecure: ASCII.lowercased(fields[3]) == "true",
            expires: expires,
            name: fields[5],
            value: fields[6]
        )
    }

    /// The Cookie field's value for a URL.
    ///
    /// - Parameters:
    ///   - url: where the request goes.
    ///   - seconds: wall-clock time in seconds since 1970.
    /// - Returns: the cookies that belong there, longest path first; `nil` if there are none.
    public func field(for url: HTTPURL, seconds: Int64) -> String? {
        let found = cookies.filter { Self.belongs($0, to: url, seconds) }.enumerated()
            .sorted { ($1.element.path.utf8.count, $0.offset) < ($0.element.path.utf8.count, $1.offset) }
            .map(\.element)
        guard !found.isEmpty else { return nil }
        return found.map { $0.name.isEmpty ? $0.value : "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    private static func belongs(_ cookie: Cookie, to url: HTTPURL, _ seconds: Int64) -> Bool {
        let isHost = url.host == cookie.domain
        let isBelow = cookie.includesSubdomains && url.host.hasSuffix("." + cookie.domain)
        let isAlive = cookie.expires == 0 || cookie.expires > seconds
        return (isHost || isBelow) && isAlive && (!cookie.isSecure || url.scheme == "https")
            && covers(cookie.path, url.path)
    }

    /// RFC 6265 section 5.1.4.
    private static func covers(_ path: String, _ requested: String) -> Bool {
        guard requested.hasPrefix(path) else { return false }
        let next = requested.utf8.dropFirst(path.utf8.count).first
        return path.hasSuffix("/") || next == nil || next == UInt8(ascii: "/")
    }
}
