// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct HTTPURLTests {
    @Test(
        "writes a URL in its normal form",
        arguments: [
            ("http://example.org", "http://example.org/"),
            ("HTTPS://Example.ORG/A/b", "https://example.org/A/b"),
            ("http://h:80/a", "http://h/a"),
            ("https://h:443/a", "https://h/a"),
            ("https://h:80/a", "https://h:80/a"),
            ("http://h:/a", "http://h/a"),
            ("http://h:0080/a", "http://h/a"),
            ("http://h:65535/", "http://h:65535/"),
            ("http://h?x=1", "http://h/?x=1"),
            ("http://h/?", "http://h/?"),
            ("http://h/a?b?c/d", "http://h/a?b?c/d"),
            ("http://h/a#b?c", "http://h/a"),
            ("http://h#b", "http://h/"),
            ("http://h/a?b#c#d", "http://h/a?b"),
            ("  http://h/a \t", "http://h/a"),
            ("http://h/../a/./b//c", "http://h/../a/./b//c"),
            ("http://[::1]:8080/a", "http://[::1]:8080/a"),
            ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
            ("http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]/"),
            ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
            ("http://a_b.example.org./x", "http://a_b.example.org./x"),
        ]
    )
    func normalForm(text: String, expected: String) throws {
        #expect(try HTTPURL.parse(text).text == expected)
    }

    @Test("yields the parts")
    func parts() throws {
        let url = try HTTPURL.parse("HTTPS://us%40er:p%3Aw@[::1]:8443/a%2fb?c=d#e")
        #expect(url.scheme == "https")
        #expect(url.host == "::1")
        #expect(url.port == 8443)
        #expect(url.path == "/a%2fb")
        #expect(url.query == "c=d")
        #expect(url.user == "us@er")
        #expect(url.password == "p:w")
    }

    @Test(
        "reads userinfo up to the last at sign",
        arguments: [
            ("http://h/@x:y", nil, nil, "h"), ("http://u@h", "u", nil, "h"), ("http://u:@h", "u", "", "h"),
            ("http://:p@h", "", "p", "h"), ("http://@h", nil, nil, "h"), ("http://u:p:q@h", "u", "p:q", "h"),
            ("http://u:p@q@h", "u", "p@q", "h"), ("http://good.org@evil.org", "good.org", nil, "evil.org"),
            ("http://u%zz:p%@h", "u%zz", "p%", "h"),
        ] as [(String, String?, String?, String)]
    )
    func userInfo(text: String, user: String?, password: String?, host: String) throws {
        let url = try HTTPURL.parse(text)
        #expect(url.user == user)
        #expect(url.password == password)
        #expect(url.host == host)
    }

    @Test(
        "encodes what a request line cannot hold, and nothing twice",
        arguments: [
            ("http://h/a b", "http://h/a%20b"),
            ("http://h/naïve", "http://h/na%C3%AFve"),
            ("http://h/a?q=ü x", "http://h/a?q=%C3%BC%20x"),
            ("http://h/a%20b%2F", "http://h/a%20b%2F"),
            ("http://h/100%", "http://h/100%25"),
            ("http://h/100% sure", "http://h/100%25%20sure"),
            ("http://h/%zz%4", "http://h/%25zz%254"),
            ("http://h/a\\b", "http://h/a%5Cb"),
            ("http://h/<\"`{|}^>", "http://h/%3C%22%60%7B%7C%7D%5E%3E"),
            ("http://h/[1]?f[a]=b", "http://h/%5B1%5D?f%5Ba%5D=b"),
            ("http://h/-._~!$&'()*+,;=:@", "http://h/-._~!$&'()*+,;=:@"),
            ("http://h/a\u{85}b\u{A0}", "http://h/a%C2%85b%C2%A0"),
            ("http://h/\u{301}a/\u{301}b", "http://h/%CC%81a/%CC%81b"),
        ]
    )
    func encoding(text: String, expected: String) throws {
        let url = try HTTPURL.parse(text)
        #expect(url.text == expected)
        #expect(try HTTPURL.parse(url.text).text == expected)
    }

    private static let refusals: [(String, HTTPURLError)] = [
        ("", .empty), (" \t ", .empty),
        ("http://h/a\nb", .controlCharacter), ("http://h/a\r\nX: y", .controlCharacter),
        ("http://h/\u{0}", .controlCharacter),
        ("http://h/a\tb", .controlCharacter), ("http://h\u{7F}/", .controlCharacter),
        ("http://h/a\n", .controlCharacter),
        ("example.org/a", .missingScheme), ("example.org:8080/a", .missingScheme), ("localhost:8080", .missingScheme),
        ("/a/b", .missingScheme), ("//h/a", .missingScheme), ("http:/h", .missingScheme), ("http:h", .missingScheme),
        ("http", .missingScheme), ("://h", .missingScheme), ("1http://h", .missingScheme),
        ("ht tp://h", .missingScheme),
        ("magnet:?xt=urn", .missingScheme), ("http//h", .missingScheme), ("é://h", .missingScheme),
        ("ftp://h/a", .unsupportedScheme("ftp")), ("S3://b/k", .unsupportedScheme("s3")),
        ("file:///a", .unsupportedScheme("file")),
        ("https+x://h", .unsupportedScheme("https+x")),
        ("http://", .missingHost), ("http:///a", .missingHost), ("http://?x", .missingHost),
        ("http://#x", .missingHost),
        ("http://:80/", .missingHost), ("http://u:p@/", .missingHost), ("http://@", .missingHost),
        ("http://a b/", .badHost), ("http://a%20b/", .badHost), ("http://a\\b/", .badHost),
        ("http://a,b/", .badHost), ("http://a<b/", .badHost), ("http://[::1/", .badHost), ("http://[]/", .badHost),
        ("http://[1.2.3.4]/", .badHost), ("http://[::g]/", .badHost), ("http://[::1]x/", .badHost),
        ("http://[fe80::1%25e]/", .badHost),
        ("http://a]/", .badHost), ("http://a[::1]/", .badHost),
        ("http://exämple .org/", .nonASCIIHost), ("http://h\u{200D}/", .nonASCIIHost),
        ("http://h\u{2028}/", .nonASCIIHost),
        ("http://h:0/", .badPort), ("http://h:65536/", .badPort), ("http://h:x/", .badPort),
        ("http://h:-1/", .badPort),
        ("http://h:+1/", .badPort), ("http://h:80:80/", .badPort), ("http://h:99999999999999999999/", .badPort),
        ("http://h:8 0/", .badPort), ("http://::1/", .missingHost), ("http://2001:db8::1/", .badPort),
        ("http://[::1]:x/", .badPort),
        ("http://%ff:p@h/", .badUserInfo), ("http://u:%C3@h/", .badUserInfo),
    ]

    @Test("refuses what cannot be fetched and says why", arguments: refusals)
    func refusal(text: String, error: HTTPURLError) {
        #expect(throws: error) { try HTTPURL.parse(text) }
    }

    @Test("does not let a backslash hide the host that is contacted")
    func backslash() throws {
        #expect(try HTTPURL.parse("http://evil.org\\@good.org/").host == "good.org")
        #expect(throws: HTTPURLError.badHost) { try HTTPURL.parse("http://evil.org\\good.org/") }
        #expect(try HTTPURL.parse("http://evil.org/\\@good.org/").host == "evil.org")
    }

    @Test(
        "has messages in the house style, without any part of the URL that may be secret",
        arguments: [
            "http://user:hunter2/x@h/", "http://user:hunter2#x@h/", "http://user:%ffhunter2@h/", "hunter2@h/",
            "http://hunter2 @/",
            "http://u:hunter2@bad host/", "http://u:hunter2@ü x/", "http://hunter2/\n",
        ]
    )
    func messages(text: String) throws {
        let error = try #require(throws: HTTPURLError.self) { try HTTPURL.parse(text) }
        #expect(!error.message.contains("hunter2"))
        #expect(error.message.first?.isLowercase == true)
        #expect(!error.message.hasSuffix("."))
    }

    /// RFC 3986 sections 5.4.1 and 5.4.2, with an http base; its `g:h` has a scheme that is not ours.
    private static let references: [(String, String?)] = [
        ("g:h", nil), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q"),
        ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"), (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../", "http://a/"), ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"), ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"), ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"), ("./g/.", "http://a/b/c/g/"), ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"), ("g;x=1/../y", "http://a/b/c/y"), ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g?y/../x", "http://a/b/c/g?y/../x"), ("g#s/../x", "http://a/b/c/g"), ("http:g", nil),
    ]

    @Test("resolves the references of RFC 3986", arguments: references)
    func standardReferences(reference: String, expected: String?) throws {
        let base = try HTTPURL.parse("http://a/b/c/d;p?q")
        #expect(base.resolve(reference)?.text == expected)
    }

    @Test(
        "resolves what servers send in Location",
        arguments: [
            ("https://o:8443/x?y#z", "https://o:8443/x?y"), ("HTTP://O/a/../b", "http://o/b"),
            ("//o/x", "https://o/x"),
            ("//o:444", "https://o:444/"), (" /x ", "https://h:8443/x"), ("/a b/ü", "https://h:8443/a%20b/%C3%BC"),
            ("?", "https://h:8443/p/f?"), ("?z=1", "https://h:8443/p/f?z=1"), ("/a//../b", "https://h:8443/a/b"),
            ("//", nil), ("http://", nil), ("ftp://o/x", nil), ("mailto:a@b", nil), ("javascript:x", nil),
            ("/a\r\nX: y", nil),
            ("http://o:0/", nil), ("/\\evil.org", "https://h:8443/%5Cevil.org"),
            ("\\\\evil.org", "https://h:8443/p/%5C%5Cevil.org"),
        ] as [(String, String?)]
    )
    func locations(reference: String, expected: String?) throws {
        let base = try HTTPURL.parse("https://u:p@h:8443/p/f?q=1")
        #expect(base.resolve(reference)?.text == expected)
    }

    @Test(
        "neither inherits userinfo nor takes it from the reference",
        arguments: ["", "x", "/x", "?x", "//o", "https://v:w@o/x"]
    )
    func noUserInfo(reference: String) throws {
        let target = try #require(try HTTPURL.parse("https://u:p@h/").resolve(reference))
        #expect(target.user == nil)
        #expect(target.password == nil)
    }

    @Test(
        "tells origins apart by scheme, host and port only",
        arguments: [
            ("http://H:80/a", "http://u@h/b?c", true), ("http://h", "https://h", false),
            ("http://h", "http://h:81", false),
            ("http://h", "http://i", false), ("https://h", "https://h:443", true),
        ]
    )
    func origins(one: String, other: String, same: Bool) throws {
        #expect((try HTTPURL.parse(one).origin == HTTPURL.parse(other).origin) == same)
    }

    @Test(
        "describes an origin as it is written",
        arguments: [
            ("http://h/a", "http://h"), ("https://u:p@H:8443/a", "https://h:8443"),
            ("http://[::1]:80", "http://[::1]"),
            ("http://[::1]:81", "http://[::1]:81"),
        ]
    )
    func originDescription(text: String, expected: String) throws {
        #expect(try HTTPURL.parse(text).origin.description == expected)
    }

    @Test("prints no secret, however it is printed")
    func redaction() throws {
        let url = try HTTPURL.parse("https://user:hunter2@h:8443/a?X-Amz-Signature=hunter2&hunter2&x=hunter2")
        #expect(url.redacted == "https://h:8443/a?X-Amz-Signature=…&…&x=…")
        #expect("\(url)" == url.redacted)
        #expect(!"\([url]) \(String(reflecting: url))".contains("hunter2"))
        #expect(try HTTPURL.parse("http://h/a").redacted == "http://h/a")
    }
}
