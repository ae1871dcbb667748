// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// InitiateMultipartUploadResult.
public struct CreatedUpload: Hashable, Sendable {
    /// The store's name of the upload.
    public let uploadID: String

    /// Reads the body of the answer.
    public init(_ body: [UInt8]) throws(S3ReplyError) { uploadID = try S3Document(body).required("UploadId") }
}

/// What CompleteMultipartUpload came to.
public enum CompletedUpload: Hashable, Sendable {
    /// The object is there; its tag, quotes included, if the store said it.
    case completed(etag: String?)
    /// The store began well, and failed after its status was sent.
    case failed(S3ErrorReply)

    /// Reads the body of an answer of 200, which may hold an error.
    ///
    /// - Throws: ``S3ReplyError`` if it is neither: whether the object is there is then to be looked at.
    public static func read(_ body: [UInt8]) throws(S3ReplyError) -> CompletedUpload {
        let document = try S3Document(body)
        if document.name == "Error" { return .failed(S3ErrorReply(document)) }
        // Some stores name it after the answer, not after the result.
        guard ["CompleteMultipartUploadResult", "CompleteMultipartUploadResponse"].contains(document.name) else {
            throw S3ReplyError(message: "it is a \(document.name)")
        }
        return .completed(etag: document["ETag"])
    }
}

/// ListPartsResult: one page of it.
public struct PartList: Hashable, Sendable {
    /// One part.
    public struct Part: Hashable, Sendable {
        /// From 1.
        public let number: Int
        /// Length in bytes.
        public let size: Int64
        /// The tag, quotes included if the store has them.
        public let etag: String
    }

    /// The parts, as the store orders them.
    public let parts: [Part]
    /// Where the next page begins, if there is one.
    public let nextMarker: Int?

    /// Reads the body of the answer.
    public init(_ body: [UInt8]) throws(S3ReplyError) {
        let document = try S3Document(body)
        var parts: [Part] = []
        for part in document.all("Part") {
            let number = Int(clamping: try part.number("PartNumber"))
            parts.append(Part(number: number, size: try part.number("Size"), etag: try part.required("ETag")))
        }
        self.parts = parts
        let next = try? document.number("NextPartNumberMarker")
        nextMarker = document.isTrue("IsTruncated") ? next.map { Int(clamping: $0) } : nil
    }
}

/// ListMultipartUploadsResult: one page of it.
public struct UploadList: Hashable, Sendable {
    /// One upload that was neither completed nor given up.
    public struct Upload: Hashable, Sendable {
        /// The object's key.
        public let key: String
        /// The store's name of the upload.
        public let uploadID: String
        /// When it was opened, as the store writes it; empty if it does not say.
        public let initiated: String
    }

    /// The uploads, as the store orders them.
    public let uploads: [Upload]
    /// Where the next page begins, if there is one.
    public let next: S3Requests.UploadMarker?

    /// Reads the body of the answer.
    public init(_ body: [UInt8]) throws(S3ReplyError) {
        let document = try S3Document(body)
        let isEncoded = document["EncodingType"] == "url"
        var uploads: [Upload] = []
        for upload in document.all("Upload") {
            uploads.append(
                Upload(
                    key: URIEncoding.decoded(try upload.required("Key"), isEncoded),
                    uploadID: try upload.required("UploadId"),
                    initiated: upload["Initiated"] ?? ""
                )
            )
        }
        self.uploads = uploads
        let key = document["NextKeyMarker"].map { URIEncoding.decoded($0, isEncoded) }
        guard document.isTrue("IsTruncated"), let key, !key.isEmpty else {
            next = nil
            return
        }
        next = S3Requests.UploadMarker(key: key, uploadID: document["NextUploadIdMarker"])
    }
}

/// ListBucketResult of ListObjectsV2: one page of it.
public struct ObjectList: Hashable, Sendable {
    /// One object.
    public struct Object: Hashable, Sendable {
        /// Its key.
        public let key: String
        /// Length in bytes.
        public let size: Int64
        /// When it was written, as the store writes it; empty if it does not say.
        public let lastModified: String
        /// The tag without its quotes; empty if the store does not say it.
        public let etag: String
        /// Such as `STANDARD`; `nil` if the store does not say it.
        public let storageClass: String?
    }

    /// The objects, in the order of their keys.
    public let objects: [Object]
    /// Prefixes up to the next delimiter, of what lies below them.
    public let prefixes: [String]
    /// What the next page is asked for with, if there is one.
    public let nextToken: String?

    /// Reads the body of the answer.
    public init(_ body: [UInt8]) throws(S3ReplyError) {
        let document = try S3Document(body)
        guard document.name == "ListBucketResult" else { throw S3ReplyError(message: "it is a \(document.name)") }
        let isEncoded = document["EncodingType"] == "url"
        var objects: [Object] = []
        for object in document.all("Contents") {
            objects.append(
                Object(
                    key: URIEncoding.decoded(try object.required("Key"), isEncoded),
                    size: try object.number("Size"),
                    lastModified: object["LastModified"] ?? "",
                    etag: (object["ETag"] ?? "").replacing("\"", with: ""),
                    storageClass: object["StorageClass"]
                )
            )
        }
        self.objects = objects
        prefixes = document.all("CommonPrefixes").compactMap { $0["Prefix"] }.map { URIEncoding.decoded($0, isEncoded) }
        let token = document["NextContinuationToken"]
        nextToken = document.isTrue("IsTruncated") && token?.isEmpty == false ? token : nil
    }
}

extension URIEncoding {
    /// The text without percent-encoding, where the store says that it is encoded; `+` stands for a space there.
    static func decoded(_ text: String, _ isEncoded: Bool) -> String {
        isEncoded ? String(decoding: decoded(text.replacing("+", with: " ")), as: UTF8.self) : text
    }
}
