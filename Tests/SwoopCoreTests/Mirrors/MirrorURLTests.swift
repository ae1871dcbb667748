// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct MirrorURLTests {
    @Test(
        "a priority out of bounds counts as the lowest",
        arguments: [(1, 1), (999_999, 999_999), (0, 999_999), (-1, 999_999), (1_000_000, 999_999), (Int.max, 999_999)]
    )
    func priorities(given: Int, expected: Int) throws {
        #expect(MirrorURL(url: try HTTPURL.parse("http://a/"), priority: given).priority == expected)
    }

    @Test(
        "a location is a country code or none",
        arguments: [("de", "de"), ("DE", "de"), ("", nil), ("deu", nil), ("d1", nil), ("ü", nil)] as [(String, String?)]
    )
    func locations(given: String, expected: String?) throws {
        #expect(MirrorURL(url: try HTTPURL.parse("http://a/"), location: given).location == expected)
    }

    @Test(
        "plain http stands in for https only where a strong digest verifies it",
        arguments: [
            ("https://a/", "https://b/", [], true), ("http://a/", "http://b/", [], true),
            ("http://a/", "https://b/", [], true), ("https://a/", "http://b/", [], false),
            ("https://a/", "http://b/", [.md5, .sha1], false), ("https://a/", "http://b/", [.md5, .sha256], true),
            ("https://a/", "http://b/", [.sha512], true),
        ] as [(String, String, [DigestAlgorithm], Bool)]
    )
    func downgrade(source: String, mirror: String, digests: [DigestAlgorithm], expected: Bool) throws {
        let (source, mirror) = (try HTTPURL.parse(source), try HTTPURL.parse(mirror))
        #expect(MirrorURL.admits(mirror, for: source, verified: digests) == expected)
    }
}
