// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Signs requests with AWS Signature Version 4, in fields or in the URL.
///
/// Signed are `Host`, `Content-Type`, `Content-MD5`, every `x-amz-` field, and what the caller names: a field that is not
/// signed may be changed by a proxy without breaking the request. Time is an argument, since a store refuses requests
/// more than 15 minutes off its own clock and the caller may know that clock better.
/// - Source: AWS docs "Authenticating Requests (AWS Signature Version 4)".
public struct RequestSigner: Sendable {
    private let credentials: S3Credentials
    private let region: String
    private let service: String

    /// Makes a signer for a region, such as `us-east-1`, and a service, such as `s3` or `sts`.
    public init(credentials: S3Credentials, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The fields to add to a request.
    ///
    /// - Parameters:
    ///   - method: as it is sent.
    ///   - url: as it is sent; `Host` is taken from it, unless `fields` have one.
    ///   - fields: all that are sent. None of those to be added may be among them.
    ///   - payload: what stands for the body.
    ///   - seconds: now, since 1970-01-01T00:00:00Z.
    ///   - names: further fields to sign, in any case.
    /// - Returns: `Authorization`, `x-amz-date`, for S3 `x-amz-content-sha256`, and `x-amz-security-token` if there is
    ///   a session.
    public func sign(
        method: String,
        url: HTTPURL,
        fields: HeaderFields,
        payload: PayloadDigest,
        seconds: Int64,
        signing names: [String] = []
    ) -> HeaderFields {
        let date = SigningDate(seconds: seconds)
        let key = SigningKey(credentials: credentials, seconds: seconds, region: region, service: service)
        var added = HeaderFields([("x-amz-date", date.timestamp)])
        if service == SignatureV4.objectService { added.add("x-amz-content-sha256", payload.text) }
        if let token = credentials.sessionToken { added.add("x-amz-security-token", token) }
        let signed = Self.signed(fields, names: names, url: url).pairs + added.pairs
        let request = CanonicalRequest(
            method: method,
            url: url,
            fields: HeaderFields(signed),
            payload: payload,
            path: pathRule
        )
        let parts = [
            "Credential=\(key.credential)", "SignedHeaders=\(request.signedNames)",
            "Signature=\(key.signature(of: request, date: date))",
        ]
        added.add("Authorization", "\(SignatureV4.algorithm) \(parts.joined(separator: ", "))")
        return added
    }

    /// The URL with a signature in its query, which anybody may use until it expires.
    ///
    /// It dies with the session of temporary credentials, however long its life is. Its query is a secret, which
    /// ``HTTPURL/redacted`` hides.
    /// - Parameters:
    ///   - method: the only one that the URL may be used with.
    ///   - url: what is signed; its query stays.
    ///   - fields: fields that the user of the URL has to send; those that are signed otherwise too are signed.
    ///   - life: how long it may be used, in seconds; clamped to 1 second to seven days.
    ///   - seconds: now, since 1970-01-01T00:00:00Z.
    /// - Throws: ``HTTPURLError`` if the outcome is no URL, which cannot happen for a URL that was parsed.
    /// - Returns: the URL with its signature.
    public func presign(
        method: String,
        url: HTTPURL,
        fields: HeaderFields = HeaderFields(),
        life: Int64,
        seconds: Int64
    ) throws(HTTPURLError) -> HTTPURL {
        let date = SigningDate(seconds: seconds)
        let key = SigningKey(credentials: credentials, seconds: seconds, region: region, service: service)
        let signed = Self.signed(fields, names: [], url: url)
        let names = Set(signed.pairs.map { ASCII.lowercased($0.name) }).sorted(by: URIEncoding.precedes)
        var items: [(name: String, value: String?)] = [
            ("X-Amz-Algorithm", SignatureV4.algorithm), ("X-Amz-Credential", key.credential),
            ("X-Amz-Date", date.timestamp),
            ("X-Amz-Expires", String(min(max(1, life), SignatureV4.longestLife))),
            ("X-Amz-SignedHeaders", names.joined(separator: ";")),
        ]
        if let token = credentials.sessionToken { items.append(("X-Amz-Security-Token", token)) }
        let target = try url.appending(query: URIEncoding.query(items))
        let request = CanonicalRequest(
            method: method,
            url: target,
            fields: signed,
            payload: service == SignatureV4.objectService ? .unsigned : .empty,
            path: pathRule
        )
        return try target.appending(query: "X-Amz-Signature=\(key.signature(of: request, date: date))")
    }

    private var pathRule: CanonicalRequest.PathRule {
        service == SignatureV4.objectService ? .verbatim : .normalised
    }

    private static func signed(_ fields: HeaderFields, names: [String], url: HTTPURL) -> HeaderFields {
        let names = Set(names.map { ASCII.lowercased($0) }).union(["host", "content-type", "content-md5"])
        let signed = fields.pairs.filter { field in
            let name = ASCII.lowercased(field.name)
            return names.contains(name) || name.utf8.starts(with: "x-amz-".utf8)
        }
        let host = fields["Host"] == nil ? [(name: "Host", value: url.authority)] : []
        return HeaderFields(host + signed)
    }
}

extension HTTPURL {
    /// The URL with more behind its query.
    fileprivate func appending(query more: String) throws(HTTPURLError) -> HTTPURL {
        let separator = (query ?? "").isEmpty ? "" : "&"
        return try HTTPURL.parse(origin.description + path + "?" + (query ?? "") + separator + more)
    }
}
