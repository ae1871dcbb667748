// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
internal import Synchronization

/// Where a transfer can be watched from outside while it runs.
///
/// Progress is pulled: call ``progress`` as often as the view redraws. Notices are pushed, a few per segment; the handler
/// runs on the transfer's event loop and must return at once.
public final class TransferMonitor: Sendable {
    private let latest = Mutex(TransferProgress())
    private let handler: @Sendable (TransferNotice, TransferProgress) -> Void

    /// Makes a monitor.
    /// - Parameter onNotice: called for every notice, with the progress at that instant.
    public init(onNotice: @escaping @Sendable (TransferNotice, TransferProgress) -> Void = { _, _ in }) {
        handler = onNotice
    }

    /// How far the transfer is now.
    public var progress: TransferProgress { latest.withLock { $0 } }

    func update(_ progress: TransferProgress) { latest.withLock { $0 = progress } }

    func post(_ notice: TransferNotice) { handler(notice, progress) }
}
