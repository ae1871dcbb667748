// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Certificate validity")
struct CertificateValidityTests {
    @Test(
        "says when a certificate is of no use",
        arguments: [
            (99, "not valid before Thu, 01 Jan 1970 00:01:40 GMT"), (100, nil), (200, nil),
            (201, "expired on Thu, 01 Jan 1970 00:03:20 GMT"),
        ] as [(Int64, String?)]
    )
    func complaints(now: Int64, words: String?) {
        let complaint = CertificateValidity(first: 100, last: 200).complaint(at: now)
        #expect((complaint == nil) == (words == nil))
        if let words { #expect(complaint?.contains(words) == true, "\(complaint ?? "")") }
    }
}
