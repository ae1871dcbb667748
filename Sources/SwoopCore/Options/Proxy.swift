// SPDX-License-Identifier: Apache-2.0

/// A server that passes requests or connections on.
public struct Proxy: Hashable, Sendable {
    /// How it is spoken to.
    public enum Kind: Hashable, Sendable {
        /// HTTP: the whole URL in the request, or CONNECT where the origin is https (RFC 9112 section 3.2.2, RFC 9110 section
        /// 9.3.6).
        case http
        /// SOCKS 5; the proxy resolves names (RFC 1928).
        case socks5
    }

    /// How it is spoken to.
    public var kind: Kind
    /// Lower case; an IPv6 address stands without brackets.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// Name and password, if it wants one.
    public var credentials: HTTPOptions.Credentials?

    /// Reads `http://[USER:PASSWORD@]HOST[:PORT]`, the same with `socks5://` or `socks5h://`, or `HOST:PORT` for http.
    ///
    /// - Parameter text: as a person types it, or as an environment variable has it.
    /// - Returns: `nil` for anything else. Ports are 80 and 1080 unless given.
    public static func parse(_ text: String) -> Proxy? {
        let text = String(ASCII.trimmed(text))
        let parts = text.utf8.firstIndex(of: UInt8(ascii: ":")).flatMap { mark in
            text[mark...].hasPrefix("://") ? (ASCII.lowercased(text[..<mark]), text[mark...].dropFirst(3)) : nil
        }
        let (scheme, rest) = parts ?? ("http", text[...])
        guard let kind = kind(scheme), let url = try? HTTPURL.parse("http://" + rest), url.path == "/", url.query == nil
        else { return nil }
        // A port that is not given is another one for another scheme.
        let isPortGiven = (try? HTTPURL.parse("https://" + rest))?.port == url.port
        let credentials = url.user.map { HTTPOptions.Credentials(user: $0, password: url.password ?? "") }
        // HTTP's login cannot write such a name (RFC 7617 section 2), SOCKS' could.
        guard kind == .socks5 || url.user?.utf8.contains(UInt8(ascii: ":")) != true else { return nil }
        let port = kind == .socks5 && !isPortGiven ? 1080 : url.port
        return Proxy(kind: kind, host: url.host, port: port, credentials: credentials)
    }

    private static func kind(_ scheme: String) -> Kind? {
        switch scheme {
        case "http": .http
        case "socks5", "socks5h": .socks5
        default: nil
        }
    }
}

/// Which requests go through which proxy.
public struct ProxySettings: Hashable, Sendable {
    private var http: Proxy?
    private var https: Proxy?
    private var exceptions: [Exception] = []
    private var excludesAll = false

    /// A variable whose value is no proxy; the value may hold a password.
    public struct UnusableVariable: Error, Hashable, Sendable {
        /// Its name.
        public let name: String
    }

    private struct Exception: Hashable, Sendable {
        /// Lower case, without a leading dot.
        var host: String
        var port: Int?
    }

    /// Takes the user's proxy for everything, or else what the environment says, as curl does.
    ///
    /// - Parameters:
    ///   - given: the user's choice.
    ///   - environment: reads a variable: `http_proxy` (lower case only, because a server may set the other from a request),
    ///     `https_proxy`, `all_proxy` and `no_proxy`, the latter three in either case.
    /// - Throws: ``UnusableVariable`` for a variable that is set and is no proxy.
    public init(given: Proxy?, environment: (String) -> String?) throws(UnusableVariable) {
        func value(_ names: String...) throws(UnusableVariable) -> Proxy? {
            for name in names {
                guard let text = environment(name), !text.isEmpty else { continue }
                guard let proxy = Proxy.parse(text) else { throw UnusableVariable(name: name) }
                return proxy
            }
            return nil
        }
        if let given {
            (http, https) = (given, given)
        } else {
            http = try value("http_proxy", "all_proxy", "ALL_PROXY")
            https = try value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        }
        let list = environment("no_proxy") ?? environment("NO_PROXY") ?? ""
        for word in list.utf8.split(whereSeparator: { ", \t".utf8.contains($0) }) { except(String(Substring(word))) }
    }

    private mutating func except(_ word: String) {
        if word == "*" { excludesAll = true }
        var host = ASCII.lowercased(word)[...]
        if host.hasPrefix(".") { host = host.dropFirst() }
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let port = host[end...].dropFirst(2)
            return exceptions.append(Exception(host: String(host[..<end].dropFirst()), port: Int(port)))
        }
        let parts = host.split(separator: ":")
        let hasPort = parts.count == 2 && Int(parts[1]) != nil
        exceptions.append(
            Exception(host: hasPort ? String(parts[0]) : String(host), port: hasPort ? Int(parts[1]) : nil)
        )
    }

    /// Whether every request goes straight to its origin.
    public var isEmpty: Bool { excludesAll || (http == nil && https == nil) }

    /// The proxy for a URL; `nil` to go straight to its origin.
    public func proxy(for url: HTTPURL) -> Proxy? {
        guard !isEmpty, let proxy = url.scheme == "https" ? https : http else { return nil }
        let isExcepted = exceptions.contains { exception in
            (url.host == exception.host || url.host.hasSuffix("." + exception.host))
                && (exception.port == nil || exception.port == url.port)
        }
        return isExcepted ? nil : proxy
    }
}
