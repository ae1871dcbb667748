// SPDX-License-Identifier: Apache-2.0

/// A request with everything that it says, for exchanges that are no download's: its answer is small.
public struct HTTPMessage: Hashable, Sendable {
    /// GET, PUT, POST, HEAD or DELETE.
    public var method: String
    /// Where to.
    public var url: HTTPURL
    /// Fields in order, without Host and Content-Length.
    public var fields: HeaderFields
    /// What it carries, where that is not a part of a file.
    public var body: [UInt8]

    /// Makes a message from its parts.
    public init(method: String, url: HTTPURL, fields: HeaderFields = HeaderFields(), body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
    }
}

/// The answer to a ``HTTPMessage``.
public struct HTTPReply: Hashable, Sendable {
    /// Status code.
    public var status: Int
    /// The fields that came with it.
    public var fields: HeaderFields
    /// The whole body.
    public var body: [UInt8]

    /// Makes a reply from its parts.
    public init(status: Int, fields: HeaderFields = HeaderFields(), body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
