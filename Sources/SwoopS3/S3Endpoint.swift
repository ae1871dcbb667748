// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Where a store is and how its buckets are named in URLs.
///
/// - Source: AWS docs "Virtual hosting of general purpose buckets", "Amazon S3 endpoints and quotas".
public struct S3Endpoint: Hashable, Sendable {
    /// The store's own URL, without a bucket. Its path, if it has one, stands in front of every bucket.
    public let base: HTTPURL
    /// What requests are signed for.
    public let region: String
    /// What the store allows.
    public let profile: StoreProfile
    /// Whether buckets stand in the path; `nil` if that depends on store, host and bucket.
    public let pathStyle: Bool?

    /// Makes an endpoint; everything that is `nil` is found from the rest.
    ///
    /// - Parameters:
    ///   - url: `nil` for AWS's own endpoint of the region.
    ///   - region: `nil` for the one that the host says, or else the profile's default.
    ///   - profile: `nil` for the one that the host belongs to, or else ``StoreProfile/generic``.
    ///   - pathStyle: `nil` for the profile's way, as far as host and bucket permit.
    /// - Throws: ``S3EndpointError``.
    public init(
        url: HTTPURL?,
        region: String?,
        profile: StoreProfile?,
        pathStyle: Bool?
    ) throws(S3EndpointError) {
        let profile = profile ?? url.map { StoreProfile.matching(host: $0.host) ?? .generic } ?? .aws
        let region = region ?? url.flatMap { profile.region(inHost: $0.host) } ?? profile.defaultRegion
        guard Self.isRegion(region) else { throw .badRegion }
        if let url { base = url } else { base = try Self.ownURL(of: profile, region: region) }
        guard base.user == nil, base.password == nil else { throw .hasUserInfo }
        guard base.query == nil else { throw .hasQuery }
        self.region = region
        self.profile = profile
        self.pathStyle = pathStyle
    }

    /// Whether a bucket stands in the path, `HOST/BUCKET/KEY`, rather than in front of the host.
    ///
    /// It must if it would be no host name, whatever was asked: a capital would be lost on the way. Unless asked
    /// otherwise, it does also if it has a dot, which no wildcard certificate covers, or if the endpoint is an address,
    /// a name without a dot, or at a port of its own, where nobody is likely to have made a name for each bucket.
    public func isPathStyle(bucket: String) -> Bool {
        guard Self.isHostLabels(bucket) else { return true }
        if let pathStyle { return pathStyle }
        return profile.isPathStyle || bucket.utf8.contains(UInt8(ascii: ".")) || isBareHost
    }

    /// The URL of an object, of a bucket, or of the store.
    ///
    /// The key's bytes are sent as they are, percent-encoded; a key that cannot be sent so is refused.
    /// - Parameters:
    ///   - bucket: `nil` for the store itself.
    ///   - key: empty for the bucket itself.
    ///   - query: names and values as they are before percent-encoding; `nil` for a name alone.
    /// - Throws: ``S3RequestError``.
    /// - Returns: the URL.
    public func url(
        bucket: String?,
        key: String,
        query: [(String, String?)] = []
    ) throws(S3RequestError) -> HTTPURL {
        guard bucket.map(S3Location.isBucket) ?? key.isEmpty else { throw .badBucket }
        try Self.check(key: key)
        let inPath = bucket.map { isPathStyle(bucket: $0) } ?? false
        let root = base.path.utf8.last == UInt8(ascii: "/") ? String(base.path.dropLast()) : base.path
        let path = root + (inPath ? "/\(bucket ?? "")" : "") + Self.path(key, of: inPath)
        let front = inPath ? "" : bucket.map { $0 + "." } ?? ""
        let authority = "\(base.scheme)://\(front)\(base.authority)"
        let text = query.isEmpty ? "" : "?" + URIEncoding.query(query.map { (name: $0, value: $1) })
        guard let url = try? HTTPURL.parse(authority + path + text) else { throw .badKey }
        // Whatever the parser may come to change, no other object than this one is named.
        guard url.path == path, url.host == front + base.host else { throw .badKey }
        return url
    }
}

extension S3Endpoint {
    /// A path-style bucket without a key ends without a slash, as AWS's own examples do; every other path begins with one.
    private static func path(_ key: String, of inPath: Bool) -> String {
        inPath && key.isEmpty ? "" : "/" + URIEncoding.encoded(key, keepingSlashes: true)
    }

    /// Stores and proxies fold dot segments, each in its own way, so that another object could be meant.
    private static func check(key: String) throws(S3RequestError) {
        guard key.utf8.count <= S3Location.longestKey, !key.utf8.contains(0) else { throw .badKey }
        let segments = key.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
        guard !segments.contains("."), !segments.contains("..") else { throw .dotSegment }
    }

    private static func ownURL(of profile: StoreProfile, region: String) throws(S3EndpointError) -> HTTPURL {
        guard profile.name == StoreProfile.aws.name else { throw .missing(store: profile.title) }
        guard let url = try? HTTPURL.parse("https://s3.\(region).\(domain(of: region))") else { throw .badRegion }
        return url
    }

    /// Partitions of AWS have domains of their own; the regions for the US government do not.
    private static func domain(of region: String) -> String {
        if region.utf8.starts(with: "cn-".utf8) { return "amazonaws.com.cn" }
        return region.utf8.starts(with: "eusc-".utf8) ? "amazonaws.eu" : "amazonaws.com"
    }

    /// A region stands in a host name and in the credential scope, which is cut at slashes.
    private static func isRegion(_ region: String) -> Bool {
        let isShort = (1...64).contains(region.utf8.count)
        return isShort && region.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "-_".utf8.contains($0) }
    }

    /// Whether a bucket is one or more labels of a host name, in lower case, and no IPv4 address.
    private static func isHostLabels(_ bucket: String) -> Bool {
        let labels = bucket.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hyphen = UInt8(ascii: "-")
        let areLabels = labels.allSatisfy { label in
            guard let first = label.first, let last = label.last, first != hyphen, last != hyphen else { return false }
            return label.allSatisfy { ASCII.lowercased($0) == $0 && (ASCII.isAlphanumeric($0) || $0 == hyphen) }
        }
        return areLabels && !isAddress(bucket)
    }

    private var isBareHost: Bool {
        let hasOwnPort = base.port != (base.scheme == "https" ? 443 : 80)
        return hasOwnPort || Self.isAddress(base.host) || !base.host.utf8.contains(UInt8(ascii: "."))
            || base.host.utf8.reversed().starts(with: ".localhost".utf8.reversed())
    }

    /// IPv6, or nothing but digits and dots.
    private static func isAddress(_ host: String) -> Bool {
        host.utf8.contains(UInt8(ascii: ":")) || host.utf8.allSatisfy { ASCII.isDigit($0) || $0 == UInt8(ascii: ".") }
    }
}

/// Why an endpoint cannot be used.
public enum S3EndpointError: Error, Hashable, Sendable {
    /// Only AWS has an endpoint that follows from the region.
    case missing(store: String)
    /// The region is empty, too long, or has a byte that no region has.
    case badRegion
    /// User or password stand in the URL: requests to a store are signed, not authorised so.
    case hasUserInfo
    /// The URL has a query.
    case hasQuery

    /// What is wrong and what to do, in the style of every message: no capital, no full stop.
    public var message: String {
        switch self {
        case .missing(let store): "no endpoint is known for \(store): give the URL of its S3 API"
        case .badRegion: "the region is not valid: use letters, digits and hyphens, as in us-east-1"
        case .hasUserInfo: "the endpoint has a user or password in it: remove them, and give keys as credentials"
        case .hasQuery: "the endpoint has a query: give it without the ? and what follows"
        }
    }
}
