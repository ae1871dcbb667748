// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

extension S3Requests {
    /// CreateMultipartUpload. It takes no condition: AWS wants that when the upload is completed.
    public func createUpload(
        _ key: String,
        options: ObjectOptions = ObjectOptions()
    ) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        return try request("POST", key: key, query: [("uploads", nil)], fields: try options.fields())
    }

    /// UploadPart; the bytes follow.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - uploadID: as the store gave it.
    ///   - number: from 1 to the profile's ``StoreProfile/mostParts``.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func uploadPart(
        _ key: String,
        uploadID: String,
        number: Int
    ) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        guard number >= 1, number <= endpoint.profile.mostParts else { throw .badPartNumber(number) }
        let query = [("partNumber", String(number)), ("uploadId", uploadID)]
        return try request("PUT", key: key, query: query)
    }

    /// CompleteMultipartUpload. An answer of 200 may still hold an error.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - uploadID: as the store gave it.
    ///   - parts: every part of the object; they are sorted here, as stores demand.
    ///   - objectSize: what the parts add up to, in bytes; sent only to stores that check it.
    ///   - ifNotExists: whether an object that is there shall stay. A store whose profile does not take conditional
    ///     writes may replace it all the same.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func completeUpload(
        _ key: String,
        uploadID: String,
        parts: [StoredPart],
        objectSize: Int64? = nil,
        ifNotExists: Bool = false
    ) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        var fields = HeaderFields([("Content-Type", "application/xml")])
        if let objectSize, objectSize >= 0, endpoint.profile.takesObjectSize {
            fields.add("x-amz-mp-object-size", String(objectSize))
        }
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
    public func abortUpload(_ key: String, uploadID: String) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        return try request("DELETE", key: key, query: [("uploadId", uploadID)])
    }

    static func checkObject(_ key: String) throws(S3RequestError) {
        guard !key.isEmpty else { throw .badKey }
    }

    private static func document(_ parts: [StoredPart]) -> String {
        let elements = parts.map { part in
            "<Part>\(element("PartNumber", String(part.number)))\(element("ETag", "\"\(part.tag)\""))</Part>"
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
