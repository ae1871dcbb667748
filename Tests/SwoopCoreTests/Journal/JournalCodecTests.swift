// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Journal lines")
struct JournalCodecTests {
    @Test("are text that a person can read")
    func text() {
        let identity = JournalIdentity(
            url: "https://example.org/a b",
            queryFingerprint: 255,
            length: 10,
            entityTag: "\"x%y\"",
            lastModified: "Sun, 06 Nov 1994",
            lastModifiedIsStrong: true
        )
        let line = String(decoding: JournalCodec.encode(.identity(identity)), as: UTF8.self)
        let expected =
            "swoop-journal/1 length=10 query=ff url=https://example.org/a%20b etag=\"x%25y\" "
            + "modified=Sun,%2006%20Nov%201994 strong\n"
        #expect(line.dropFirst(9) == expected)
        let claim = JournalCodec.encode(.durable([ByteRange(0, 5), ByteRange(7, 9)]))
        #expect(String(decoding: claim.dropFirst(9), as: UTF8.self) == "durable 0-5 7-9\n")
    }

    @Test("start with the CRC-32C of what follows")
    func checksum() {
        // Made with another implementation of RFC 3720's check.
        #expect(JournalCodec.encode(.boot("x")).elementsEqual("\(Self.crcOfBootX) boot x\n".utf8))
    }

    private static let crcOfBootX = "99ee96de"

    @Test(
        "hold any text and give it back",
        arguments: ["", " ", "%", "%41", "a=b", "\n\r\0", "é\u{301}", "🦅", "\u{7F}~!", "a\nboot b"]
    )
    func anyText(text: String) throws {
        let identity = JournalIdentity(
            url: text,
            queryFingerprint: .max,
            length: .max,
            entityTag: text,
            lastModified: text
        )
        let lines = JournalCodec.encode(.identity(identity)) + JournalCodec.encode(.boot(text))
        #expect(lines.count { $0 == 10 } == 2)
        #expect(lines.allSatisfy { $0 < 0x7F })
        let replay = try #require(JournalReading.replay(lines, boot: text, partialLength: .max))
        #expect(replay.identity == identity)
    }

    @Test("tell an absent validator from an empty one")
    func absentValidators() throws {
        let identity = JournalIdentity(url: "u", queryFingerprint: 0, length: 0)
        let lines = JournalCodec.encode(.identity(identity))
        let replay = try #require(JournalReading.replay(lines, boot: "b", partialLength: 0))
        #expect(replay.identity.entityTag == nil)
        #expect(replay.identity.lastModified == nil)
        #expect(!replay.identity.lastModifiedIsStrong)
    }
}
