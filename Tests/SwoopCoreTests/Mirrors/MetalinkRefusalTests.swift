// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct MetalinkRefusalTests {
    static func failure(_ bytes: [UInt8]) -> MetalinkError? {
        do {
            _ = try Metalink.parse(bytes)
            return nil
        } catch { return error }
    }

    static func reason(_ document: String) -> MetalinkError.Reason? {
        failure(Array(document.utf8))?.reason
    }

    @Test(
        "refuses names that lead out of the target directory, and none at all",
        arguments: [
            "/etc/passwd", "../f", "a/../f", "a/..", "..", ".", "./f", "a/./f", "", "/", "a/", "\\\\host\\share\\f",
            "..\\f", "a\\..\\f", "C:\\..\\f", "&#x2e;&#x2e;/f", "..&#x2f;f", "...", " ", "&#x200F;", "\\f",
        ]
    )
    func unsafeNames(name: String) {
        #expect(Self.reason(MetalinkDocuments.file("<url>http://a/f</url>", name: name)) == .unsafeName)
    }

    @Test("refuses a file without a name")
    func noName() {
        #expect(Self.reason(MetalinkDocuments.four("<file/>")) == .unsafeName)
        #expect(Self.reason(MetalinkDocuments.four("<file x:name='f' xmlns:x='u'/>")) == .unsafeName)
    }

    @Test(
        "refuses sizes that are none, and two different ones",
        arguments: [
            "<size/>", "<size>-1</size>", "<size>+1</size>", "<size>1.5</size>", "<size>0x10</size>",
            "<size>1e3</size>",
            "<size>9223372036854775808</size>", "<size>99999999999999999999999999</size>", "<size>1 000</size>",
            "<size>\u{661}</size>", "<size>1</size><size>2</size>",
        ]
    )
    func badSizes(content: String) {
        #expect(Self.reason(MetalinkDocuments.file(content)) == .badSize)
    }

    @Test(
        "refuses a known digest that cannot be right rather than going on without it",
        arguments: [
            "<hash type='md5'/>", "<hash type='md5'>a1</hash>", "<hash type='sha-256'>\(MetalinkDocuments.md5)</hash>",
            "<hash type='md5'>\(MetalinkDocuments.md5)00</hash>",
            "<hash type='md5'>g\(MetalinkDocuments.md5.dropLast())</hash>",
            "<hash type='MD5'>\(MetalinkDocuments.md5)</hash>"
                + "<hash type='md5'>\(MetalinkDocuments.sha1.prefix(32))</hash>",
            "<pieces type='md5' length='1'><hash>a1</hash></pieces>",
        ]
    )
    func badDigests(content: String) {
        #expect(Self.reason(MetalinkDocuments.file(content)) == .badDigest)
    }

    @Test("takes the same digest twice")
    func sameDigest() {
        let hash = "<hash type='md5'>\(MetalinkDocuments.md5)</hash>"
        #expect(Self.reason(MetalinkDocuments.file(hash + hash)) == nil)
    }

    static func pieces(_ length: String, count: Int) -> String {
        let hash = "<hash>\(MetalinkDocuments.md5)</hash>"
        return "<pieces type='md5' length='\(length)'>" + String(repeating: hash, count: count) + "</pieces>"
    }

    @Test(
        "refuses pieces whose length or number cannot be right",
        arguments: [
            "<pieces type='md5'/>", pieces("0", count: 1), pieces("-1", count: 1), pieces("", count: 1),
            pieces("9223372036854775808", count: 1), "<size>25</size>" + pieces("10", count: 2),
            "<size>25</size>" + pieces("10", count: 4), pieces("10", count: 2) + "<size>25</size>",
            "<size>0</size>" + pieces("10", count: 1), "<size>1</size>" + pieces("9223372036854775807", count: 2),
            "<size>25</size>" + pieces("10", count: 3) + pieces("5", count: 3),
        ]
    )
    func badPieces(content: String) {
        #expect(Self.reason(MetalinkDocuments.file(content)) == .badPieces)
    }

    @Test(
        "refuses pieces of version 3 that are out of order",
        arguments: [["1", "0"], ["0", "2"], ["1", "2"], ["x", "1"]]
    )
    func piecesOutOfOrder(numbers: [String]) {
        let hashes = numbers.map { "<hash piece='\($0)'>\(MetalinkDocuments.md5)</hash>" }.joined()
        let pieces = "<verification><pieces type='md5' length='10'>\(hashes)</pieces></verification>"
        #expect(Self.reason(MetalinkDocuments.three(pieces)) == .badPieces)
    }

    @Test(
        "refuses other documents",
        arguments: [
            "<html/>", "<metalink/>", "<metalink xmlns='urn:other'><file name='f'/></metalink>",
            "<x xmlns='urn:ietf:params:xml:ns:metalink'/>", "<metalinks xmlns='http://www.metalinker.org/'/>",
        ]
    )
    func otherDocuments(document: String) {
        #expect(Self.reason(document) == .notMetalink)
    }

    @Test(
        "refuses documents without a file, those in other namespaces included",
        arguments: ["", "<x:file xmlns:x='u' name='f'/>", "<files><file name='f'/></files>", "<y><file name='f'/></y>"]
    )
    func noFile(content: String) {
        #expect(Self.reason(MetalinkDocuments.four(content)) == .noFile)
    }

    @Test("refuses more than 10,000 files and more than 16 MiB")
    func tooMuch() {
        let files = String(repeating: "<file name='f'/>", count: Metalink.maximumFiles)
        #expect(Self.reason(MetalinkDocuments.four(files)) == nil)
        #expect(Self.reason(MetalinkDocuments.four(files + "<file name='f'/>")) == .tooManyFiles)
        #expect(Self.failure([UInt8](repeating: 0x20, count: Metalink.maximumBytes + 1))?.reason == .tooLarge)
    }

    @Test("refuses values that are too long to mean anything")
    func tooLong() {
        let long = String(repeating: "0", count: 9_000)
        #expect(Self.reason(MetalinkDocuments.file("<size>\(long)</size>")) == .tooLong)
        #expect(Self.reason(MetalinkDocuments.file("<hash type='md5'>\(long)</hash>")) == .tooLong)
        let name = String(repeating: "n", count: 9_000)
        #expect(
            Self.reason(MetalinkDocuments.file("", name: name)) == .malformed(XMLError.Fault.tooLong.text)
        )
    }

    @Test("says what is wrong, where, and what to do, and quotes nothing of the document")
    func messages() throws {
        let error = try #require(Self.failure(Array("<metalink>\n<secret>\n</metalink>".utf8)))
        #expect(error.message == "this is not a metalink: give the URL of a .meta4 or .metalink file")
        let cut = MetalinkDocuments.four("\n<file name='f'>\n<size>secret</size></file>")
        #expect(
            Self.failure(Array(cut.utf8))?.message
                == "the metalink is faulty in line 3: a size is not a number of bytes, or is given twice: "
                + "ask its publisher for a new one"
        )
    }
}
