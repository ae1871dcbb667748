// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopS3
import Testing

/// Requests and signatures of AWS's "Signature Version 4 Test Suite", for a service that is not S3. Those whose path
/// needs encoding are left out: the suite encodes such a path once, services do it twice.
@Suite struct SignatureSuiteTests {
    private static let sunday: Int64 = 1_440_938_160
    private static let access = "AKIDEXAMPLE"
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    private static let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
    private static let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    private func signer(_ token: String? = nil) -> RequestSigner {
        let credentials = S3Credentials(accessKey: Self.access, secretKey: Self.secret, sessionToken: token)
        return RequestSigner(credentials: credentials, region: "us-east-1", service: "service")
    }

    private func url(_ target: String) throws -> HTTPURL {
        try HTTPURL.parse("https://example.amazonaws.com" + target)
    }

    @Test(
        "A path and query are signed as in the suite",
        arguments: [
            ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET", "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
            (
                "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"
            ),
            ("GET", "/?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
            ("GET", "/?ሴ=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
            (
                "GET", "/?\(unreserved)=\(unreserved)",
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"
            ),
            ("GET", "/\(unreserved)", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
            ("GET", "/./", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("GET", "/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("GET", "//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
            ("GET", "/./example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        ]
    )
    func targets(method: String, target: String, expected: String) throws {
        let added = signer().sign(
            method: method,
            url: try url(target),
            fields: HeaderFields(),
            payload: .empty,
            seconds: Self.sunday
        )
        let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
        let front = "AWS4-HMAC-SHA256 Credential=\(scope), SignedHeaders=host;x-amz-date, Signature="
        #expect(added["Authorization"] == front + expected)
        #expect(added["x-amz-content-sha256"] == nil)
    }

    @Test(
        "Fields are sorted, joined and trimmed as in the suite",
        arguments: [
            (
                [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
            ),
            (
                [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
            ),
            (
                [
                    ("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"),
                    ("My-Header1", "value2"),
                ],
                "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"
            ),
        ] as [([(String, String)], String)]
    )
    func fields(fields: [(String, String)], expected: String) throws {
        let added = signer().sign(
            method: "GET",
            url: try url("/"),
            fields: HeaderFields(fields),
            payload: .empty,
            seconds: Self.sunday,
            signing: ["MY-HEADER1", "my-header2"]
        )
        #expect(added["Authorization"]?.hasSuffix("Signature=" + expected) == true)
    }

    @Test("A session token is signed as in the suite")
    func session() throws {
        let added = signer(Self.token).sign(
            method: "GET",
            url: try url("/"),
            fields: HeaderFields(),
            payload: .empty,
            seconds: Self.sunday
        )
        let expected = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
        #expect(added["Authorization"]?.hasSuffix("Signature=" + expected) == true)
        #expect(added["x-amz-security-token"] == Self.token)
        #expect(!added.description.contains(Self.token))
    }

    @Test(
        "A URL is signed as in the suite",
        arguments: [
            ("/", nil, "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"),
            ("/", token, "7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c"),
            (
                "/?Param2=value2&Param1=value1", nil,
                "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5"
            ),
            ("/?ሴ=bar", nil, "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600"),
        ] as [(String, String?, String)]
    )
    func urls(target: String, token: String?, expected: String) throws {
        let signed = try signer(token).presign(method: "GET", url: try url(target), life: 3_600, seconds: Self.sunday)
        #expect(signed.query?.hasSuffix("&X-Amz-Signature=" + expected) == true)
        #expect(signed.text.hasPrefix("https://example.amazonaws.com/?"))
    }
}
