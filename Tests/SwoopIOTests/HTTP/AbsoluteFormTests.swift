// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import SwoopCore
import Testing

@testable import SwoopIO

@Suite("Requests to a proxy")
struct AbsoluteFormTests {
    private func absolute(_ text: String) -> String? {
        AbsoluteFormHandler.absolute(ByteBuffer(string: text)).map { String(buffer: $0) }
    }

    @Test("have the whole URL in their first line, and nothing else changed")
    func rewritten() {
        let rest = " HTTP/1.1\r\nuser-agent: a: b\r\nHost: o.test:81\r\nRange: bytes=0-9\r\n\r\n"
        #expect(absolute("GET /a?b=c" + rest) == "GET http://o.test:81/a?b=c" + rest)
    }

    @Test(
        "are left alone if they are no head of ours",
        arguments: ["", "GET /", "CONNECT o.test:443 HTTP/1.1\r\nHost: o.test\r\n\r\n"]
    )
    func others(text: String) {
        #expect(absolute(text) == nil)
    }

    @Test("name the origin as their host, and log in to the proxy only")
    func fields() throws {
        let proxy = try #require(Proxy.parse("http://ann:secret@proxy.test:3128"))
        let request = ExchangeRequest(
            connection: 0,
            url: try HTTPURL.parse("http://o.test:81/a?b=c"),
            range: nil,
            ifRange: nil,
            isTrusted: true
        )
        #expect(proxy.url(for: request.url) == "http://proxy.test:3128/a?b=c")
        let fields = RequestFields.fields(for: request, options: HTTPOptions(), asking: proxy)
        #expect(fields["Host"] == ["o.test:81"])
        #expect(fields["Proxy-Authorization"] == ["Basic YW5uOnNlY3JldA=="])
        #expect(RequestFields.fields(for: request, options: HTTPOptions())["Proxy-Authorization"].isEmpty)
    }
}
