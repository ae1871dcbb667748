// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct InstanceDigestTests {
    /// Digests of no bytes at all.
    static let sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    static let sha1 = "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    static let md5 = "1B2M2Y8AsgTpgAmY7PhCfg=="
    static let names = [
        "sha-256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha-1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "md5:d41d8cd98f00b204e9800998ecf8427e",
    ]

    static func read(_ fields: [(String, String)]) -> [String] {
        InstanceDigest.parse(HeaderFields(fields)).map(\.description)
    }

    @Test("reads Digest in one field or several, strongest first")
    func legacy() {
        #expect(Self.read([("Digest", "MD5=\(Self.md5), SHA=\(Self.sha1),SHA-256=\(Self.sha256)")]) == Self.names)
        let several = [
            ("digest", "md5=\(Self.md5)"), ("Digest", "sha-256=\(Self.sha256)"), ("Digest", "sha=\(Self.sha1)"),
        ]
        #expect(Self.read(several) == Self.names)
    }

    @Test("reads Repr-Digest, with parameters and in several fields")
    func structured() {
        let fields = [
            ("Repr-Digest", "sha-256=:\(Self.sha256):;a=1, sha=:\(Self.sha1):"),
            ("repr-digest", "md5=:\(Self.md5): "),
        ]
        #expect(Self.read(fields) == Self.names)
    }

    @Test("takes Repr-Digest where the fields differ, the last of it and the first of Digest")
    func precedence() {
        let other = "AAAAAAAAAAAAAAAAAAAAAA=="
        #expect(Self.read([("Digest", "md5=\(other)"), ("Repr-Digest", "md5=:\(Self.md5):")]) == [Self.names[2]])
        #expect(Self.read([("Repr-Digest", "md5=:\(other):, md5=:\(Self.md5):")]) == [Self.names[2]])
        #expect(Self.read([("Digest", "md5=\(Self.md5), md5=\(other)")]) == [Self.names[2]])
    }

    @Test(
        "ignores other fields, unknown algorithms and malformed values",
        arguments: [
            ("Content-Digest", "md5=:\(md5):"), ("Content-MD5", md5), ("Want-Digest", "md5"),
            ("Digest", ""), ("Digest", ","), ("Digest", "md5"), ("Digest", "=\(md5)"), ("Digest", "md5="),
            ("Digest", "crc32c=AAAAAA=="), ("Digest", "UNIXsum=30637"), ("Digest", "id-sha-256=\(sha256)"),
            ("Digest", "md5=:\(md5):"), ("Digest", "md5=d41d8cd98f00b204e9800998ecf8427e"),
            ("Digest", "sha-256=\(md5)"),
            ("Repr-Digest", "md5=\(md5)"), ("Repr-Digest", "md5=:\(md5)"), ("Repr-Digest", "md5=:\(md5):x"),
            ("Repr-Digest", "md5=?1"), ("Repr-Digest", "md5;a=:\(md5):"),
        ]
    )
    func ignored(name: String, value: String) {
        #expect(Self.read([(name, value)]).isEmpty)
    }

    @Test(
        "decodes base64 strictly",
        arguments: [
            "1B2M2Y8AsgTpgAmY7PhCfg", "1B2M2Y8AsgTpgAmY7PhCfg=", "1B2M2Y8AsgTpgAmY7PhCfg===",
            "1B2M2Y8AsgTpgAmY7PhCfh==", "1B2M2Y8AsgTpgAmY7PhC=g==", "1B2M2Y8AsgTpgAmY7PhC fg==",
            "1B2M2Y8AsgTpgAmY7PhCf-==", "1B2M2Y8AsgTpgAmY7PhCfg==\u{0}\u{0}\u{0}\u{0}", "====",
            "é2M2Y8AsgTpgAmY7PhCfg==",
        ]
    )
    func base64(text: String) {
        #expect(Self.read([("Digest", "md5=\(text)")]).isEmpty)
    }

    @Test("decodes every byte value")
    func everyByte() throws {
        let bytes = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bits = bytes.map { String(String(Int($0) + 256, radix: 2).dropFirst()) }.joined() + "0000"
        let sextets = stride(from: 0, to: bits.count, by: 6).map { String(bits.dropFirst($0).prefix(6)) }
        let text = String(try sextets.map { digits[try #require(Int($0, radix: 2))] }) + "=="
        let digest = try #require(InstanceDigest.parse(HeaderFields([("Digest", "sha-512=\(text)")])).first)
        #expect(digest.bytes == bytes)
    }
}
