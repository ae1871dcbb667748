// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct MetalinkTests {
    static func parse(_ document: String) throws -> Metalink {
        try Metalink.parse(Array(document.utf8))
    }

    static func file(_ document: String) throws -> Metalink.File {
        try #require(try parse(document).files.first)
    }

    static func describe(_ urls: [MirrorURL]) -> [String] {
        urls.map { "\($0.priority) \($0.url.text) \($0.location ?? "-")" }
    }

    @Test("reads a complete document of version 4")
    func complete() throws {
        let metalink = try Self.parse(MetalinkDocuments.complete)
        try #require(metalink.files.count == 2)
        let file = metalink.files[0]
        #expect(file.name == "disk.img")
        #expect(file.size == 2500)
        #expect(
            file.digests.map(\.description) == ["sha-256:\(MetalinkDocuments.sha256)", "md5:\(MetalinkDocuments.md5)"]
        )
        #expect(file.pieces?.algorithm == .sha256)
        #expect(file.pieces?.length == 2000)
        #expect(file.pieces?.digests.map(\.hex) == [MetalinkDocuments.sha256, MetalinkDocuments.sha256])
        #expect(
            Self.describe(file.urls) == [
                "1 https://de.example.org/disk.img de", "20 http://nz.example.org/disk.img?a=1&b=2 nz",
                "999999 http://any.example.org/disk.img -",
            ]
        )
    }

    @Test("keeps the last component of a name")
    func subdirectory() throws {
        let file = try Self.parse(MetalinkDocuments.complete).files[1]
        #expect(file.name == "notes.txt")
        #expect(file.size == nil)
        #expect(file.digests.isEmpty)
        #expect(file.pieces == nil)
    }

    @Test("reads a mirror list of version 3, and not the older file that it mentions")
    func mirrorList() throws {
        let file = try Self.file(MetalinkDocuments.mirrorList)
        #expect(file.name == "repomd.xml")
        #expect(file.size == 2500)
        #expect(
            file.digests.map(\.description) == ["sha-512:\(MetalinkDocuments.sha512)", "md5:\(MetalinkDocuments.md5)"]
        )
        #expect(file.pieces?.digests.count == 3)
        #expect(
            Self.describe(file.urls) == [
                "1 http://us.example.org/repomd.xml us", "2 https://se.example.org/repomd.xml se",
                "999999 http://any.example.org/repomd.xml -",
            ]
        )
    }

    @Test("goes by the namespace and not by the prefix")
    func prefixes() throws {
        let file = try Self.file(
            "<m:metalink xmlns:m='urn:ietf:params:xml:ns:metalink' xmlns='urn:other'><m:file name='f'>"
                + "<m:url>http://a/f</m:url><url>http://b/f</url></m:file></m:metalink>"
        )
        #expect(file.urls.map(\.url.text) == ["http://a/f"])
    }

    @Test(
        "makes names safe",
        arguments: [
            ("f", "f"), ("a/b/f.iso", "f.iso"), ("a\\f", "f"), ("-rf", "_rf"), (".bashrc", "bashrc"), ("con", "_con"),
            ("a/ f ", "f"), ("x.part.journal", "x.part_journal"), ("C:f", "C:f"), ("a..b", "a..b"), ("~/f", "f"),
            ("&#x202E;f", "f"), ("a/...f", "f"),
        ]
    )
    func names(raw: String, expected: String) throws {
        #expect(try Self.file(MetalinkDocuments.file("", name: raw)).name == expected)
    }

    @Test(
        "takes sizes up to 2^63 - 1",
        arguments: [("0", 0), (" 7 ", 7), ("\n9223372036854775807\n", Int64.max), ("007", 7), ("<!-- x -->1<y/>2", 12)]
    )
    func sizes(text: String, expected: Int64) throws {
        #expect(try Self.file(MetalinkDocuments.file("<size>\(text)</size>")).size == expected)
    }

    @Test(
        "takes priorities in bounds, all others as the lowest",
        arguments: [
            ("1", 1), (" 5 ", 5), ("999999", 999_999), ("0", 999_999), ("-1", 999_999), ("x", 999_999),
            ("99999999999999999999", 999_999), ("", 999_999),
        ]
    )
    func priorities(text: String, expected: Int) throws {
        let file = try Self.file(MetalinkDocuments.file("<url priority='\(text)'>http://a/</url>"))
        #expect(file.urls.map(\.priority) == [expected])
    }

    @Test(
        "turns the preference of version 3 around",
        arguments: [("100", 1), ("0", 101), ("50", 51), ("1000", 1), ("-1", 999_999), ("", 999_999)]
    )
    func preferences(text: String, expected: Int) throws {
        let document = MetalinkDocuments.three("<resources><url preference='\(text)'>http://a/</url></resources>")
        #expect(try Self.file(document).urls.map(\.priority) == [expected])
    }

    @Test(
        "drops URLs that are not plain http or https, or that bring credentials",
        arguments: [
            "", "f", "/f", "//a/f", "ftp://a/f", "file:///etc/passwd", "magnet:?xt=urn:x", "http://", "http://a b/",
            "http://user:secret@a/f", "https://user@a/f", "javascript:x", "http://a/\u{9}b", "http://a:0/",
            "http://ü x/",
        ]
    )
    func badURLs(text: String) throws {
        #expect(try Self.file(MetalinkDocuments.file("<url>\(text)</url>")).urls.isEmpty)
    }

    @Test("skips a URL that is too long to be one")
    func longURL() throws {
        let long = "http://a/" + String(repeating: "x", count: 8184)
        let file = try Self.file(MetalinkDocuments.file("<url>\(long)</url><url>http://a/f</url>"))
        #expect(file.urls.map(\.url.text) == ["http://a/f"])
    }

    @Test("keeps 1,000 URLs of a file")
    func manyURLs() throws {
        let urls = (0..<1_200).map { "<url>http://a/\($0)</url>" }.joined()
        #expect(try Self.file(MetalinkDocuments.file(urls)).urls.count == 1_000)
    }

    @Test("says nothing of an empty list of pieces, or of pieces of an unknown algorithm")
    func emptyPieces() throws {
        let pieces = "<pieces length='10' type='sha-1'></pieces><pieces length='x' type='tiger'><hash>0</hash></pieces>"
        #expect(try Self.file(MetalinkDocuments.file("<size>25</size>" + pieces)).pieces == nil)
    }

    @Test("of pieces of equal strength takes the first, whatever the order of strengths")
    func bestPieces() throws {
        func pieces(_ type: String, _ digest: String, _ length: Int) -> String {
            "<pieces type='\(type)' length='\(length)'><hash>\(digest)</hash></pieces>"
        }
        let (sha1, sha256) = (MetalinkDocuments.sha1, MetalinkDocuments.sha256)
        let document = MetalinkDocuments.file(
            pieces("sha-1", sha1, 10) + pieces("sha-256", sha256, 20) + pieces("sha-256", sha256, 30)
                + pieces("md5", MetalinkDocuments.md5, 40)
        )
        let best = try #require(try Self.file(document).pieces)
        #expect(best.algorithm == .sha256)
        #expect(best.length == 20)
    }
}
