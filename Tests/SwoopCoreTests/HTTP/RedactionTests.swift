// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct RedactionTests {
    @Test(
        "hides the values of fields that carry credentials",
        arguments: [
            "Authorization", "authorization", "PROXY-AUTHORIZATION", "Cookie", "Set-Cookie", "X-Amz-Security-Token",
            "X-Api-Key", "apikey", "X-Client-Secret", "X-Password", "X-Session-Id", "X-Auth", "X-Signature",
            "WWW-Authenticate",
        ]
    )
    func secretFields(name: String) {
        #expect(Redaction.header(name: name, value: "hunter2") == "[redacted]")
    }

    @Test(
        "shows harmless fields",
        arguments: ["Range", "If-Range", "ETag", "Accept", "Host", "User-Agent", "Content-Range"]
    )
    func harmlessFields(name: String) {
        #expect(Redaction.header(name: name, value: "bytes=0-1") == "bytes=0-1")
    }

    @Test(
        "hides userinfo and signatures in fields that hold URLs",
        arguments: [
            ("Location", "https://h/a?X-Amz-Signature=abc", "https://h/a?X-Amz-Signature=…"),
            ("Referer", "https://u:p@h/a", "https://h/a"),
            ("Content-Location", "/a?t=1", "/a?t=…"),
            ("Link", "<https://h/a?t=1>; rel=duplicate", "[redacted]"),
            ("Link", "<https://h/a>; rel=duplicate", "<https://h/a>; rel=duplicate"),
        ]
    )
    func urlFields(name: String, value: String, expected: String) {
        #expect(Redaction.header(name: name, value: value) == expected)
    }

    @Test(
        "hides the secrets of a URL or reference",
        arguments: [
            ("", ""), ("/a/b", "/a/b"), ("a", "a"), ("/", "/"), ("https://h", "https://h/"),
            ("https://h/a@b", "https://h/a@b"), ("https://u:p@h", "https://h/"), ("https://u:p@q@h/a", "https://h/a"),
            ("//u:p@h/a", "…@h/a"), ("/@scope/a?k=v", "/@scope/a?k=…"), ("https://h/a?k=v&l", "https://h/a?k=…&…"),
            ("https://h/a#k=v", "https://h/a"), ("https://h?k=v#x", "https://h/?k=…"), ("/a?k=v#x", "/a?k=…"),
            ("/a#x?k=v", "/a"), ("https://h/a?", "https://h/a?"), ("https://h/a?u=//x:y@z", "https://h/a?u=…"),
            ("ftp://h/a?k=v", "ftp://h/a?k=…"), ("?", "?"), ("ftp://h/a\n?k=v", "ftp://h/a?k=…"),
            ("http://h/\u{1B}[2Ja\u{9B}", "http://h/[2Ja"),
        ]
    )
    func urls(text: String, expected: String) {
        #expect(Redaction.url(text) == expected)
    }

    @Test(
        "hides the password of a text that is no URL",
        arguments: [
            "http://user:hunter2/x@h/a", "http://user:hunter2#x@h/a", "user:hunter2@h/a",
            "ftp://user:hunter2@h/a", "http://user:hunter2@bad host/a", "http://:hunter2//x@h/a", "hunter2//x@h/a",
            "http://hunter2@h/\na", "http:/user:hunter2@h/a",
        ]
    )
    func malformedURLs(text: String) {
        let printed = Redaction.url(text)
        #expect(!printed.contains("hunter2"))
        #expect(printed.hasSuffix("a"))
    }

    @Test(
        "hides every query value",
        arguments: [
            ("", ""), ("a=1", "a=…"), ("a=1&b=2", "a=…&b=…"), ("a=", "a=…"), ("=1", "=…"), ("a=1=2", "a=…"),
            ("token", "…"),
            ("a=1&&b=2", "a=…&&b=…"), ("a=1;b=2", "a=…"), ("a=\u{301}x", "a=…"), ("a=1&\u{301}=2", "a=…&\u{301}=…"),
        ]
    )
    func queries(query: String, expected: String) {
        #expect(Redaction.query(query) == expected)
    }

    @Test(
        "hides what may be a query's value or a password, where a text could mean either",
        arguments: [
            ("http://user:hunter2?x@h/a", "…@h"), ("file?mail=a@b&token=hunter2", "…@b"),
            ("//h/?http://a@b@c/=hunter2", "…@c"), ("ftp://h/x?a@b/hunter2", "…@b"),
            ("/x?mail=a@b&t=hunter2", "/x?mail=…&t=…"),
        ]
    )
    func ambiguous(text: String, expected: String) {
        #expect(Redaction.url(text) == expected)
    }
}
