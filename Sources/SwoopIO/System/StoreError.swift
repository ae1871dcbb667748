// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Why the disk refused.
public struct StoreError: Error, Hashable, Sendable {
    /// The failure as the core knows it: what kind, and what to tell the user.
    public var failure: TransferFailure
    /// The system call that failed, or what was being done.
    public var operation: String
    /// The path it failed on.
    public var path: String
    /// The system's error number, or 0 if the store itself refused.
    public var errorNumber: Int32

    /// Makes an error from its parts.
    public init(_ failure: TransferFailure, operation: String, path: String, errorNumber: Int32 = 0) {
        self.failure = failure
        self.operation = operation
        self.path = path
        self.errorNumber = errorNumber
    }
}
