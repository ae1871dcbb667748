// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// What a provider's implementation of the S3 API allows, so that a rule is kept from the first part on and not found
/// out after the last one.
///
/// Where the documentation leaves a doubt, the value is the one that works everywhere; the source says so.
public struct StoreProfile: Hashable, Sendable {
    /// One mebibyte.
    static let mebibyte: Int64 = 1 << 20

    /// What it is called on a command line: lower case, such as `aws`.
    public let name: String
    /// What people call it.
    public let title: String
    /// Names that its hosts end with, lower case; empty if it runs on anybody's hosts.
    public let hostSuffixes: [String]
    /// Pages and observations that the values are from.
    public let source: [String]

    /// Most parts of an upload.
    public var mostParts = 10_000
    /// Fewest bytes of a part that is not the last.
    public var smallestPart: Int64 = 5 * mebibyte
    /// Most bytes of a part, and of an object that is sent whole.
    public var largestPart: Int64 = 5_120 * mebibyte
    /// Whether all parts but the last must have one length.
    public var needsEqualParts = false
    /// Whether `If-None-Match: *` keeps both PutObject and CompleteMultipartUpload from replacing an object. A store that
    /// ignores the field would replace it, so that a doubt means no.
    public var takesConditionalWrite = false
    /// Whether CompleteMultipartUpload takes `x-amz-mp-object-size`.
    public var takesObjectSize = false
    /// The region to sign for if nobody says another.
    public var defaultRegion = "us-east-1"
    /// Whether hosts say the region, as in `s3.eu-west-1.example.com`.
    public var namesRegionInHost = false
    /// Whether buckets stand in the path, unless asked otherwise: that needs no host name and no certificate for each.
    public var isPathStyle = true

    /// Makes a profile with the values that work everywhere.
    public init(name: String, title: String, hostSuffixes: [String] = [], source: [String]) {
        self.name = name
        self.title = title
        self.hostSuffixes = hostSuffixes
        self.source = source
    }

    /// The profile of the provider that a host belongs to.
    ///
    /// - Parameter host: in any case, without a port; a bucket may stand in front.
    /// - Returns: `nil` for a host that no provider is known by.
    public static func matching(host: String) -> StoreProfile? {
        let host = ASCII.lowercased(host)
        return all.first { profile in profile.suffix(of: host) != nil }
    }

    /// The profile with a ``name``, in any case; `nil` if there is none.
    public static func named(_ name: String) -> StoreProfile? {
        let name = ASCII.lowercased(name)
        return all.first { $0.name == name }
    }

    /// The region that a host of this provider says; `nil` if it says none.
    ///
    /// The label in front of the suffix says it: `s3.eu-west-1.`, `s3.dualstack.eu-west-1.`, and in old names
    /// `s3-eu-west-1.`; `vpce` may stand between.
    /// - Source: AWS docs "Amazon S3 endpoints and quotas".
    public func region(inHost host: String) -> String? {
        let host = ASCII.lowercased(host)
        guard namesRegionInHost, let suffix = suffix(of: host) else { return nil }
        var labels = host.utf8.dropLast(suffix.utf8.count).split(separator: UInt8(ascii: ".")).map { Substring($0) }
        if labels.last == "vpce" { labels.removeLast() }
        guard let label = labels.last, label != "s3" else { return nil }
        guard label.utf8.starts(with: "s3-".utf8) else { return String(label) }
        // A region has two hyphens or more; `s3-accelerate` and `s3-external-1` are none.
        let region = label.utf8.dropFirst(3)
        return region.count { $0 == UInt8(ascii: "-") } >= 2 ? String(Substring(region)) : nil
    }

    private func suffix(of host: String) -> String? {
        hostSuffixes.first { suffix in
            guard host.utf8.reversed().starts(with: suffix.utf8.reversed()) else { return false }
            let front = host.utf8.dropLast(suffix.utf8.count)
            return front.isEmpty || front.last == UInt8(ascii: ".")
        }
    }
}
