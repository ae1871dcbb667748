// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopS3
import Testing

@Suite struct S3EndpointTests {
    @Test(
        "Without a URL the endpoint is AWS's of the region",
        arguments: [
            (nil, "https://bucket.s3.us-east-1.amazonaws.com/key"),
            ("eu-west-1", "https://bucket.s3.eu-west-1.amazonaws.com/key"),
            ("us-gov-west-1", "https://bucket.s3.us-gov-west-1.amazonaws.com/key"),
            ("cn-north-1", "https://bucket.s3.cn-north-1.amazonaws.com.cn/key"),
            ("eusc-de-east-1", "https://bucket.s3.eusc-de-east-1.amazonaws.eu/key"),
        ] as [(String?, String)]
    )
    func amazon(region: String?, expected: String) throws {
        let endpoint = try S3Endpoint(url: nil, region: region, profile: nil, pathStyle: nil)
        #expect(endpoint.profile == .aws)
        #expect(endpoint.region == region ?? "us-east-1")
        #expect(try endpoint.url(bucket: "bucket", key: "key").text == expected)
    }

    @Test(
        "Bucket and host decide where the bucket stands",
        arguments: [
            ("https://s3.eu-west-1.amazonaws.com", "bucket", nil, "https://bucket.s3.eu-west-1.amazonaws.com/k"),
            ("https://s3.eu-west-1.amazonaws.com", "bucket", true, "https://s3.eu-west-1.amazonaws.com/bucket/k"),
            ("https://s3.eu-west-1.amazonaws.com", "a.bucket", nil, "https://s3.eu-west-1.amazonaws.com/a.bucket/k"),
            ("https://s3.eu-west-1.amazonaws.com", "a.bucket", false, "https://a.bucket.s3.eu-west-1.amazonaws.com/k"),
            ("https://s3.eu-west-1.amazonaws.com", "Bucket", nil, "https://s3.eu-west-1.amazonaws.com/Bucket/k"),
            ("https://s3.eu-west-1.amazonaws.com", "Bucket", false, "https://s3.eu-west-1.amazonaws.com/Bucket/k"),
            (
                "https://s3.eu-west-1.amazonaws.com", "my_bucket", false,
                "https://s3.eu-west-1.amazonaws.com/my_bucket/k"
            ),
            ("https://s3.eu-west-1.amazonaws.com", "-bucket", false, "https://s3.eu-west-1.amazonaws.com/-bucket/k"),
            ("https://s3.eu-west-1.amazonaws.com", "10.0.0.1", false, "https://s3.eu-west-1.amazonaws.com/10.0.0.1/k"),
            ("https://acc.r2.cloudflarestorage.com", "bucket", nil, "https://acc.r2.cloudflarestorage.com/bucket/k"),
            ("https://acc.r2.cloudflarestorage.com", "bucket", false, "https://bucket.acc.r2.cloudflarestorage.com/k"),
            ("http://127.0.0.1:9000", "bucket", nil, "http://127.0.0.1:9000/bucket/k"),
            ("http://[::1]:9000/", "bucket", nil, "http://[::1]:9000/bucket/k"),
            ("http://localhost", "bucket", nil, "http://localhost/bucket/k"),
            ("http://localhost:9000", "bucket", false, "http://bucket.localhost:9000/k"),
            ("https://example.org/s3/", "bucket", nil, "https://example.org/s3/bucket/k"),
            ("https://example.org/s3", "bucket", false, "https://bucket.example.org/s3/k"),
        ] as [(String, String, Bool?, String)]
    )
    func styles(base: String, bucket: String, pathStyle: Bool?, expected: String) throws {
        let url = try HTTPURL.parse(base)
        let endpoint = try S3Endpoint(url: url, region: nil, profile: nil, pathStyle: pathStyle)
        #expect(try endpoint.url(bucket: bucket, key: "k").text == expected)
    }

    @Test(
        "AWS's profile does not put a bucket in front of a bare host",
        arguments: ["http://10.0.0.1", "http://minio", "http://a.localhost", "https://s3.example.org:8443"]
    )
    func bareHosts(base: String) throws {
        let endpoint = try S3Endpoint(url: try HTTPURL.parse(base), region: nil, profile: .aws, pathStyle: nil)
        #expect(try endpoint.url(bucket: "bucket", key: "k").text == base + "/bucket/k")
    }

    @Test(
        "The region is the one given, the host's, or the profile's",
        arguments: [
            ("https://s3.eu-west-1.amazonaws.com", nil, "eu-west-1"),
            ("https://s3.eu-west-1.amazonaws.com", "us-west-2", "us-west-2"),
            ("https://s3.amazonaws.com", nil, "us-east-1"),
            ("https://acc.r2.cloudflarestorage.com", nil, "auto"),
            ("https://s3.nl-ams.scw.cloud", nil, "nl-ams"),
            ("http://localhost:9000", nil, "us-east-1"),
        ] as [(String, String?, String)]
    )
    func regions(base: String, region: String?, expected: String) throws {
        let endpoint = try S3Endpoint(url: try HTTPURL.parse(base), region: region, profile: nil, pathStyle: nil)
        #expect(endpoint.region == expected)
    }

    @Test(
        "A key arrives byte for byte",
        arguments: [
            ("key", "/bucket/key"), ("a b", "/bucket/a%20b"), ("é", "/bucket/%C3%A9"), ("e\u{301}", "/bucket/e%CC%81"),
            ("a//b", "/bucket/a//b"), ("/a", "/bucket//a"), ("a/", "/bucket/a/"), ("//", "/bucket///"),
            ("a%20b", "/bucket/a%2520b"), ("100%", "/bucket/100%25"), ("a+b", "/bucket/a%2Bb"),
            ("what?#", "/bucket/what%3F%23"), ("-._~!$&'()*,;=:@", "/bucket/-._~%21%24%26%27%28%29%2A%2C%3B%3D%3A%40"),
            ("\\", "/bucket/%5C"), ("a\nb\u{7F}", "/bucket/a%0Ab%7F"), (" a ", "/bucket/%20a%20"),
            ("...", "/bucket/..."), ("a/.b/b.", "/bucket/a/.b/b."), ("", "/bucket"),
        ]
    )
    func keys(key: String, expected: String) throws {
        let endpoint = try S3Endpoint(url: try HTTPURL.parse("http://h:1"), region: nil, profile: nil, pathStyle: nil)
        let url = try endpoint.url(bucket: "bucket", key: key)
        #expect(url.path == expected)
        #expect(url.query == nil)
        let inHost = try S3Endpoint(url: nil, region: nil, profile: nil, pathStyle: nil)
        let path = try inHost.url(bucket: "bucket", key: key).path
        #expect(path == (key.isEmpty ? "/" : String(expected.dropFirst("/bucket".count))))
    }

    @Test(
        "A key that would be changed on the way is refused",
        arguments: [".", "..", "a/../b", "./a", "a/.", "../a", "a/..", "a//../b"]
    )
    func dotSegments(key: String) throws {
        let endpoint = try S3Endpoint(url: nil, region: nil, profile: nil, pathStyle: nil)
        #expect(throws: S3RequestError.dotSegment) { try endpoint.url(bucket: "bucket", key: key) }
    }

    @Test("A bucket or key that is none is refused, and the store itself has a URL")
    func refusals() throws {
        let endpoint = try S3Endpoint(url: nil, region: nil, profile: nil, pathStyle: nil)
        #expect(throws: S3RequestError.badBucket) { try endpoint.url(bucket: "a/b", key: "key") }
        #expect(throws: S3RequestError.badBucket) { try endpoint.url(bucket: nil, key: "key") }
        #expect(throws: S3RequestError.badKey) { try endpoint.url(bucket: "bucket", key: "\0") }
        let long = String(repeating: "k", count: 1_025)
        #expect(throws: S3RequestError.badKey) { try endpoint.url(bucket: "bucket", key: long) }
        #expect(try endpoint.url(bucket: nil, key: "").text == "https://s3.us-east-1.amazonaws.com/")
    }

    @Test("A query is percent-encoded, and a name may stand alone")
    func queries() throws {
        let endpoint = try S3Endpoint(url: nil, region: nil, profile: nil, pathStyle: nil)
        let url = try endpoint.url(bucket: "bucket", key: "", query: [("uploads", nil), ("a b", "é&=+"), ("c", "")])
        #expect(url.query == "uploads&a%20b=%C3%A9%26%3D%2B&c=")
    }

    @Test(
        "An endpoint that cannot be used is refused",
        arguments: [
            ("https://h/?a", nil, nil, .hasQuery), ("https://u:p@h/", nil, nil, .hasUserInfo),
            ("https://u@h/", nil, nil, .hasUserInfo), (nil, "", nil, .badRegion), (nil, "us east", nil, .badRegion),
            (nil, "a/b", nil, .badRegion), ("https://h/", "a\r\nb", nil, .badRegion),
            (nil, String(repeating: "r", count: 65), nil, .badRegion),
            (nil, nil, .wasabi, .missing(store: "Wasabi")),
        ] as [(String?, String?, StoreProfile?, S3EndpointError)]
    )
    func badEndpoints(text: String?, region: String?, profile: StoreProfile?, expected: S3EndpointError) throws {
        let url = try text.map { try HTTPURL.parse($0) }
        #expect(throws: expected) { try S3Endpoint(url: url, region: region, profile: profile, pathStyle: nil) }
        #expect(expected.message.first?.isUppercase == false)
    }
}
