// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// What a store says when it refuses.
///
/// - Source: AWS API reference "Error responses", "List of error codes".
public struct S3ErrorReply: Hashable, Sendable {
    /// What may help.
    public enum Advice: Hashable, Sendable {
        /// The same again, later.
        case retry
        /// Other credentials: these have expired.
        case refreshCredentials
        /// A signature with this time in it, in seconds since 1970.
        case correctClock(serverSeconds: Int64)
        /// The same in this region.
        case otherRegion(String)
        /// Another upload: this one is not there any more.
        case startUploadAgain
        /// Nothing.
        case isFinal
    }

    /// Status code; of an error inside a 200, the one that its code stands for.
    public let status: Int
    /// The store's word for it, such as `NoSuchKey`; empty if it said none.
    public let code: String
    /// The store's sentence; empty if it said none.
    public let message: String
    /// The region that the bucket is in, if it said so.
    public let region: String?
    /// How long to wait, if it said so.
    public let retryAfter: Duration?
    /// The store's time, in seconds since 1970, if it said so.
    public let serverSeconds: Int64?

    /// Reads an answer that is no success; a body that is none, as of HEAD, is no mistake.
    public init(status: Int, fields: HeaderFields, body: [UInt8]) {
        let document = try? S3Document(body)
        self.init(status: status, fields: fields, document: document?.name == "Error" ? document : nil)
    }

    /// An error inside a 200.
    init(_ document: S3Document) {
        self.init(status: 200, fields: HeaderFields(), document: document)
    }

    private init(status: Int, fields: HeaderFields, document: S3Document?) {
        code = document?["Code"] ?? Self.silentCodes[status] ?? ""
        message = document?["Message"] ?? ""
        // A success that holds an error has the status that the error would have had.
        self.status = status >= 300 ? status : Self.statuses[code] ?? 500
        region = fields["x-amz-bucket-region"] ?? document?["Region"]
        serverSeconds = fields["Date"].flatMap { HTTPDate.parse($0)?.secondsSinceEpoch }
        retryAfter = fields["Retry-After"].flatMap { Int64($0) }.map { .seconds(max(0, min($0, 3_600))) }
    }

    /// What an answer without a body most likely means.
    private static let silentCodes = [403: "AccessDenied", 404: "NoSuchKey", 412: "PreconditionFailed"]
    private static let statuses = [
        "InternalError": 500, "SlowDown": 503, "ServiceUnavailable": 503, "RequestTimeout": 408, "AccessDenied": 403,
        "NoSuchUpload": 404, "InvalidPart": 400, "InvalidPartOrder": 400, "EntityTooSmall": 400, "EntityTooLarge": 400,
        "PreconditionFailed": 412, "ConditionalRequestConflict": 409, "BadDigest": 400, "MalformedXML": 400,
    ]

    /// What may help.
    public var advice: Advice {
        switch code {
        case "ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException": return .refreshCredentials
        case "RequestTimeTooSkewed": return serverSeconds.map { .correctClock(serverSeconds: $0) } ?? .isFinal
        case "NoSuchUpload": return .startUploadAgain
        case "PermanentRedirect", "AuthorizationHeaderMalformed", "TemporaryRedirect",
            "IllegalLocationConstraintException":
            return region.map { .otherRegion($0) } ?? .isFinal
        case "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "BadDigest",
            "XAmzContentSHA256Mismatch", "ConditionalRequestConflict", "IncompleteBody":
            return .retry
        default: return [408, 429].contains(status) || status >= 500 && status != 501 ? .retry : .isFinal
        }
    }

    /// The same for people and for the rules about trying again.
    ///
    /// - Parameters:
    ///   - doing: what was refused, as in `opening an upload`.
    ///   - place: the object.
    /// - Returns: the failure, with what to do about it.
    public func asFailure(doing: String, at place: String) -> TransferFailure {
        let said = code.isEmpty ? "\(status)" : "\(status) \(code)"
        if code == "PreconditionFailed" {
            return TransferFailure(.targetExists, "\(place) exists: it was left alone", status: status)
        }
        if let words = Self.words[code] { return failure("\(words) (\(said) when \(doing))") }
        if case .otherRegion(let region) = advice {
            return failure("the bucket is in another region: use --region \(region) (\(said) when \(doing))")
        }
        let sentence = message.isEmpty ? "" : ": " + Self.oneLine(message)
        return failure("the store answered \(said) when \(doing)\(sentence)")
    }

    private func failure(_ message: String) -> TransferFailure {
        // What the table calls worth another try is tried, whatever the status says.
        let status = advice == .retry && status < 500 && ![408, 429].contains(status) ? 500 : status
        return TransferFailure(.status, message, status: status, retryAfter: retryAfter)
    }

    private static func oneLine(_ text: String) -> String {
        String(text.prefix(200).map { $0.isNewline ? " " : $0 })
    }

    /// What to say and do about errors that people run into.
    private static let words = [
        "NoSuchBucket": "there is no such bucket: check its name, and --endpoint-url",
        "NoSuchKey": "there is no such object: check the key; swoop ls lists them",
        "AccessDenied": "the store does not allow it: check the credentials and the bucket's policy",
        "InvalidAccessKeyId": "the store does not know the access key: check the credentials and --endpoint-url",
        "SignatureDoesNotMatch": "the store refuses the signature: check the secret key and --region",
        "ExpiredToken": "the credentials have expired: get new ones and run the same command again",
        "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
        "EntityTooLarge": "the object is larger than the store takes",
        "EntityTooSmall": "the store refuses parts of this size: choose larger ones with --part-size",
        "InvalidPart": "the store misses a part that it had acknowledged: run the same command again with --no-resume",
        "InvalidPartOrder": "the store wants the parts in another order: please report it",
    ]
}
