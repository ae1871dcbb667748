// SPDX-License-Identifier: Apache-2.0

/// What all transfers of a ``TransferClient`` have in common.
public struct ClientConfiguration: Sendable {
    /// Most bytes per second that all transfers together take from the network, or `nil` for no limit; at least 1.
    public var rateLimit: Int64?
    /// Path of the file that remembers how many connections carried the load of an origin, or `nil` to remember nothing
    /// beyond the client.
    public var originMemory: String?

    /// Makes a configuration without limit and memory.
    public init() {}
}
