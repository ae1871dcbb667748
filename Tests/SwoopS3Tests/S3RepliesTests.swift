// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopS3

@Suite("Answers of a store")
struct S3RepliesTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private let space = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

    @Test(
        "The name of an upload is read with Amazon's namespace, another, or none",
        arguments: [
            " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"", " xmlns=\"urn:x\"", "",
        ]
    )
    func created(declaration: String) throws {
        let body =
            "<InitiateMultipartUploadResult\(declaration)><Bucket>b</Bucket><UploadId>a/b+c=</UploadId>"
            + "</InitiateMultipartUploadResult>"
        #expect(try CreatedUpload(bytes(body)).uploadID == "a/b+c=")
    }

    @Test("An error inside a 200 is a failure, white space in front of it or not", arguments: ["", "   \n\n  "])
    func errorInside(space: String) throws {
        let body = bytes("\(space)<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>m</Message></Error>")
        guard case .failed(let error) = try CompletedUpload.read(body) else {
            Issue.record("it was to be a failure")
            return
        }
        #expect(error.status == 500)
        #expect(error.advice == .retry)
    }

    @Test(
        "A completed upload has its tag",
        arguments: ["CompleteMultipartUploadResult", "CompleteMultipartUploadResponse"]
    )
    func completed(name: String) throws {
        let body = "<\(name) \(space)><ETag>&quot;abc-2&quot;</ETag></\(name)>"
        #expect(try CompletedUpload.read(bytes(body)) == .completed(etag: "\"abc-2\""))
    }

    @Test(
        "What is empty, cut off or something else is no success",
        arguments: [
            "", "  ", "<CompleteMultipartUploadResult>", "<html></html>",
            "<!DOCTYPE x><CompleteMultipartUploadResult/>",
        ]
    )
    func neither(body: String) {
        #expect(throws: S3ReplyError.self) { try CompletedUpload.read(bytes(body)) }
    }

    @Test("A page of parts says where the next one begins")
    func parts() throws {
        let part = "<Part><PartNumber>1</PartNumber><ETag>\"t\"</ETag><Size>5242880</Size></Part>"
        let last = try PartList(
            bytes("<ListPartsResult \(space)><IsTruncated>false</IsTruncated>\(part)</ListPartsResult>")
        )
        #expect(last.parts == [PartList.Part(number: 1, size: 5_242_880, etag: "\"t\"")])
        #expect(last.nextMarker == nil)
        let more = "<NextPartNumberMarker>1000</NextPartNumberMarker><IsTruncated>true</IsTruncated>"
        #expect(try PartList(bytes("<ListPartsResult>\(more)</ListPartsResult>")).nextMarker == 1000)
    }

    @Test(
        "A part without a number, or with one that is none, makes the list unreadable",
        arguments: [
            "<ETag>t</ETag><Size>1</Size>", "<PartNumber>x</PartNumber><ETag>t</ETag><Size>1</Size>",
            "<PartNumber>1</PartNumber><ETag>t</ETag><Size>-1</Size>",
            "<PartNumber>1</PartNumber><ETag>t</ETag><Size>99999999999999999999</Size>",
        ]
    )
    func badParts(fields: String) {
        #expect(throws: S3ReplyError.self) {
            try PartList(bytes("<ListPartsResult><Part>\(fields)</Part></ListPartsResult>"))
        }
    }

    @Test("Keys are decoded where the store says that they are encoded, and only there")
    func keys() throws {
        let contents = "<Contents><Key>a+b%2Fc%25</Key><Size>3</Size><ETag>\"e\"</ETag></Contents>"
        let prefixes = "<CommonPrefixes><Prefix>p%20q/</Prefix></CommonPrefixes>"
        let encoded = "<ListBucketResult><EncodingType>url</EncodingType>\(contents)\(prefixes)</ListBucketResult>"
        let list = try ObjectList(bytes(encoded))
        #expect(list.objects.map(\.key) == ["a b/c%"])
        #expect(list.objects.map(\.etag) == ["e"])
        #expect(list.prefixes == ["p q/"])
        #expect(
            try ObjectList(bytes("<ListBucketResult>\(contents)</ListBucketResult>")).objects[0].key == "a+b%2Fc%25"
        )
    }

    @Test("A list goes on only with a token")
    func pages() throws {
        let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
        #expect(try ObjectList(bytes("<ListBucketResult>\(more)</ListBucketResult>")).nextToken == "t")
        #expect(
            try ObjectList(bytes("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")).nextToken
                == nil
        )
    }

    @Test("Uploads that are left are listed, page by page")
    func uploads() throws {
        let upload = "<Upload><Key>k</Key><UploadId>u</UploadId><Initiated>2026-12-01T00:00:00Z</Initiated></Upload>"
        let more =
            "<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>"
        let list = try UploadList(bytes("<ListMultipartUploadsResult>\(upload)\(more)</ListMultipartUploadsResult>"))
        #expect(list.uploads == [UploadList.Upload(key: "k", uploadID: "u", initiated: "2026-12-01T00:00:00Z")])
        #expect(list.next == S3Requests.UploadMarker(key: "k", uploadID: "u"))
    }
}

@Suite("Cutting an upload into parts")
struct MultipartPlanTests {
    private static let mib: Int64 = 1 << 20

    @Test(
        "Small sources are one object; others have parts of 16 MiB, or as large as the store's most parts ask for",
        arguments: [
            (0, 16, true), (16, 16, true), (17, 16, false), (160_000, 16, false), (160_001, 17, false),
            (5_000_000, 500, false),
        ] as [(Int64, Int64, Bool)]
    )
    func sizes(length: Int64, part: Int64, isSingle: Bool) throws {
        let plan = try PartLayout(length: length * Self.mib, partSize: nil, profile: .aws)
        #expect(plan.partSize == part * Self.mib)
        #expect((plan.count == 1) == isSingle)
    }

    @Test("A stream has larger ones, as nobody knows how long it is")
    func stream() throws {
        let plan = try PartLayout(length: nil, partSize: nil, profile: .aws)
        #expect(plan.partSize == 64 * Self.mib && plan.count == nil)
    }

    @Test("A store that takes 1,000 parts has larger ones")
    func scaleway() throws {
        #expect(
            try PartLayout(length: 100_000 * Self.mib, partSize: nil, profile: .scaleway).partSize == 100 * Self.mib
        )
    }

    @Test("What the store does not take is refused, with what it does", arguments: [1, 6_000] as [Int64])
    func refused(part: Int64) {
        #expect(throws: MultipartPlanError.self) {
            try PartLayout(length: 1 << 40, partSize: part * Self.mib, profile: .aws)
        }
    }

    @Test("No length traps")
    func extremes() {
        #expect(throws: MultipartPlanError.self) { try PartLayout(length: .max, partSize: nil, profile: .aws) }
        #expect((try? PartLayout(length: -5, partSize: nil, profile: .aws))?.count == 1)
    }
}
