// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Resolution")
struct ResolutionTests {
    @Test(
        "reads host, port and address",
        arguments: [
            ("example.org:443:192.0.2.1", "example.org", 443, "192.0.2.1"),
            ("Example.ORG:80:[2001:db8::1]", "example.org", 80, "2001:db8::1"),
            ("example.org:80:2001:db8::1", "example.org", 80, "2001:db8::1"),
            ("[::1]:8080:127.0.0.1", "::1", 8080, "127.0.0.1"),
            ("B\u{FC}cher.test:80:127.0.0.1", "xn--bcher-kva.test", 80, "127.0.0.1"),
        ]
    )
    func reads(text: String, host: String, port: Int, address: String) {
        let resolution = HTTPOptions.Resolution.parse(text)
        #expect(resolution?.host == host && resolution?.port == port && resolution?.address == address)
    }

    @Test(
        "refuses anything else",
        arguments: [
            "", ":", "a:80", "a:80:", "a:0:1.2.3.4", "a:65536:1.2.3.4", ":80:1.2.3.4", "a:x:1.2.3.4", "a:80:name",
            "[::1:80:1.2.3.4", "[::1]x:80:1.2.3.4", "a]:80:1.2.3.4", "[[]1]x:80:1.2.3.4",
        ]
    )
    func refuses(text: String) {
        #expect(HTTPOptions.Resolution.parse(text) == nil)
    }
}
