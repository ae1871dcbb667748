// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct LinkFieldTests {
    static func describe(_ links: [LinkField.Link]) -> [String] {
        links.map { link in
            "<\(link.target)>" + link.parameters.map { ";\($0.name)=\($0.value)" }.joined()
        }
    }

    @Test(
        "reads links and their parameters",
        arguments: [
            ("<http://a/>", ["<http://a/>"]),
            ("<http://a/>; rel=duplicate", ["<http://a/>;rel=duplicate"]),
            ("<http://a/>;rel=\"duplicate\";pri=1 ; geo = de", ["<http://a/>;rel=duplicate;pri=1;geo=de"]),
            ("<a>; REL=x; Pri=2", ["<a>;rel=x;pri=2"]),
            ("<a>; rel=x, <b>; rel=y", ["<a>;rel=x", "<b>;rel=y"]),
            ("<a>,<b>", ["<a>", "<b>"]),
            (" , <a> ,, <b> , ", ["<a>", "<b>"]),
            ("<a,b;c>; rel=x", ["<a,b;c>;rel=x"]),
            ("<a>; title=\"x, <b>; \\\"y\\\"\"; rel=z", ["<a>;title=x, <b>; \"y\";rel=z"]),
            ("<a>; pref; rel=x", ["<a>;pref=;rel=x"]),
            ("<a>;; rel=x;", ["<a>;rel=x"]),
            ("<a>; type=application/metalink4+xml; rel=x", ["<a>;type=application/metalink4+xml;rel=x"]),
            ("<a>; title*=UTF-8''%e2%82%ac", ["<a>;title*=UTF-8''%e2%82%ac"]),
            ("<>; rel=self", ["<>;rel=self"]),
            ("< a >", ["<a>"]),
        ]
    )
    func links(value: String, expected: [String]) {
        #expect(Self.describe(LinkField.parse([value])) == expected)
    }

    @Test(
        "keeps what came before a syntax error",
        arguments: [
            ("", []), ("a", []), ("<a", []), ("<", []), ("<a>; rel=x, b", ["<a>;rel=x"]), ("<a>, <b> c", ["<a>"]),
            ("<a>, <b>; =x", ["<a>"]), ("<a>, <b>; title=\"x", ["<a>"]), ("<a>, <b>; title=\"x\\", ["<a>"]),
            ("<a>, <b>; title=\"x\"y", ["<a>"]), ("<a>, <b>; 日=1", ["<a>"]),
        ]
    )
    func errors(value: String, expected: [String]) {
        #expect(Self.describe(LinkField.parse([value])) == expected)
    }

    @Test("reads every value, whatever the one before was")
    func values() {
        #expect(Self.describe(LinkField.parse(["<a>", "b", "<c>, <d>"])) == ["<a>", "<c>", "<d>"])
    }

    @Test(
        "knows several relations, and only the first rel",
        arguments: [
            ("<a>; rel=\"x  Y\tz\"", ["x", "y", "z"]), ("<a>; rel=x; rel=y", ["x"]), ("<a>", []), ("<a>; rel=\"\"", []),
            ("<a>; rel=\"http://example.org/Rel\"", ["http://example.org/rel"]),
        ]
    )
    func relations(value: String, expected: [String]) throws {
        #expect(try #require(LinkField.parse([value]).first).relations == expected)
    }

    @Test("reads at most 1,000 links")
    func bound() {
        let many = String(repeating: "<a>,", count: 5_000)
        #expect(LinkField.parse([many, many]).count == LinkField.maximumLinks)
    }

    @Test("no part of a value and no value with a byte changed traps")
    func hostile() {
        let value = "<http://a/?b=c>; rel=\"duplicate x\"; pri=1; geo=de, </d>; title=\"\\\"\"; type=a/b, <e>"
        let bytes = Array(value.utf8)
        for end in bytes.indices { _ = LinkField.parse([String(decoding: bytes[..<end], as: UTF8.self)]) }
        var random = SplitMix64(seed: 1)
        for _ in 0..<2_000 {
            var changed = bytes
            changed[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            let links = LinkField.parse([String(decoding: changed, as: UTF8.self)])
            #expect(links.count <= 4)
        }
    }
}
