// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct DigestAlgorithmTests {
    @Test(
        "reads names in any case, with or without hyphen",
        arguments: [
            ("sha256", .sha256), ("SHA-256", .sha256), ("Sha512", .sha512), ("sha-512", .sha512), ("SHA1", .sha1),
            ("sha-1", .sha1), ("md5", .md5), ("MD5", .md5),
        ] as [(String, DigestAlgorithm)]
    )
    func names(name: String, expected: DigestAlgorithm) {
        #expect(DigestAlgorithm.parse(name) == expected)
    }

    @Test(
        "refuses other names",
        arguments: [
            "", " ", "sha", "sha-", "sha--256", "sha_256", "s-ha256", "sha-384", "md-5", "crc32", " md5", "ſha256",
        ]
    )
    func otherNames(name: String) {
        #expect(DigestAlgorithm.parse(name) == nil)
    }

    @Test("reads its own raw value", arguments: DigestAlgorithm.allCases)
    func rawValue(algorithm: DigestAlgorithm) {
        #expect(DigestAlgorithm.parse(algorithm.rawValue) == algorithm)
    }

    @Test("knows its length")
    func lengths() {
        #expect(DigestAlgorithm.allCases.map(\.byteCount) == [32, 64, 20, 16])
    }
}
