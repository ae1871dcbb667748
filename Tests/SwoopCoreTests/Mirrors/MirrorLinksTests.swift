// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct MirrorLinksTests {
    static func read(_ values: [String], base: String = "https://origin.example/dir/file.iso") throws -> MirrorLinks {
        MirrorLinks.from(HeaderFields(values.map { ("Link", $0) }), base: try HTTPURL.parse(base))
    }

    @Test("reads mirrors and documents as mirror networks announce them")
    func announcement() throws {
        let links = try Self.read([
            "<http://get.example.org/f.meta4>; rel=describedby; type=\"application/metalink4+xml\"",
            "<http://get.example.org/f.torrent>; rel=describedby; type=\"application/x-bittorrent\"",
            "<http://get.example.org/f.asc>; rel=describedby; type=\"application/pgp-signature\"",
            "<http://far.example.net/f>; rel=duplicate; pri=2; geo=NZ, <ftp://ftp.example.net/f>; rel=duplicate",
            "<http://near.example.net/f>; rel=duplicate; pri=1; geo=de; depth=2; pref",
            "<http://any.example.net/f>; rel=duplicate",
        ])
        #expect(
            links.duplicates.map { "\($0.priority) \($0.url) \($0.location ?? "-")" } == [
                "1 http://near.example.net/f de", "2 http://far.example.net/f nz", "999999 http://any.example.net/f -",
            ]
        )
        #expect(links.describedBy.map(\.text) == ["http://get.example.org/f.meta4"])
    }

    @Test(
        "resolves references against the URL that answered, without its credentials",
        arguments: [
            ("<other>", "https://origin.example/dir/other"), ("</a/../b>", "https://origin.example/b"),
            ("<//m.example/f>", "https://m.example/f"), ("<?v=2>", "https://origin.example/dir/file.iso?v=2"),
            ("<https://u:p@m.example/f>", "https://m.example/f"),
        ]
    )
    func relative(target: String, expected: String) throws {
        let base = "https://user:secret@origin.example/dir/file.iso"
        let duplicate = try #require(try Self.read([target + "; rel=duplicate"], base: base).duplicates.first)
        #expect(duplicate.url.text == expected)
        #expect(duplicate.url.user == nil)
        #expect(duplicate.url.password == nil)
    }

    @Test(
        "ignores what is not about the representation, not http, or itself",
        arguments: [
            "<http://m/f>; rel=duplicate; anchor=\"/other\"", "<http://m/f>; rel=duplicated", "<http://m/f>",
            "<ftp://m/f>; rel=duplicate", "<magnet:?x>; rel=duplicate", "<http://>; rel=duplicate",
            "<>; rel=duplicate", "<#part>; rel=duplicate", "<https://origin.example/dir/file.iso>; rel=duplicate",
            "<file.iso>; rel=describedby; type=application/metalink4+xml", "<m>; rel=describedby",
            "<m>; rel=describedby; type=application/metalink+xml", "<m>; rel=alternate; type=application/metalink4+xml",
        ]
    )
    func ignored(value: String) throws {
        let links = try Self.read([value])
        #expect(links.duplicates.isEmpty)
        #expect(links.describedBy.isEmpty)
    }

    @Test(
        "bounds the priority",
        arguments: [
            ("1", 1), ("999999", 999_999), ("0", 999_999), ("-1", 999_999), ("x", 999_999), ("", 999_999),
            ("1000000", 999_999), ("99999999999999999999", 999_999),
        ]
    )
    func priority(text: String, expected: Int) throws {
        let links = try Self.read(["<http://m/f>; rel=duplicate; pri=\(text)"])
        #expect(links.duplicates.map(\.priority) == [expected])
    }

    @Test("keeps each URL once, with its best priority")
    func repeated() throws {
        let links = try Self.read([
            "<http://m/f>; rel=duplicate; pri=7, <http://n/f>; rel=duplicate; pri=5",
            "<http://m/f>; rel=duplicate; pri=3",
            "<d>; rel=describedby; type=\"Application/Metalink4+XML; charset=utf-8\"",
            "<d>; rel=\"x describedby\"; type=application/metalink4+xml",
        ])
        #expect(links.duplicates.map { "\($0.priority) \($0.url)" } == ["3 http://m/f", "5 http://n/f"])
        #expect(links.describedBy.map(\.text) == ["https://origin.example/dir/d"])
    }
}
