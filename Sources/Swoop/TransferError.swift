// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Why a transfer failed.
public struct TransferError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure: stable, safe to switch on, maps to the exit status.
    public var code: TransferFailure.Code { failure.code }
    /// What went wrong and what the user can do. Lower case, no final full stop, no secrets.
    public var message: String { failure.message }
    /// The failure as the core decided it.
    public var failure: TransferFailure
    /// The URL that was asked for, without userinfo and query values.
    public var url: String
    /// Path of the partial that was kept, if one was.
    public var partialPath: String?
    /// Whether running the same request again may succeed.
    public var isTransient: Bool { failure.isTransient }

    public var description: String { "\(url): \(message)" }
}
