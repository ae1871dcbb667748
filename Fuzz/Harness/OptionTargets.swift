// SPDX-License-Identifier: Apache-2.0

/// `~/.netrc`: other programs' file, read for hosts that it names and no others.
enum NetrcTarget {
    static func run(_ input: FuzzInput) {
        let text = input.text
        let netrc = Netrc(parsing: text)
        for host in ["example.org", "sub.example.org", "unrelated.test"] {
            let found = netrc.credentials(for: host)
            check(netrc.credentials(for: host.uppercased()) == found, "netrc/case", host)
            check(found.map { !$0.user.utf8.contains(UInt8(ascii: ":")) } ?? true, "netrc/colon", text)
        }
        checkUnrelated(netrc, text)
        checkQuoted(text)
    }

    /// A host that is not named gets nothing, unless there is a default. Escapes could spell either.
    private static func checkUnrelated(_ netrc: Netrc, _ text: String) {
        let isNamed = ["unrelated", "default", "\\", "\""].contains { Common.contains(ASCII.lowercased(text), $0) }
        check(isNamed || netrc.credentials(for: "unrelated.test") == nil, "netrc/unrelated", text)
    }

    /// Any name and password can be written in quotes, but a name with a colon is good for nothing.
    private static func checkQuoted(_ text: String) {
        let quoted = text.utf8.flatMap { "\"\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        let word = String(decoding: quoted, as: UTF8.self)
        let file = "machine Example.org\n\tlogin \"\(word)\" account x password \"\(word)\"\nmachine other login a"
        let found = Netrc(parsing: file).credentials(for: "example.ORG")
        guard !text.utf8.contains(UInt8(ascii: ":")) else { return check(found == nil, "netrc/colon", text) }
        let isSame = found.map { $0.user.utf8.elementsEqual(text.utf8) && $0.password.utf8.elementsEqual(text.utf8) }
        check(isSame ?? false, "netrc/quoted", text)
    }
}

/// A file of cookies: where they go, and that none can end the field.
enum CookieTarget {
    static func run(_ input: FuzzInput) {
        let text = input.text
        let jar = CookieJar(parsing: text)
        for address in ["https://www.example.org/dir/file", "http://example.org/", "https://example.org:8443/dir"] {
            guard let url = try? HTTPURL.parse(address), let field = jar.field(for: url, seconds: 100) else { continue }
            check(HeaderFields.isValid(value: field), "cookies/control", field)
            check(!jar.isEmpty, "cookies/empty", field)
        }
        guard !Common.contains(ASCII.lowercased(text), "unrelated") else { return }
        for address in ["https://unrelated/", "https://www.unrelated./dir/file"] {
            guard let url = try? HTTPURL.parse(address) else { continue }
            check(jar.field(for: url, seconds: 100) == nil, "cookies/unrelated", address)
        }
    }
}

/// Proxies: the first line as one, the second as `no_proxy`.
enum ProxyTarget {
    static func run(_ input: FuzzInput) {
        let lines = input.lines
        let proxy = Proxy.parse(lines[0])
        if let proxy { checkProxy(proxy, lines[0]) }
        checkSettings(lines)
    }

    private static func checkProxy(_ proxy: Proxy, _ text: String) {
        check(!proxy.host.isEmpty && (1...65_535).contains(proxy.port), "proxy/origin", proxy)
        check(proxy.kind == .http || proxy.credentials == nil, "proxy/login", proxy)
        check(givenPort(text).map { $0 == Int64(proxy.port) } ?? true, "proxy/port", text)
        let user = proxy.credentials?.user ?? ""
        check(!user.utf8.contains(UInt8(ascii: ":")), "proxy/colon", text)
        let literal = proxy.host.utf8.contains(UInt8(ascii: ":")) ? "[\(proxy.host)]" : proxy.host
        let scheme = proxy.kind == .http ? "http" : "socks5"
        let login = proxy.credentials.map { "\(escaped($0.user)):\(escaped($0.password))@" } ?? ""
        let written = "\(scheme)://\(login)\(literal):\(proxy.port)"
        check(Proxy.parse(written) == proxy, "proxy/fixpoint", text)
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return ASCII.isAlphanumeric(byte) ? String(UnicodeScalar(byte)) : (byte < 16 ? "%0" : "%") + digits
        }.joined()
    }

    /// The port at the end of the text, found without regard to what a proxy is.
    private static func givenPort(_ text: String) -> Int64? {
        var visible = ASCII.trimmed(text).utf8.prefix { $0 != UInt8(ascii: "#") }
        if visible.last == UInt8(ascii: "/") { visible = visible.dropLast() }
        guard let colon = visible.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        return ASCII.decimal(Substring(visible[colon...].dropFirst()))
    }

    /// Every request goes straight to its origin or through the one proxy there is.
    private static func checkSettings(_ lines: [String]) {
        let variables = ["http_proxy": lines[0], "no_proxy": lines.dropFirst().first ?? ""]
        let settings: ProxySettings
        do throws(ProxySettings.UnusableVariable) {
            settings = try ProxySettings(given: nil) { variables[$0] }
        } catch {
            return check(Proxy.parse(lines[0]) == nil && error.name == "http_proxy", "proxy/variable", lines)
        }
        for address in ["http://www.example.org/", "https://www.example.org/", "http://[::1]:8080/"] {
            guard let url = try? HTTPURL.parse(address), let used = settings.proxy(for: url) else { continue }
            check(url.scheme == "http" && used == Proxy.parse(lines[0]), "proxy/settings", lines)
        }
    }
}

/// `--resolve`: a host, a port and an address.
enum ResolutionTarget {
    static func run(_ input: FuzzInput) {
        guard let found = HTTPOptions.Resolution.parse(input.text) else { return }
        check(!found.host.isEmpty && (1...65_535).contains(found.port), "resolution/bounds", found)
        check(!found.host.utf8.contains { "[]".utf8.contains($0) }, "resolution/brackets", found)
        check(!found.address.isEmpty && found.address.utf8.allSatisfy(ASCII.isAddressByte), "resolution/address", found)
        check(ASCII.lowercased(found.host) == found.host, "resolution/case", found)
        let literal = found.host.utf8.contains(UInt8(ascii: ":")) ? "[\(found.host)]" : found.host
        let written = "\(literal):\(found.port):[\(found.address)]"
        check(HTTPOptions.Resolution.parse(written) == found, "resolution/fixpoint", input.text)
    }
}

/// Numbers of bytes, compared with a slower way to read them.
enum ByteCountTarget {
    static func run(_ input: FuzzInput) {
        let text = input.text
        if let expected = expected(text) { check(ByteCount.parse(text) == expected.value, "byte-count/value", text) }
        let number = input.number
        let written = ByteCount.format(number)
        check(written.utf8.count <= 8, "byte-count/length", number)
        // no unit above TiB can be read back
        guard (0..<(1 << 49)).contains(number) else { return }
        guard let read = ByteCount.parse(String(written.filter { $0 != " " })) else {
            return check(false, "byte-count/format", written)
        }
        check(abs(read - number) <= number / 190 + 1, "byte-count/format", (number, written))
    }

    /// Wraps what the text means, which may be nothing; `nil` if there are too many digits to say.
    private struct Meaning {
        var value: Int64?
    }

    private static let units: [String: UInt128] = [
        "": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "kib": 1 << 10, "mib": 1 << 20,
        "gib": 1 << 30, "tib": 1 << 40, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
    ]

    private static func expected(_ text: String) -> Meaning? {
        let number = text.utf8.prefix { ASCII.isDigit($0) || $0 == UInt8(ascii: ".") }
        let name = String(decoding: text.utf8.dropFirst(number.count), as: UTF8.self)
        guard let unit = units[ASCII.lowercased(name)] else { return Meaning() }
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isNumber = parts.count <= 2 && parts.allSatisfy { !$0.isEmpty }
        guard isNumber, parts.count == 1 || unit > 1 else { return Meaning() }
        // 24 digits times a tebibyte are what 128 bits hold
        guard parts.allSatisfy({ $0.count <= 12 }) else { return nil }
        let scale = parts.dropFirst().reduce(1) { $1.reduce($0) { scale, _ in scale * 10 } } as UInt128
        let digits = parts.joined().reduce(0) { $0 * 10 + UInt128($1 - UInt8(ascii: "0")) } as UInt128
        return Meaning(value: Int64(exactly: digits * unit / scale))
    }
}
