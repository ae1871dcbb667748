// SPDX-License-Identifier: Apache-2.0

import SwoopS3
import Testing

@Suite struct S3CredentialsTests {
    private let credentials = S3Credentials(accessKey: "AKIDEXAMPLE", secretKey: "hush", sessionToken: "pass")

    @Test("No way of printing credentials or a signing key shows a secret")
    func printing() {
        let key = SigningKey(credentials: credentials, seconds: 0, region: "us-east-1", service: "s3")
        var dumped = ""
        dump([credentials], to: &dumped)
        dump(key, to: &dumped)
        let texts = [
            "\(credentials)", String(reflecting: credentials), "\([credentials])", dumped,
            "\(key)", String(reflecting: key),
        ]
        for text in texts {
            #expect(!text.contains("hush") && !text.contains("pass"))
        }
        #expect(texts[0] == "credentials of AKIDEXAMPLE")
        #expect(texts[4] == "signing key of AKIDEXAMPLE/19700101/us-east-1/s3/aws4_request")
    }

    @Test(
        "Credentials have expired from the margin before their end on",
        arguments: [
            (nil, 0, 0, false), (nil, .max, .max, false), (100, 99, 0, false), (100, 100, 0, true),
            (100, 39, 60, false), (100, 40, 60, true), (100, .max, 1, true), (100, .min, -1, false),
            (.max, .max, 0, true), (.min, .min, 0, true),
        ] as [(Int64?, Int64, Int64, Bool)]
    )
    func expiry(expiresAt: Int64?, now: Int64, margin: Int64, expected: Bool) {
        let credentials = S3Credentials(accessKey: "a", secretKey: "b", expiresAt: expiresAt)
        #expect(credentials.isExpired(at: now, margin: margin) == expected)
    }
}
