// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Synchronization

/// Every notice of a transfer.
final class NoticeLog: Sendable {
    private let notices = Mutex<[TransferNotice]>([])

    func add(_ notice: TransferNotice) { notices.withLock { $0.append(notice) } }

    /// Whether any bytes were asked for from two connections.
    var asksTwice: Bool {
        notices.withLock { $0.contains { if case .hedged = $0 { true } else { false } } }
    }

    /// Whether the user was told that bytes fetched before are fetched again.
    var saysWhyItStartedAgain: Bool {
        notices.withLock { notices in
            notices.contains { notice in
                switch notice {
                case .restarting, .partialIgnored: true
                default: false
                }
            }
        }
    }
}
