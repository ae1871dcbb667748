// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopS3

@Suite("Where credentials are looked for")
struct CredentialPlanTests {
    private let files = SharedConfiguration(
        config: """
            \u{FEFF}# a remark
            [default]
            region = eu-west-1
            [profile work]
            region=eu-north-1 # ours
            endpoint_url = http://store.example
            s3 =
              addressing_style = path
              endpoint_url = http://s3.example
            [profile role]\r
            role_arn = arn:aws:iam::1:role/r\r
            [profile program]
            credential_process = /bin/give "my keys" --now
            [work]
            region = ignored
            """,
        credentials: """
            [default]
            aws_access_key_id = DEFAULT
            aws_secret_access_key = ds
            [work]
            AWS_ACCESS_KEY_ID = WORK
            aws_secret_access_key = ws=/+
            aws_session_token = wt
            """
    )

    private func plan(
        _ environment: [String: String] = [:],
        profile: String? = nil,
        isAnonymous: Bool = false
    ) throws -> CredentialPlan {
        try CredentialPlan(environment: environment, configuration: files, profile: profile, isAnonymous: isAnonymous)
    }

    private static let keys = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "es"]

    @Test("The environment goes before the files, unless a profile is named")
    func order() throws {
        let environment = S3Credentials(accessKey: "ENV", secretKey: "es")
        #expect(try plan(Self.keys).steps.first == .given(environment))
        #expect(try plan().steps.first == .given(S3Credentials(accessKey: "DEFAULT", secretKey: "ds")))
        let work = S3Credentials(accessKey: "WORK", secretKey: "ws=/+", sessionToken: "wt")
        #expect(try plan(Self.keys, profile: "work").steps.first == .given(work))
        #expect(try plan(["AWS_PROFILE": "work"]).steps.first == .given(work))
    }

    @Test("Region and endpoint come from the environment, then from the profile")
    func places() throws {
        #expect(try plan().region == "eu-west-1")
        #expect(try plan(profile: "work").region == "eu-north-1")
        #expect(try plan(profile: "work").endpoint == "http://s3.example")
        #expect(try plan(["AWS_DEFAULT_REGION": "a", "AWS_REGION": "b"]).region == "b")
        #expect(try plan(["AWS_ENDPOINT_URL": "http://e", "AWS_ENDPOINT_URL_S3": ""]).endpoint == "http://e")
    }

    @Test("A program's command line is cut into words")
    func program() throws {
        #expect(try plan(profile: "program").steps.first == .process(["/bin/give", "my keys", "--now"]))
    }

    @Test("Without a signature nobody is asked")
    func anonymous() throws {
        #expect(try plan(Self.keys, isAnonymous: true).steps == [.anonymous])
    }

    @Test("A profile that is not there is an error, and so is one that needs a role")
    func problems() {
        #expect(throws: CredentialPlan.Problem.self) { try plan(profile: "nobody") }
        #expect(throws: CredentialPlan.Problem.self) { try plan(profile: "role") }
    }

    @Test(
        "A container's service is asked with a token only over TLS or on the machine's own addresses",
        arguments: [
            ("http://169.254.170.23/x", true), ("https://example.org/x", true), ("http://example.org/x", false),
            ("http://localhost:1/x", true), ("nonsense", false),
        ]
    )
    func container(url: String, isAsked: Bool) throws {
        let steps = try plan(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"])
            .steps
        #expect(steps.contains(.container(url: url, tokenFile: nil, token: "t")) == isAsked)
    }

    @Test("The machine is asked last, unless it is forbidden")
    func machine() throws {
        #expect(try plan().steps.last == .instanceMetadata)
        #expect(try !plan(["AWS_EC2_METADATA_DISABLED": "True"]).steps.contains(.instanceMetadata))
    }

    @Test("Credentials are read as programs and machines write them")
    func json() {
        let text =
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-12-01T06:30:00Z"}"#
        let credentials = S3Credentials(json: text)
        #expect(
            credentials == S3Credentials(accessKey: "A", secretKey: "s", sessionToken: "t", expiresAt: 1_796_106_600)
        )
        #expect(S3Credentials(json: "{}") == nil)
        #expect(S3Credentials(json: "") == nil)
    }

    @Test(
        "Dates are read with fractions and offsets; what is none is none",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-12-01T06:30:00.123Z", 1_796_106_600),
            ("2026-12-01T07:30:00+01:00", 1_796_106_600),
            ("2024-02-29T00:00:00Z", 1_709_164_800), ("2026-12-01", nil), ("2026-12-01T06:30:00", nil), ("", nil),
            ("2026-13-01T06:30:00Z", nil), ("abcd-ef-ghTij:kl:mnZ", nil),
        ] as [(String, Int64?)]
    )
    func dates(text: String, seconds: Int64?) {
        #expect(InternetDate.seconds(text) == seconds)
    }

    @Test(
        "Types go by the ending of the name",
        arguments: [
            ("a/b.JPG", "image/jpeg"), ("x.tar.gz", "application/gzip"), ("x", nil), ("x.", nil), ("", nil),
            ("x.unknown", nil),
        ] as [(String, String?)]
    )
    func types(name: String, type: String?) {
        #expect(ContentType.guess(name) == type)
    }
}
