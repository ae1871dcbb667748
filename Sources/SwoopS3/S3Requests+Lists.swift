// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

extension S3Requests {
    /// Where a list of uploads goes on.
    public struct UploadMarker: Hashable, Sendable {
        /// The last key of the page before, decoded.
        public let key: String
        /// The last upload id of the page before; `nil` if the store named none.
        public let uploadID: String?

        /// Makes a marker.
        public init(key: String, uploadID: String?) {
            self.key = key
            self.uploadID = uploadID
        }
    }

    /// ListObjectsV2: a page of at most 1,000 objects and common prefixes.
    ///
    /// Keys are asked for percent-encoded, since XML 1.0 has no form for some characters that keys may hold.
    /// - Parameters:
    ///   - prefix: what keys begin with; empty for all.
    ///   - delimiter: `/` for one level only; `nil` for all keys.
    ///   - continuationToken: from the page before; `nil` for the first.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func listObjects(
        prefix: String,
        delimiter: String? = nil,
        continuationToken: String? = nil
    ) throws(S3RequestError) -> HTTPMessage {
        var query: [(String, String?)] = [("list-type", "2"), ("encoding-type", "url")]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let delimiter { query.append(("delimiter", delimiter)) }
        if let continuationToken { query.append(("continuation-token", continuationToken)) }
        return try request("GET", key: "", query: query)
    }

    /// ListParts: a page of at most 1,000 parts of an upload, in the order of their numbers.
    ///
    /// - Parameters:
    ///   - key: of the object.
    ///   - uploadID: as the store gave it.
    ///   - marker: the last number of the page before; `nil` for the first page.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func listParts(
        _ key: String,
        uploadID: String,
        marker: Int? = nil
    ) throws(S3RequestError) -> HTTPMessage {
        try Self.checkObject(key)
        var query: [(String, String?)] = [("uploadId", uploadID)]
        if let marker { query.append(("part-number-marker", String(max(0, marker)))) }
        return try request("GET", key: key, query: query)
    }

    /// ListMultipartUploads: a page of at most 1,000 uploads that are not completed.
    ///
    /// MinIO lists those of a key only if the prefix is the whole key.
    /// - Parameters:
    ///   - prefix: what keys begin with; empty for all.
    ///   - marker: where the page before ended; `nil` for the first.
    /// - Returns: the request.
    /// - Throws: ``S3RequestError`` if it cannot be made.
    public func listUploads(prefix: String, marker: UploadMarker? = nil) throws(S3RequestError) -> HTTPMessage {
        var query: [(String, String?)] = [("uploads", nil), ("encoding-type", "url")]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let marker {
            query.append(("key-marker", marker.key))
            if let uploadID = marker.uploadID { query.append(("upload-id-marker", uploadID)) }
        }
        return try request("GET", key: "", query: query)
    }
}
