// SPDX-License-Identifier: Apache-2.0

import SwoopS3
import Testing

@Suite struct S3LocationTests {
    @Test(
        "A location is read literally",
        arguments: [
            ("s3://bucket/key", "bucket", "key", nil),
            ("S3://bucket/key", "bucket", "key", nil),
            ("s3://bucket", "bucket", "", nil),
            ("s3://bucket/", "bucket", "", nil),
            ("s3://bucket//a//b", "bucket", "/a//b", nil),
            ("s3://bucket/key with spaces/é", "bucket", "key with spaces/é", nil),
            ("s3://bucket/a%20b+c", "bucket", "a%20b+c", nil),
            ("s3://bucket/what?#why", "bucket", "what?#why", nil),
            ("s3://bucket/a/../b", "bucket", "a/../b", nil),
            ("s3://bucket/\u{301}key", "bucket", "\u{301}key", nil),
            ("s3://Old_Bucket.x-1/k", "Old_Bucket.x-1", "k", nil),
            ("s3://bucket/key?versionId=3/L4kqtJlcpXroDTDmJ", "bucket", "key?versionId=3/L4kqtJlcpXroDTDmJ", nil),
            ("s3://bucket/key?versionId=3L4kqtJl.cpX_ro-DTDmJ", "bucket", "key", "3L4kqtJl.cpX_ro-DTDmJ"),
            ("s3://bucket/key?versionId=null", "bucket", "key", "null"),
            ("s3://bucket/a?b?versionId=1", "bucket", "a?b", "1"),
            ("s3://bucket/key?versionId=", "bucket", "key?versionId=", nil),
            ("s3://bucket/key?versionId=a b", "bucket", "key?versionId=a b", nil),
            ("s3://bucket/key?VersionId=1", "bucket", "key?VersionId=1", nil),
        ] as [(String, String, String, String?)]
    )
    func reading(text: String, bucket: String, key: String, version: String?) throws {
        let location = try S3Location.parse(text)
        #expect(location.bucket == bucket)
        #expect(location.key.utf8.elementsEqual(key.utf8))
        #expect(location.versionId == version)
        #expect(try S3Location.parse(location.description) == location)
    }

    @Test(
        "A text that is no location is refused",
        arguments: [
            ("", .missingScheme), ("s3:/bucket/key", .missingScheme), ("http://bucket/key", .missingScheme),
            ("bucket/key", .missingScheme), ("s3://", .badBucket), ("s3:///key", .badBucket),
            ("s3://ab/key", .badBucket), ("s3://bücket/key", .badBucket), ("s3://a b/key", .badBucket),
            ("s3://.../key", .badBucket), ("s3://a..b/key", .badBucket), ("s3://user@bucket/key", .badBucket),
            ("s3://bucket?versionId=1", .badBucket), ("s3://bucket:9000/key", .badBucket),
            ("s3://\(String(repeating: "b", count: 64))/key", .badBucket),
            ("s3://bucket/a\0b", .keyHasNUL),
            ("s3://bucket/\(String(repeating: "é", count: 512))x", .keyTooLong),
        ] as [(String, S3LocationError)]
    )
    func refusal(text: String, expected: S3LocationError) {
        #expect(throws: expected) { try S3Location.parse(text) }
        #expect(!expected.message.isEmpty && expected.message.first?.isUppercase == false)
    }

    @Test("A key of 1,024 bytes is taken")
    func longestKey() throws {
        let key = String(repeating: "é", count: 512)
        #expect(try S3Location.parse("s3://bucket/" + key).key == key)
    }

    @Test(
        "A key that is empty or ends with a slash is a prefix",
        arguments: [("", true), ("a/", true), ("/", true), ("a", false), ("a/b", false)]
    )
    func prefixes(key: String, expected: Bool) throws {
        #expect(try S3Location(bucket: "bucket", key: key).isPrefix == expected)
    }

    @Test("Two keys that differ in how an accent is composed are two objects")
    func composition() throws {
        let composed = try S3Location(bucket: "bucket", key: "\u{E9}")
        let decomposed = try S3Location(bucket: "bucket", key: "e\u{301}")
        #expect(composed.key == decomposed.key)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("A version that no store hands out is refused", arguments: ["", "a b", "a\n", "é"])
    func badVersion(version: String) {
        #expect(throws: S3LocationError.badVersion) {
            try S3Location(bucket: "bucket", key: "key", versionId: version)
        }
    }
}
