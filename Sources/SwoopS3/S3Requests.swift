// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

extension HTTPMessage {
    /// The request with the fields of its signature.
    ///
    /// - Parameters:
    ///   - signer: whose it is.
    ///   - payload: of the bytes that follow; `nil` for those of ``body``.
    ///   - seconds: now, since 1970-01-01T00:00:00Z.
    /// - Returns: the request with its signature.
    public func signed(
        by signer: RequestSigner,
        payload: PayloadDigest? = nil,
        seconds: Int64
    ) -> HTTPMessage {
        var request = self
        let added = signer.sign(
            method: method,
            url: url,
            fields: fields,
            payload: payload ?? .of(body),
            seconds: seconds
        )
        for field in added.pairs { request.fields.add(field.name, field.value) }
        return request
    }
}

/// Makes the requests that concern one bucket.
///
/// - Source: AWS API reference "Amazon S3".
public struct S3Requests: Hashable, Sendable {
    /// Where the store is.
    public let endpoint: S3Endpoint
    /// The bucket.
    public let bucket: String

    /// Makes requests for a bucket, whose name is checked when one is made.
    public init(endpoint: S3Endpoint, bucket: String) {
        self.endpoint = endpoint
        self.bucket = bucket
    }

    /// HeadBucket: whether the bucket is there, and, in `x-amz-bucket-region`, where.
    public func headBucket() throws(S3RequestError) -> HTTPMessage {
        try request("HEAD", key: "")
    }

    /// HeadObject.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - versionId: `nil` for the newest version.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func headObject(
        _ key: String,
        versionId: String? = nil
    ) throws(S3RequestError) -> HTTPMessage {
        try object("HEAD", key, versionId)
    }

    /// GetObject; `Range` and conditions are the caller's to add, before it signs.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - versionId: `nil` for the newest version.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func getObject(
        _ key: String,
        versionId: String? = nil
    ) throws(S3RequestError) -> HTTPMessage {
        try object("GET", key, versionId)
    }

    /// PutObject; the bytes follow.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - options: what is stored with it.
    ///   - ifNotExists: whether an object that is there shall stay. A store whose profile does not take conditional
    ///     writes may replace it all the same.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func putObject(
        _ key: String,
        options: ObjectOptions = ObjectOptions(),
        ifNotExists: Bool = false
    ) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        var fields = try options.fields()
        if ifNotExists { fields.add("If-None-Match", "*") }
        return try request("PUT", key: key, fields: fields)
    }

    func request(
        _ method: String,
        key: String,
        query: [(String, String?)] = [],
        fields: HeaderFields = HeaderFields(),
        body: [UInt8] = []
    ) throws(S3RequestError) -> HTTPMessage {
        let url = try endpoint.url(bucket: bucket, key: key, query: query)
        return HTTPMessage(method: method, url: url, fields: fields, body: body)
    }

    private func object(
        _ method: String,
        _ key: String,
        _ versionId: String?
    ) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        return try request(method, key: key, query: versionId.map { [("versionId", $0)] } ?? [])
    }
}

/// Why a request cannot be made.
public enum S3RequestError: Error, Hashable, Sendable {
    /// The bucket's name is not one.
    case badBucket
    /// The key is empty, too long, or has a NUL.
    case badKey
    /// A segment of the key is `.` or `..`.
    case dotSegment
    /// The field of this name has a value, or metadata a name, that cannot be sent.
    case badField(String)
    /// A part's number is not from 1 to the profile's most.
    case badPartNumber(Int)

    /// What is wrong and what to do, in the style of every message: no capital, no full stop.
    public var message: String {
        switch self {
        case .badBucket: S3LocationError.badBucket.message
        case .badKey: "the key is empty, longer than \(S3Location.longestKey) bytes, or has a NUL byte: choose another"
        case .dotSegment:
            "the key has . or .. between slashes, which stores and proxies read as another key: choose another"
        case .badField("x-amz-meta-"): "a name of metadata is not valid: use letters, digits and hyphens"
        case .badField(let name): "the value for \(name) cannot be sent: write it in ASCII, on one line"
        case .badPartNumber(let number): "part number \(number) is more than the store takes: use larger parts"
        }
    }
}
