// SPDX-License-Identifier: Apache-2.0

/// Where a request goes: scheme, host and port. Credentials never cross from one origin to another.
///
/// - Source: RFC 9110 section 4.3.1.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// `http` or `https`, lower case.
    public let scheme: String
    /// Lower case; an IPv6 address stands without brackets.
    public let host: String
    /// 1 to 65535, explicit or the scheme's default.
    public let port: Int

    /// `https://example.org:8443`; the scheme's default port is left out.
    public var description: String {
        let literal = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == HTTPURL.defaultPort(scheme) ? "\(scheme)://\(literal)" : "\(scheme)://\(literal):\(port)"
    }
}

/// An absolute `http` or `https` URL, checked and ready for a request line.
///
/// Path and query hold only printable ASCII without spaces, so that nothing in them can end a request line. Printing
/// one shows neither userinfo nor query values.
/// - Source: RFC 3986; RFC 9110 section 4.2.
public struct HTTPURL: Hashable, Sendable {
    /// `http` or `https`, lower case.
    public let scheme: String
    /// Lower case; an IPv6 address stands without brackets.
    public let host: String
    /// 1 to 65535, explicit or the scheme's default.
    public let port: Int
    /// Begins with `/`; percent-encoded.
    public let path: String
    /// What follows `?`, percent-encoded; `nil` without `?`, empty with nothing behind it.
    public let query: String?
    /// The user in `user:password@`, percent-decoded. A secret.
    public let user: String?
    /// The password in `user:password@`, percent-decoded. A secret.
    public let password: String?

    /// Reads an absolute URL as a person types it.
    ///
    /// Spaces and tabs around it and the fragment are dropped; what a path or query may not hold, such as spaces,
    /// non-ASCII and a lone `%`, is percent-encoded. Dot segments stay as typed.
    /// - Throws: ``HTTPURLError``, whose messages repeat no part of the text that could be a secret.
    public static func parse(_ text: String) throws(HTTPURLError) -> HTTPURL {
        let text = ASCII.trimmed(text)
        guard !text.isEmpty else { throw .empty }
        guard !text.utf8.contains(where: ASCII.isControl) else { throw .controlCharacter }
        guard let mark = URLText.schemeEnd(text), text[mark...].utf8.starts(with: "://".utf8) else {
            throw .missingScheme
        }
        let scheme = ASCII.lowercased(text[..<mark])
        guard scheme == "http" || scheme == "https" else { throw .unsupportedScheme(scheme) }
        let parts = URLText.split(hierarchy: text[text.utf8.index(mark, offsetBy: 3)...])
        let authority = try URLAuthority.parse(parts.authority)
        return HTTPURL(scheme: scheme, authority: authority, path: parts.path, query: parts.query)
    }

    /// Resolves a reference, such as a `Location` field, against this URL.
    ///
    /// Userinfo is neither inherited nor taken from the reference, which comes from an origin and not from the user
    /// (RFC 9110 section 4.2.4).
    /// - Returns: `nil` for another scheme than http and https, or a reference that ``parse(_:)`` would refuse.
    /// - Source: RFC 3986 section 5.2.
    public func resolve(_ reference: String) -> HTTPURL? {
        let text = ASCII.trimmed(reference)
        guard !text.utf8.contains(where: ASCII.isControl) else { return nil }
        if URLText.schemeEnd(text) != nil {
            return Self.target(String(text))
        }
        if text.utf8.starts(with: "//".utf8) {
            return Self.target(scheme + ":" + text)
        }
        return resolve(relative: URLText.split(path: text))
    }

    /// Scheme, host and port.
    public var origin: Origin {
        Origin(scheme: scheme, host: host, port: port)
    }

    /// Host and port as a Host field has them: without the port if it is the scheme's default, and IPv6 in brackets.
    package var authority: String { String(origin.description.dropFirst(scheme.count + "://".count)) }

    /// The URL without userinfo, and without the port if it is the scheme's default. The query may hold a signature.
    public var text: String {
        origin.description + path + (query.map { "?" + $0 } ?? "")
    }

    /// The URL as it may be printed: without userinfo, and with `…` for every query value.
    public var redacted: String {
        origin.description + path + (query.map { "?" + Redaction.query($0) } ?? "")
    }
}

extension HTTPURL: CustomStringConvertible, CustomDebugStringConvertible {
    /// The same as ``redacted``, so that no interpolation prints a secret.
    public var description: String { redacted }

    /// The same as ``redacted``, so that no container prints a secret either.
    public var debugDescription: String { redacted }
}

extension HTTPURL {
    static func defaultPort(_ scheme: String) -> Int {
        scheme == "https" ? 443 : 80
    }

    private init(scheme: String, authority: URLAuthority, path: Substring, query: Substring?) {
        self.scheme = scheme
        host = authority.host
        port = authority.port ?? Self.defaultPort(scheme)
        self.path = path.isEmpty ? "/" : PercentEncoding.encoded(path, keeping: URLText.isPathCharacter)
        self.query = query.map { PercentEncoding.encoded($0, keeping: URLText.isQueryCharacter) }
        user = authority.user
        password = authority.password
    }

    private static func target(_ text: String) -> HTTPURL? {
        guard let url = try? parse(text) else { return nil }
        return url.replacing(path: URLText.withoutDotSegments(url.path), query: url.query?[...])
    }

    private func resolve(relative parts: (path: Substring, query: Substring?)) -> HTTPURL {
        guard let first = parts.path.utf8.first else {
            return replacing(path: path, query: parts.query ?? query?[...])
        }
        if first == UInt8(ascii: "/") {
            return replacing(path: URLText.withoutDotSegments(String(parts.path)), query: parts.query)
        }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        return replacing(path: URLText.withoutDotSegments(path[...slash] + String(parts.path)), query: parts.query)
    }

    private func replacing(path: String, query: Substring?) -> HTTPURL {
        let authority = URLAuthority(host: host, port: port, user: nil, password: nil)
        return HTTPURL(scheme: scheme, authority: authority, path: path[...], query: query)
    }
}

/// Why a text is not a URL that can be fetched. A message repeats nothing that could be a secret.
public enum HTTPURLError: Error, Hashable, Sendable {
    /// There is no text.
    case empty
    /// A control character, such as a line end or tab, is in the middle.
    case controlCharacter
    /// It does not begin with `SCHEME://`.
    case missingScheme
    /// The scheme, in lower case, is neither http nor https: a permanent failure (exit 3), not a usage error.
    case unsupportedScheme(String)
    /// Nothing stands where the host should be.
    case missingHost
    /// The host has a character no host name or address has.
    case badHost
    /// The host name has characters that no host name has in any script, or is too long.
    case nonASCIIHost
    /// The port is not a number from 1 to 65535.
    case badPort
    /// User or password are not UTF-8 once percent-decoded.
    case badUserInfo

    /// What is wrong and what to do, in the style of every message: no capital, no full stop.
    public var message: String {
        switch self {
        case .empty: "the URL is empty"
        case .controlCharacter: "the URL has a line end or another control character in it: remove it"
        case .missingScheme: "the URL does not begin with http:// or https://: add the one that is right"
        case .unsupportedScheme(let scheme): "the scheme \(scheme):// is not supported: use http:// or https://"
        case .missingHost: "the URL has no host: write it after the ://"
        case .badHost: "the host in the URL has a character that is not allowed: check it, and put IPv6 in brackets"
        case .nonASCIIHost: "the host in the URL has a character that no host name has: write its xn-- form"
        case .badPort: "the port in the URL is not a number from 1 to 65535: correct it, or put IPv6 in brackets"
        case .badUserInfo: "user or password in the URL are not UTF-8 when percent-decoded: correct them"
        }
    }
}

/// `user:password@host:port` taken apart (RFC 3986 section 3.2).
private struct URLAuthority {
    let host: String
    let port: Int?
    let user: String?
    let password: String?

    /// The last `@` ends the userinfo, as in browsers and curl, so that a password may hold one.
    static func parse(_ text: Substring) throws(HTTPURLError) -> URLAuthority {
        let at = text.utf8.lastIndex(of: UInt8(ascii: "@"))
        let location = at.map { text[text.utf8.index(after: $0)...] } ?? text
        let (host, port) = try parse(location: location)
        let (user, password) = try parse(userInfo: at.map { text[..<$0] } ?? "")
        return URLAuthority(host: host, port: port, user: user, password: password)
    }

    private static func parse(userInfo: Substring) throws(HTTPURLError) -> (String?, String?) {
        guard !userInfo.isEmpty else { return (nil, nil) }
        let (user, password) = URLText.cut(userInfo, at: UInt8(ascii: ":"))
        guard let user = PercentEncoding.decoded(user) else { throw .badUserInfo }
        guard let password else { return (user, nil) }
        guard let password = PercentEncoding.decoded(password) else { throw .badUserInfo }
        return (user, password)
    }

    private static func parse(location: Substring) throws(HTTPURLError) -> (host: String, port: Int?) {
        if location.utf8.first == UInt8(ascii: "[") {
            return try parse(bracketed: Substring(location.utf8.dropFirst()))
        }
        let (host, port) = URLText.cut(location, at: UInt8(ascii: ":"))
        guard !host.isEmpty else { throw .missingHost }
        guard let host = InternationalHost.ascii(host) else { throw .nonASCIIHost }
        guard host.utf8.allSatisfy({ ASCII.isAlphanumeric($0) || "-._".utf8.contains($0) }) else { throw .badHost }
        return (host, try parse(port: port))
    }

    private static func parse(bracketed text: Substring) throws(HTTPURLError) -> (host: String, port: Int?) {
        let (address, rest) = URLText.cut(text, at: UInt8(ascii: "]"))
        guard let rest, !address.isEmpty else { throw .badHost }
        let isAddress = address.utf8.allSatisfy { ASCII.hexValue($0) != nil || ":.".utf8.contains($0) }
        guard isAddress, address.utf8.count(where: { $0 == UInt8(ascii: ":") }) >= 2 else { throw .badHost }
        let (gap, port) = URLText.cut(rest, at: UInt8(ascii: ":"))
        guard gap.isEmpty else { throw .badHost }
        return (ASCII.lowercased(address), try parse(port: port))
    }

    private static func parse(port text: Substring?) throws(HTTPURLError) -> Int? {
        guard let text, !text.isEmpty else { return nil }
        guard let port = ASCII.decimal(text), port >= 1, port <= 65_535 else { throw .badPort }
        return Int(port)
    }
}

/// Cuts a URL at its delimiters (RFC 3986 section 3).
private enum URLText {
    /// The colon after a scheme, or `nil` if the text does not begin with one.
    static func schemeEnd(_ text: Substring) -> Substring.Index? {
        guard let first = text.utf8.first, ASCII.isLetter(first) else { return nil }
        let end = text.utf8.firstIndex { !ASCII.isAlphanumeric($0) && !"+-.".utf8.contains($0) }
        guard let end, text.utf8[end] == UInt8(ascii: ":") else { return nil }
        return end
    }

    static func split(hierarchy: Substring) -> (authority: Substring, path: Substring, query: Substring?) {
        let end = hierarchy.utf8.firstIndex { "/?#".utf8.contains($0) } ?? hierarchy.endIndex
        let (path, query) = split(path: hierarchy[end...])
        return (hierarchy[..<end], path, query)
    }

    /// Path and query, without the fragment.
    static func split(path: Substring) -> (path: Substring, query: Substring?) {
        let (visible, _) = cut(path, at: UInt8(ascii: "#"))
        let (path, query) = cut(visible, at: UInt8(ascii: "?"))
        return (path, query)
    }

    /// What is before and after the first `delimiter`; `nil` after if there is none.
    static func cut(_ text: Substring, at delimiter: UInt8) -> (before: Substring, after: Substring?) {
        guard let index = text.utf8.firstIndex(of: delimiter) else { return (text, nil) }
        return (text[..<index], text[text.utf8.index(after: index)...])
    }

    /// RFC 3986 section 5.2.4 for a path that begins with a slash; empty segments count.
    static func withoutDotSegments(_ path: String) -> String {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        var kept: [Substring] = []
        for segment in segments.map(Substring.init) {
            switch segment {
            case ".": break
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        let endsInDots = segments.last.map { [".", ".."].contains(Substring($0)) } ?? false
        return "/" + (endsInDots ? kept + [""] : kept).joined(separator: "/")
    }

    static func isPathCharacter(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || "-._~!$&'()*+,;=:@/".utf8.contains(byte)
    }

    static func isQueryCharacter(_ byte: UInt8) -> Bool {
        isPathCharacter(byte) || byte == UInt8(ascii: "?")
    }
}

/// `%XX` in both directions (RFC 3986 section 2.1).
enum PercentEncoding {
    /// Encodes every byte that is not kept; a `%` stays if two hex digits follow it, so that nothing is encoded twice.
    static func encoded(_ text: some StringProtocol, keeping isKept: (UInt8) -> Bool) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if isKept(byte) || (byte == UInt8(ascii: "%") && escape(bytes, at: index) != nil) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Decodes once; a `%` without two hex digits stays. `nil` if the outcome is not UTF-8.
    static func decoded(_ text: some StringProtocol) -> String? {
        decodedBytes(text, strict: false).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Decodes once; `nil` if `strict` and a `%` has no two hex digits behind it.
    static func decodedBytes(_ text: some StringProtocol, strict: Bool) -> [UInt8]? {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let value = escape(bytes, at: index)
            if strict, value == nil, bytes[index] == UInt8(ascii: "%") { return nil }
            result.append(value ?? bytes[index])
            index += value == nil ? 1 : 3
        }
        return result
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// The byte that `%XX` at `index` stands for, or `nil` if no such triplet is there.
    private static func escape(_ bytes: [UInt8], at index: Int) -> UInt8? {
        guard index + 2 < bytes.count, bytes[index] == UInt8(ascii: "%") else { return nil }
        guard let high = ASCII.hexValue(bytes[index + 1]) else { return nil }
        guard let low = ASCII.hexValue(bytes[index + 2]) else { return nil }
        return high << 4 | low
    }
}
