// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Route")
struct RouteTests {
    private func request(_ url: String, connection: Int = 0, isTrusted: Bool = true) throws -> ExchangeRequest {
        ExchangeRequest(connection: connection, url: try HTTPURL.parse(url), range: nil, isTrusted: isTrusted)
    }

    @Test("is the same for every request if nothing was said")
    func common() throws {
        let options = HTTPOptions()
        #expect(options.hasOneRoute)
        #expect(options.route(for: try request("https://o.test/")) == Route())
    }

    @Test("shows the user's certificate to the trusted origin only")
    func certificate() throws {
        var options = HTTPOptions()
        options.certificateFile = "own.pem"
        #expect(!options.hasOneRoute)
        let trusted = options.route(for: try request("https://o.test/"))
        #expect(trusted.certificateFile == "own.pem" && trusted.keyFile == "own.pem")
        #expect(options.route(for: try request("https://o.test/", isTrusted: false)) == Route())
        options.keyFile = "own.key"
        #expect(options.route(for: try request("https://o.test/")).keyFile == "own.key")
    }

    @Test(
        "has another address for one host and port only",
        arguments: [("http://o.test/", nil), ("http://o.test:81/", "192.0.2.1"), ("http://x.test:81/", nil)]
            as [(String, String?)]
    )
    func addresses(url: String, expected: String?) throws {
        var options = HTTPOptions()
        options.resolutions = [try #require(HTTPOptions.Resolution.parse("o.test:81:192.0.2.1"))]
        #expect(!options.hasOneRoute)
        #expect(options.route(for: try request(url)).addresses["o.test"] == expected)
    }

    @Test(
        "asks a proxy for plain URLs, and for a tunnel to secure ones",
        arguments: [
            ("http://p:1", "http://o.test/", true), ("http://p:1", "https://o.test/", false),
        ]
    )
    func proxies(proxy: String, url: String, asks: Bool) throws {
        var options = HTTPOptions()
        options.proxies = try ProxySettings(given: Proxy.parse(proxy)) { _ in nil }
        #expect(!options.hasOneRoute)
        let route = options.route(for: try request(url))
        #expect(route.proxy?.host == "p" && route.asksProxy == asks && route.target == nil)
    }

    @Test("has a SOCKS proxy connect to the origin, each origin over connections of its own")
    func socks() throws {
        var options = HTTPOptions()
        options.proxies = try ProxySettings(given: Proxy.parse("socks5://ann:secret@p:1")) { _ in nil }
        let routes = try ["http://o.test/", "https://o.test/", "http://x.test/"].map {
            options.route(for: try request($0))
        }
        #expect(Set(routes).count == 3)
        #expect(routes.map(\.target?.description) == ["http://o.test", "https://o.test", "http://x.test"])
        #expect(routes.allSatisfy { !$0.asksProxy && $0.proxy?.kind == .socks5 })
    }

    @Test("takes our own addresses in turn, each connection always the same")
    func localAddresses() throws {
        var options = HTTPOptions()
        options.localAddresses = ["192.0.2.1", "192.0.2.2"]
        #expect(!options.hasOneRoute)
        let taken = try (0..<5).map { options.route(for: try request("http://o.test/", connection: $0)).localAddress }
        #expect(taken == ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2", "192.0.2.1"])
    }
}
