// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopS3

/// Which object store is meant, and with whose credentials it is asked.
public struct StoreOptions: Hashable, Sendable {
    /// URL of the store, or `nil` for what the environment and the profile say, else Amazon's.
    public var endpoint: String?
    /// Region, or `nil` for what the environment, the profile or the bucket says.
    public var region: String?
    /// Name of the profile in the configuration files, or `nil` for the environment's.
    public var profile: String?
    /// Whether requests are not signed.
    public var isAnonymous = false
    /// Name of the provider in the table of profiles, or `nil` to tell it by the endpoint.
    public var provider: String?
    /// The environment that credentials, region and endpoint are looked for in.
    public var environment: [String: String] = [:]

    /// Makes options that leave everything to the environment; an empty one.
    public init() {}

    /// Whether a URL names an object: its scheme is `s3`.
    public static func isLocation(_ url: String) -> Bool { url.utf8.count > 5 && url.prefix(5).lowercased() == "s3://" }

    /// The names of the providers in the table.
    public static let providers = StoreProfile.all.map(\.name)
}
