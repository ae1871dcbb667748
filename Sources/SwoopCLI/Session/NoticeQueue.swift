// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization

/// Notices on their way from a transfer's event loop to its view. Loses none and makes nobody wait.
///
/// Bounded by what happens in a tenth of a second, which is how often the view takes everything out.
final class NoticeQueue: Sendable {
    private let waiting = Mutex<[(TransferNotice, TransferProgress)]>([])

    func append(_ notice: TransferNotice, _ progress: TransferProgress) {
        waiting.withLock { $0.append((notice, progress)) }
    }

    /// Everything that came since the last call, oldest first.
    func takeAll() -> [(TransferNotice, TransferProgress)] {
        waiting.withLock { queue in
            defer { queue = [] }
            return queue
        }
    }
}
