// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("RedirectPolicy")
struct RedirectPolicyTests {
    private func follow(_ location: String, from: String, count: Int = 0) throws -> Result<HTTPURL, TransferFailure> {
        RedirectPolicy.follow(location, from: try HTTPURL.parse(from), count: count)
    }

    @Test(
        "resolves absolute and relative targets",
        arguments: [
            ("https://b.test/x", "https://b.test/x"), ("/x?y=1", "https://a.test/x?y=1"), ("c", "https://a.test/d/c"),
            ("//b.test/z", "https://b.test/z"),
        ]
    )
    func resolves(location: String, expected: String) throws {
        #expect(try follow(location, from: "https://a.test/d/f").get().text == expected)
    }

    @Test(
        "refuses a downgrade, an endless chain and targets that are not HTTP",
        arguments: [
            ("http://a.test/", 0), ("https://a.test/", 20), ("ftp://a.test/", 0), ("file:///etc/passwd", 0),
        ]
    )
    func refuses(location: String, count: Int) throws {
        let result = try follow(location, from: "https://a.test/d/f", count: count)
        guard case .failure(let failure) = result else {
            Issue.record("followed")
            return
        }
        #expect(failure.code == .redirectRefused)
    }
}
