// SPDX-License-Identifier: Apache-2.0

import SwoopS3
import Testing

@Suite struct StoreProfileTests {
    @Test(
        "A host says whose it is and, for some, which region",
        arguments: [
            ("s3.us-west-2.amazonaws.com", "aws", "us-west-2"),
            ("S3.US-West-2.AmazonAWS.com", "aws", "us-west-2"),
            ("s3.amazonaws.com", "aws", nil),
            ("bucket.s3.amazonaws.com", "aws", nil),
            ("a.b.s3.eu-central-1.amazonaws.com", "aws", "eu-central-1"),
            ("s3.dualstack.eu-west-1.amazonaws.com", "aws", "eu-west-1"),
            ("s3-fips.us-gov-west-1.amazonaws.com", "aws", "us-gov-west-1"),
            ("s3-us-gov-west-1.amazonaws.com", "aws", "us-gov-west-1"),
            ("s3-accelerate.amazonaws.com", "aws", nil),
            ("s3-external-1.amazonaws.com", "aws", nil),
            ("bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com", "aws", "us-east-1"),
            ("s3.cn-north-1.amazonaws.com.cn", "aws", "cn-north-1"),
            ("amazonaws.com", "aws", nil),
            ("vpce.amazonaws.com", "aws", nil),
            ("0123456789abcdef.eu.r2.cloudflarestorage.com", "r2", nil),
            ("storage.googleapis.com", "gcs", nil),
            ("s3.us-west-004.backblazeb2.com", "b2", "us-west-004"),
            ("s3.wasabisys.com", "wasabi", nil),
            ("s3.eu-central-2.wasabisys.com", "wasabi", "eu-central-2"),
            ("play.min.io", "minio", nil),
            ("bucket.s3.fr-par.scw.cloud", "scaleway", "fr-par"),
            ("nyc3.digitaloceanspaces.com", "digitalocean", nil),
        ] as [(String, String, String?)]
    )
    func hosts(host: String, name: String, region: String?) throws {
        let profile = try #require(StoreProfile.matching(host: host))
        #expect(profile.name == name)
        #expect(profile.region(inHost: host) == region)
    }

    @Test(
        "A host that only looks like a provider's is nobody's",
        arguments: [
            "", ".", "example.com", "notamazonaws.com", "amazonaws.com.evil.example", "amazonaws.com.", "r2.example",
            "127.0.0.1", "::1", "localhost", "cloudflarestorage.com", "admin.io",
        ]
    )
    func strangers(host: String) {
        #expect(StoreProfile.matching(host: host) == nil)
        #expect(StoreProfile.aws.region(inHost: host) == nil)
    }

    @Test("Every profile has a name, a source and limits that make sense", arguments: StoreProfile.all)
    func table(profile: StoreProfile) {
        #expect(StoreProfile.named(profile.name.uppercased()) == profile)
        #expect(!profile.title.isEmpty && !profile.source.isEmpty && !profile.source.contains(""))
        #expect(profile.smallestPart == 5 << 20)
        #expect(profile.largestPart <= 5 << 30 && profile.largestPart >= 4_999_000_000)
        #expect(profile.mostParts == (profile.name == "scaleway" ? 1_000 : 10_000))
        #expect(profile.needsEqualParts == (profile.name == "r2"))
        #expect(profile.takesObjectSize == (profile.name == "aws"))
        #expect(profile.isPathStyle == (profile.name != "aws"))
        #expect(profile.hostSuffixes.allSatisfy { StoreProfile.matching(host: $0) == profile })
    }

    @Test("Names are unique, and an unknown one is nobody's")
    func names() {
        #expect(Set(StoreProfile.all.map(\.name)).count == StoreProfile.all.count)
        #expect(StoreProfile.named("azure") == nil)
        #expect(StoreProfile.all.last == .generic)
    }

    @Test("Conditional writes are only promised where multipart uploads keep them too")
    func conditions() {
        let names = StoreProfile.all.filter(\.takesConditionalWrite).map(\.name)
        #expect(names == ["aws", "r2", "minio"])
    }
}
