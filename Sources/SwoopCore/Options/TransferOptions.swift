// SPDX-License-Identifier: Apache-2.0

/// How a download is to be done. Every default in Swoop is stated here and nowhere else.
public struct TransferOptions: Hashable, Sendable {
    /// What to do when the final name is taken.
    public enum ExistingTarget: String, Hashable, Sendable, CaseIterable {
        /// Refuse, touching nothing.
        case refuse
        /// Replace it once the new bytes are verified.
        case overwrite
        /// Leave it and report success.
        case skip
    }

    /// What to do when the representation changes during the transfer or since the partial was made.
    public enum OnChange: String, Hashable, Sendable, CaseIterable {
        /// Start again, at most ``TransferOptions/maximumRestarts`` times, saying so.
        case restart
        /// Stop with ``TransferFailure/Code/changed``.
        case fail
    }

    /// Number of connections, or `nil` to let Swoop choose; at least 1.
    public var connections: Int?
    /// Most connections to one origin that Swoop chooses by itself; at least 1.
    public var maximumConnections = 32
    /// Connections after the first response, before anything is known of the origin.
    public static let firstConnections = 4
    /// Fixed segment size in bytes, or `nil` to size segments by time; at least 1.
    public var segmentSize: Int64?
    /// What to do when the final name is taken.
    public var existingTarget: ExistingTarget = .refuse
    /// Whether to continue a partial that an earlier run left.
    public var resume = true
    /// What to do when the representation changes.
    public var onChange: OnChange = .restart
    /// Restarts allowed before a changing representation is given up.
    public static let maximumRestarts = 3
    /// The digest that the bytes must have, or `nil`.
    public var expectedDigest: Digest?
    /// A digest to compute besides, or `nil`.
    public var digestAlgorithm: DigestAlgorithm?
    /// Largest acceptable length in bytes, or `nil`.
    public var maximumLength: Int64?
    /// Time allowed to establish a connection.
    public var connectTimeout: Duration = .seconds(10)
    /// Time without a byte after which an exchange is replaced.
    public var stallTimeout: Duration = .seconds(20)
    /// Consecutive failures without progress that end the transfer.
    public var retries = 8
    /// Base of the exponential back-off.
    public var retryWait: Duration = .seconds(1)
    /// Whether pieces can be read back to be verified: not where nothing is kept.
    public var verifiesPieces = true
    /// Whether to wait for the disk before publishing.
    public var sync = true
    /// Bytes that may be ahead of the reader when the bytes leave in order, or `nil` if they may come in any; at least
    /// ``smallestWindow``.
    public var window: Int64?
    /// The window unless the user names another, in bytes.
    public static let defaultWindow: Int64 = 64 << 20
    /// Smallest window, in bytes.
    public static let smallestWindow: Int64 = 1 << 20
    /// Seed of the back-off's jitter.
    public var seed: UInt64 = 0

    /// Makes the default options.
    public init() {}

    /// Most connections to one origin.
    public var connectionCount: Int { max(1, connections ?? maximumConnections) }

    /// The digest algorithms to compute, each once: the expected digest's first, then the one asked for.
    public var digestsToCompute: [DigestAlgorithm] {
        let wanted = [expectedDigest?.algorithm, digestAlgorithm].compactMap { $0 }
        return wanted.count == 2 && wanted[0] == wanted[1] ? [wanted[0]] : wanted
    }
}
