// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Digests that a response states")
struct StatedFieldsTests {
    /// Of no bytes at all.
    private static let sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    private static let sha1 = "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    private static let md5 = "1B2M2Y8AsgTpgAmY7PhCfg=="

    private func names(_ fields: [(String, String)], status: Int = 206) -> [String] {
        InstanceDigest.stated(by: ResponseHead(status: status, fields: HeaderFields(fields))).map(\.algorithm.rawValue)
    }

    @Test(
        "reads what origins state, in each of their ways",
        arguments: [
            ("Repr-Digest", "sha-256=:\(sha256):", ["sha-256"]),
            ("Repr-Digest", "md5=:\(md5):, unixsum=:MDEy:, sha-256=:\(sha256):;a=1", ["sha-256", "md5"]),
            ("Digest", "SHA-256=\(sha256)", ["sha-256"]),
            ("Digest", "MD5=\(md5), SHA=\(sha1),SHA-256=\(sha256)", ["sha-256", "sha-1", "md5"]),
            ("x-amz-checksum-sha256", sha256, ["sha-256"]),
            ("x-amz-checksum-sha1", sha1, ["sha-1"]),
            ("x-goog-hash", "crc32c=AAAAAA==,md5=\(md5)", ["md5"]),
        ]
    )
    func reads(name: String, value: String, algorithms: [String]) {
        #expect(names([(name, value)]) == algorithms)
    }

    @Test(
        "what cannot be read counts for nothing",
        arguments: [
            ("Repr-Digest", "sha-256=\(sha256)"), ("Repr-Digest", "sha-256=:AAAA:"), ("Repr-Digest", ":"),
            ("Repr-Digest", "sha-256=(:AAAA:)"), ("Repr-Digest", "sha-256"), ("Digest", "SHA-256"), ("Digest", "=,=,"),
            ("x-amz-checksum-sha256", "\(sha256)-3"), ("x-amz-checksum-sha256", ""), ("x-goog-hash", "md5=!"),
        ]
    )
    func ignores(name: String, value: String) {
        #expect(names([(name, value)]) == [])
    }

    @Test("a composite digest, one of coded bytes or of an error page is none of the file")
    func irrelevant() {
        let field = ("x-amz-checksum-sha256", Self.sha256)
        #expect(names([field, ("x-amz-checksum-type", "COMPOSITE")]) == [])
        #expect(names([field, ("x-amz-checksum-type", "FULL_OBJECT")]) == ["sha-256"])
        #expect(names([field, ("Content-Encoding", "gzip")]) == [])
        #expect(names([field], status: 404) == [])
    }

    @Test("Content-MD5 speaks of a whole file only where the whole file comes")
    func contentMD5() {
        #expect(names([("Content-MD5", Self.md5)], status: 200) == ["md5"])
        #expect(names([("Content-MD5", Self.md5)], status: 206) == [])
    }
}
