// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("OriginMemory")
struct OriginMemoryTests {
    private static let now: Int64 = 1_760_000_000

    private static func origin(_ text: String) throws -> Origin { try HTTPURL.parse(text).origin }

    @Test("survives a round trip through its text")
    func roundTrip() throws {
        let memories = [
            try Self.origin("https://example.org/"): OriginMemory(
                connections: 6,
                unitRate: 2_097_152,
                seconds: Self.now
            ),
            try Self.origin("http://mirror.example:8080/"):
                OriginMemory(connections: 4, unitRate: 0, ceiling: 4, ignoresIfRange: true, seconds: Self.now - 100),
            try Self.origin("http://[::1]:81/"): OriginMemory(connections: 32, unitRate: 1, seconds: Self.now - 5),
        ]
        let text = OriginMemoryText.format(memories)
        #expect(text.hasPrefix("https://example.org 6 2097152 - yes 1760000000\n"))
        #expect(OriginMemoryText.parse(text, nowSeconds: Self.now) == memories)
    }

    @Test(
        "skips lines that it did not write",
        arguments: [
            "", "#", "https://example.org", "https://example.org 6 1 - 1760000000",
            "https://example.org 6 1 - maybe 1760000000", "https://example.org 6 1 -",
            "https://example.org 6 1 - yes 1760000000 x",
            "https://example.org 0 1 - yes 1760000000", "https://example.org 6 -1 - yes 1760000000",
            "https://example.org 6 1 0 yes 1760000000", "https://example.org 6 1 + yes 1760000000",
            "https://example.org  6 1 - yes 1760000000", "https://example.org/ 6 1 - yes 1760000000",
            "HTTPS://EXAMPLE.org 6 1 - yes 1760000000", "https://example.org:443 6 1 - yes 1760000000",
            "ftp://example.org 6 1 - yes 1760000000", "https://example.org 6 1 - yes 99999999999999999999",
            "https://example.org 2000 1 - yes 1760000000", "https://example.org 6 1e6 - yes 1760000000",
            "https://example.org 6 1 - yes 1759913600", "https://example.org 6 1 - yes 1760003601",
            "https://example.org 6 1 - yes 9223372036854775807", "https://example.org +6 1 - yes 1760000000",
        ]
    )
    func skips(line: String) throws {
        let good = "http://good.example 2 3 - yes 1759999999\n"
        let parsed = OriginMemoryText.parse("\(line)\n\(good)\(line)", nowSeconds: Self.now)
        #expect(
            parsed == [
                try Self.origin("http://good.example"): OriginMemory(
                    connections: 2,
                    unitRate: 3,
                    seconds: 1_759_999_999
                )
            ]
        )
    }

    @Test("of several lines about an origin the newest counts")
    func newest() throws {
        let text = """
            http://a.example 2 3 - yes 1759999990
            http://a.example 5 3 - yes 1759999999
            http://a.example 9 3 - yes 1759999995

            """
        #expect(
            OriginMemoryText.parse(text, nowSeconds: Self.now)[try Self.origin("http://a.example")]?.connections == 5
        )
    }

    @Test("keeps the newest thousand origins")
    func bounded() throws {
        var memories: [Origin: OriginMemory] = [:]
        for index in 0..<1_200 {
            memories[try Self.origin("http://h\(index).example")] =
                OriginMemory(connections: 1, unitRate: 1, seconds: Self.now - Int64(index))
        }
        let text = OriginMemoryText.format(memories)
        let parsed = OriginMemoryText.parse(text, nowSeconds: Self.now)
        #expect(parsed.count == 1_000)
        #expect(parsed[try Self.origin("http://h0.example")] != nil)
        #expect(parsed[try Self.origin("http://h1100.example")] == nil)
    }

    @Test("reads any text without harm", arguments: 0..<50 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("https://a.b 0123456789-:[]\n\r\0\u{e9}%".unicodeScalars)
        var text = ""
        for _ in 0..<400 { text.unicodeScalars.append(alphabet[Int(random.next() % UInt64(alphabet.count))]) }
        for memory in OriginMemoryText.parse(text, nowSeconds: Self.now).values {
            #expect(memory.connections >= 1 && memory.unitRate.isFinite)
        }
    }
}
