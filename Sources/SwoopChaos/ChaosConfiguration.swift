// SPDX-License-Identifier: Apache-2.0

/// What a ``ChaosServer`` serves, and where.
public struct ChaosConfiguration: Hashable, Sendable {
    /// Where the files come from; each is served under every scenario.
    public enum Content: Hashable, Sendable {
        /// Every regular file directly in the directory at this path.
        case directory(String)
        /// Files that are made up, with their lengths in bytes. Beside those named, every name that reads as a length
        /// exists: `64MiB.bin`, `1048577.bin`, `empty.bin`.
        case synthetic([String: Int64])
    }

    /// Where the files come from.
    public var content: Content
    /// The TCP port on 127.0.0.1; 0 takes a free one.
    public var port: Int
    /// Which bytes synthetic files have.
    public var seed: UInt64
    /// Whether scenarios that are not about TLS are served over it.
    public var isSecure: Bool

    /// A configuration; by default synthetic files on a free port.
    public init(content: Content = .synthetic([:]), port: Int = 0, seed: UInt64 = 1, isSecure: Bool = false) {
        self.content = content
        self.port = port
        self.seed = seed
        self.isSecure = isSecure
    }
}
