// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct DigestTests {
    private static let empty256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let emptyMD5 = "d41d8cd98f00b204e9800998ecf8427e"

    @Test(
        "reads ALGORITHM:HEX and ALGORITHM=HEX",
        arguments: [
            ("sha-256:\(empty256)", "sha-256:\(empty256)"),
            ("SHA256=\(empty256.uppercased())", "sha-256:\(empty256)"),
            ("md5:\(emptyMD5)", "md5:\(emptyMD5)"),
            ("sha1:\(empty256.prefix(40))", "sha-1:\(empty256.prefix(40))"),
            ("sha-512=\(empty256)\(empty256)", "sha-512:\(empty256)\(empty256)"),
        ] as [(String, String)]
    )
    func reads(text: String, expected: String) throws {
        let digest = try #require(Digest.parse(text))
        #expect(digest.description == expected)
        #expect(digest.bytes.count == digest.algorithm.byteCount)
        #expect(Digest.parse(digest.description) == digest)
    }

    @Test(
        "refuses unknown algorithms, other lengths and other characters",
        arguments: [
            "", ":", "=", "sha-256", "sha-256:", "sha-256:00", emptyMD5, "md4:\(emptyMD5)", ":\(emptyMD5)",
            "md5:\(empty256)", "md5::\(emptyMD5)", "md5: \(emptyMD5)", " md5:\(emptyMD5)", "md5:\(emptyMD5)0",
            "md5:\(emptyMD5.dropLast())", "md5:\(emptyMD5.dropLast())g", "md5:\(emptyMD5)\n",
            "md5:0x\(emptyMD5.dropFirst(2))",
            "md5:\(emptyMD5.dropLast())é", "sha-256:éééééééééééééééééééééééééééééééé",
        ] as [String]
    )
    func refuses(text: String) {
        #expect(Digest.parse(text) == nil)
    }

    @Test("checks the number of bytes", arguments: DigestAlgorithm.allCases)
    func byteCount(algorithm: DigestAlgorithm) throws {
        let bytes = [UInt8](repeating: 0xA0, count: algorithm.byteCount)
        let digest = try #require(Digest(algorithm: algorithm, bytes: bytes))
        #expect(digest.hex == String(repeating: "a0", count: algorithm.byteCount))
        #expect(Digest(algorithm: algorithm, hex: digest.hex) == digest)
        #expect(Digest(algorithm: algorithm, bytes: bytes + [0]) == nil)
        #expect(Digest(algorithm: algorithm, bytes: bytes.dropLast()) == nil)
        #expect(Digest(algorithm: algorithm, bytes: []) == nil)
    }

    @Test("keeps the order of bytes and digits")
    func order() {
        let digest = Digest(algorithm: .md5, hex: "000102030405060708090a0b0c0dfeff")
        #expect(digest?.bytes == Array(0...13) + [254, 255])
        #expect(digest?.hex == "000102030405060708090a0b0c0dfeff")
    }

    @Test("differs by algorithm and by bytes")
    func equality() {
        #expect(Digest.parse("md5:" + Self.emptyMD5) == Digest.parse("MD5=" + Self.emptyMD5.uppercased()))
        #expect(Digest.parse("md5:" + Self.emptyMD5) != Digest.parse("md5:" + String(Self.emptyMD5.reversed())))
    }
}
