// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

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

    /// Makes options that say nothing.
    public init() {}

    /// A text that is another for options that make another object.
    public var fingerprint: String {
        let fields = (try? fields().pairs) ?? []
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
