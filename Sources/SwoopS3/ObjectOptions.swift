// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// A checksum that a store computes of objects and parts.
///
/// - Source: AWS docs "Checking object integrity in Amazon S3".
public enum ChecksumAlgorithm: String, Hashable, Sendable, CaseIterable {
    /// CRC-32, as in gzip.
    case crc32 = "CRC32"
    /// CRC-32C (Castagnoli).
    case crc32c = "CRC32C"
    /// CRC-64/NVME; of whole objects only.
    case crc64nvme = "CRC64NVME"
    /// SHA-1; of an object in parts only composite.
    case sha1 = "SHA1"
    /// SHA-256; of an object in parts only composite.
    case sha256 = "SHA256"

    /// `x-amz-checksum-crc32c` and its like.
    public var fieldName: String { "x-amz-checksum-" + ASCII.lowercased(rawValue) }

    /// `ChecksumCRC32C` and its like, as XML has it.
    public var elementName: String { "Checksum" + rawValue }
}

/// A checksum with its algorithm.
public struct ObjectChecksum: Hashable, Sendable {
    /// The algorithm.
    public let algorithm: ChecksumAlgorithm
    /// The value in base64, big-endian.
    public let base64: String

    /// Makes a checksum, kept as given.
    public init(algorithm: ChecksumAlgorithm, base64: String) {
        self.algorithm = algorithm
        self.base64 = base64
    }
}

/// What is stored with an object, said when it is put or its upload is created.
///
/// - Source: AWS API reference "PutObject", "CreateMultipartUpload".
public struct ObjectOptions: Hashable, Sendable {
    /// A name and a value, of metadata or of a tag.
    public struct Pair: Hashable, Sendable {
        /// Of metadata, what follows `x-amz-meta-`.
        public let name: String
        /// Of metadata ASCII; of a tag anything.
        public let value: String

        /// Makes a pair, kept as given.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `Content-Type`.
    public var contentType: String?
    /// `Cache-Control`.
    public var cacheControl: String?
    /// `Content-Encoding`.
    public var contentEncoding: String?
    /// `Content-Disposition`.
    public var contentDisposition: String?
    /// The user's own fields, each with `x-amz-meta-` in front.
    public var metadata: [Pair] = []
    /// Such as `STANDARD_IA`.
    public var storageClass: String?
    /// Tags.
    public var tags: [Pair] = []
    /// A canned ACL, such as `bucket-owner-full-control`.
    public var acl: String?
    /// `AES256` or `aws:kms`.
    public var serverSideEncryption: String?
    /// The key of `aws:kms`.
    public var kmsKey: String?
    /// What the parts of an upload come with; of a whole object the field with the value says it.
    public var checksumAlgorithm: ChecksumAlgorithm?
    /// Whether the object's checksum shall be that of its bytes, not of its parts' checksums.
    public var isFullObjectChecksum = false

    /// Makes options that say nothing.
    public init() {}

    /// A text that is another for options that make another object.
    public var fingerprint: String {
        let fields = (try? fields().pairs + checksumFields().pairs) ?? []
        return fields.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
    }

    /// The fields for PutObject and CreateMultipartUpload alike.
    ///
    /// - Throws: ``S3RequestError/badField(_:)`` for what cannot be sent: a line end, or anything but ASCII, which stores
    ///   read in ways of their own.
    func fields() throws(S3RequestError) -> HeaderFields {
        var fields = HeaderFields()
        let plain = [
            ("Content-Type", contentType), ("Cache-Control", cacheControl), ("Content-Encoding", contentEncoding),
            ("Content-Disposition", contentDisposition), ("x-amz-storage-class", storageClass), ("x-amz-acl", acl),
            ("x-amz-server-side-encryption", serverSideEncryption),
            ("x-amz-server-side-encryption-aws-kms-key-id", kmsKey),
        ]
        for (name, value) in plain {
            if let value { try fields.add(checked: name, value) }
        }
        for pair in metadata { try fields.add(checked: "x-amz-meta-" + pair.name, pair.value) }
        if !tags.isEmpty {
            fields.add("x-amz-tagging", URIEncoding.query(tags.map { (name: $0.name, value: $0.value) }))
        }
        return fields
    }

    /// Those for CreateMultipartUpload alone.
    func checksumFields() -> HeaderFields {
        guard let checksumAlgorithm else { return HeaderFields() }
        var fields = HeaderFields([("x-amz-checksum-algorithm", checksumAlgorithm.rawValue)])
        if isFullObjectChecksum { fields.add("x-amz-checksum-type", "FULL_OBJECT") }
        return fields
    }
}

extension HeaderFields {
    /// Adds a field that may come from a person.
    mutating func add(checked name: String, _ value: String) throws(S3RequestError) {
        let isASCII = value.utf8.allSatisfy { $0 < 0x80 }
        guard isASCII, HeaderFields.isValid(name: name), HeaderFields.isValid(value: value) else {
            throw .badField(HeaderFields.isValid(name: name) ? name : "x-amz-meta-")
        }
        add(name, value)
    }
}
