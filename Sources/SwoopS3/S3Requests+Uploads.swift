// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

extension S3Requests {
    /// A part that the store has, as it is named when the upload is completed.
    public struct CompletedPart: Hashable, Sendable {
        /// From 1.
        public let number: Int
        /// The tag as the store gave it, quotes included.
        public let etag: String
        /// The checksum that the part was sent with.
        public let checksum: ObjectChecksum?

        /// Makes a part.
        public init(number: Int, etag: String, checksum: ObjectChecksum? = nil) {
            self.number = number
            self.etag = etag
            self.checksum = checksum
        }
    }

    /// CreateMultipartUpload. It takes no condition: AWS wants that when the upload is completed.
    public func createUpload(
        _ key: String,
        options: ObjectOptions = ObjectOptions()
    ) throws(S3RequestError) -> S3Request {
        try Self.checkObject(key)
        var fields = try options.fields()
        for field in options.checksumFields().pairs { fields.add(field.name, field.value) }
        return try request("POST", key: key, query: [("uploads", nil)], fields: fields)
    }

    /// UploadPart; the bytes follow.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - uploadID: as the store gave it.
    ///   - number: from 1 to the profile's ``StoreProfile/mostParts``.
    ///   - checksum: of the part's bytes, by the algorithm that the upload was created with.
    ///   - contentMD5: MD5 of the part's bytes in base64.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func uploadPart(
        _ key: String,
        uploadID: String,
        number: Int,
        checksum: ObjectChecksum? = nil,
        contentMD5: String? = nil
    ) throws(S3RequestError) -> S3Request {
        try Self.checkObject(key)
        guard number >= 1, number <= endpoint.profile.mostParts else { throw .badPartNumber(number) }
        var fields = HeaderFields()
        try fields.add(checksum, contentMD5)
        let query = [("partNumber", String(number)), ("uploadId", uploadID)]
        return try request("PUT", key: key, query: query, fields: fields)
    }

    /// CompleteMultipartUpload. An answer of 200 may still hold an error.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - uploadID: as the store gave it.
    ///   - parts: every part of the object; they are sorted here, as stores demand.
    ///   - objectSize: what the parts add up to, in bytes; sent only to stores that check it.
    ///   - checksum: of the whole object, for the store to check; only of an upload with a full-object checksum.
    ///   - ifNotExists: whether an object that is there shall stay. A store whose profile does not take conditional
    ///     writes may replace it all the same.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func completeUpload(
        _ key: String,
        uploadID: String,
        parts: [CompletedPart],
        objectSize: Int64? = nil,
        checksum: ObjectChecksum? = nil,
        ifNotExists: Bool = false
    ) throws(S3RequestError) -> S3Request {
        try Self.checkObject(key)
        var fields = HeaderFields([("Content-Type", "application/xml")])
        if let objectSize, objectSize >= 0, endpoint.profile.takesObjectSize {
            fields.add("x-amz-mp-object-size", String(objectSize))
        }
        try fields.add(checksum, nil)
        if checksum != nil { fields.add("x-amz-checksum-type", "FULL_OBJECT") }
        if ifNotExists { fields.add("If-None-Match", "*") }
        let sorted = parts.sorted { $0.number < $1.number }
        return try request(
            "POST",
            key: key,
            query: [("uploadId", uploadID)],
            fields: fields,
            body: Array(Self.document(sorted).utf8)
        )
    }

    /// AbortMultipartUpload. Parts on their way may survive it, so that it is repeated until the store knows no such
    /// upload.
    public func abortUpload(_ key: String, uploadID: String) throws(S3RequestError) -> S3Request {
        try Self.checkObject(key)
        return try request("DELETE", key: key, query: [("uploadId", uploadID)])
    }

    static func checkObject(_ key: String) throws(S3RequestError) {
        guard !key.isEmpty else { throw .badKey }
    }

    private static func document(_ parts: [CompletedPart]) -> String {
        let elements = parts.map { part in
            let checksum = part.checksum.map { element($0.algorithm.elementName, $0.base64) } ?? ""
            return "<Part>\(element("PartNumber", String(part.number)))\(element("ETag", part.etag))\(checksum)</Part>"
        }
        let space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return "<CompleteMultipartUpload xmlns=\"\(space)\">\(elements.joined())</CompleteMultipartUpload>"
    }

    private static func element(_ name: String, _ text: String) -> String {
        "<\(name)>\(escaped(text))</\(name)>"
    }

    /// Text as XML has it. Control characters other than white space have no form in XML 1.0; they become `?`, so that the
    /// store refuses one value and not the document.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            case "\0"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension HeaderFields {
    /// Adds what the store is to verify the bytes with.
    mutating func add(_ checksum: ObjectChecksum?, _ contentMD5: String?) throws(S3RequestError) {
        if let checksum { try add(checked: checksum.algorithm.fieldName, checksum.base64) }
        if let contentMD5 { try add(checked: "Content-MD5", contentMD5) }
    }
}
