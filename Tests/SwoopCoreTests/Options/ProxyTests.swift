// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Proxy")
struct ProxyTests {
    @Test(
        "reads what people and variables say",
        arguments: [
            ("http://proxy.test:3128", "http proxy.test 3128"), ("http://proxy.test", "http proxy.test 80"),
            ("proxy.test:8080", "http proxy.test 8080"), ("HTTP://Proxy.Test:3128/", "http proxy.test 3128"),
            ("http://[::1]:3128", "http ::1 3128"), ("socks5://proxy.test", "socks5 proxy.test 1080"),
            ("socks5h://proxy.test:80/", "socks5 proxy.test 80"), ("socks5://proxy.test:080", "socks5 proxy.test 80"),
            ("socks5://proxy.test:80#", "socks5 proxy.test 80"),
            ("socks5://127.0.0.1:9050", "socks5 127.0.0.1 9050"),
            ("http://ann:p%40ss@proxy.test:3128", "http proxy.test 3128 ann p@ss"),
            ("socks5://ann:p%40ss@proxy.test", "socks5 proxy.test 1080 ann p@ss"),
            ("socks5://a%3An:p@proxy.test", "socks5 proxy.test 1080 a:n p"),
        ]
    )
    func reads(text: String, expected: String) throws {
        let proxy = try #require(Proxy.parse(text))
        let login = proxy.credentials.map { " \($0.user) \($0.password)" } ?? ""
        #expect("\(proxy.kind) \(proxy.host) \(proxy.port)\(login)" == expected)
    }

    @Test(
        "refuses what it cannot speak to",
        arguments: [
            "", "https://proxy.test:3128", "socks4://proxy.test", "http://proxy.test/path",
            "http://proxy.test:0", "http://%3Aann:secret@proxy.test", "http://proxy.test?x=1", "ftp://proxy.test",
            "http://",
        ]
    )
    func refuses(text: String) {
        #expect(Proxy.parse(text) == nil)
    }

    private func chosen(_ variables: [String: String], _ url: String, given: String? = nil) throws -> String? {
        let settings = try ProxySettings(given: given.flatMap(Proxy.parse)) { variables[$0] }
        return settings.proxy(for: try HTTPURL.parse(url)).map { "\($0.host)" }
    }

    @Test(
        "takes the variable of the scheme, then the one for all",
        arguments: [
            (["http_proxy": "a:1"], "http://o.test/", "a"), (["http_proxy": "a:1"], "https://o.test/", nil),
            (["HTTP_PROXY": "a:1"], "http://o.test/", nil), (["HTTPS_PROXY": "a:1"], "https://o.test/", "a"),
            (["https_proxy": "a:1", "HTTPS_PROXY": "b:1"], "https://o.test/", "a"),
            (["ALL_PROXY": "a:1"], "http://o.test/", "a"),
            (["all_proxy": "a:1", "https_proxy": "b:1"], "https://o.test/", "b"),
            (["http_proxy": ""], "http://o.test/", nil), ([:], "http://o.test/", nil),
        ] as [([String: String], String, String?)]
    )
    func environment(variables: [String: String], url: String, expected: String?) throws {
        #expect(try chosen(variables, url) == expected)
    }

    @Test("the user's choice goes before the environment's")
    func given() throws {
        #expect(try chosen(["http_proxy": "a:1"], "http://o.test/", given: "b:1") == "b")
    }

    @Test(
        "leaves out what no_proxy names: hosts, what is below them, a port of them, or all",
        arguments: [
            ("o.test", true), (".o.test", true), ("test", true), ("x.o.test", false), ("ot", false), ("O.TEST", true),
            ("a, o.test", true), ("o.test:80", true), ("o.test:81", false), ("*", true), ("", false),
        ]
    )
    func exceptions(list: String, isDirect: Bool) throws {
        let expected = isDirect ? nil : "a"
        #expect(try chosen(["http_proxy": "a:1", "no_proxy": list], "http://o.test/") == expected)
        #expect(try chosen(["NO_PROXY": list], "http://o.test/", given: "a:1") == expected)
    }

    @Test(
        "leaves out addresses, too",
        arguments: [("[::1]", "http://[::1]/"), ("::1", "http://[::1]:81/"), ("127.0.0.1", "http://127.0.0.1/")]
    )
    func addresses(list: String, url: String) throws {
        #expect(try chosen(["http_proxy": "a:1", "no_proxy": list], url) == nil)
    }

    @Test("says which variable is no proxy, and not what is in it")
    func unusable() {
        #expect(throws: ProxySettings.UnusableVariable.self) {
            try ProxySettings(given: nil) { $0 == "https_proxy" ? "https://ann:secret@a" : nil }
        }
    }
}
