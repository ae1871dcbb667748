// SPDX-License-Identifier: Apache-2.0

// When the journal claims what.
extension DownloadMachine {
    /// *Written* is claimed this often; what a crash makes us fetch again is at most this plus what is unreported.
    private static let writtenInterval: (bytes: Int64, time: Duration) = (4 << 20, .milliseconds(250))
    /// A data sync is begun this often, one at a time.
    private static let syncInterval: (bytes: Int64, time: Duration) = (256 << 20, .seconds(2))

    /// The bytes that are proven as far as they can be.
    var claimable: RangeSet { ledger?.provenBytes ?? done }

    mutating func checkpoint(now: Duration, into commands: inout [DownloadCommand]) {
        guard isJournaled else { return }
        if unjournaled.count >= Self.writtenInterval.bytes || now - journaledAt >= Self.writtenInterval.time {
            journaledAt = now
            flushJournal(into: &commands)
        }
        guard options.sync, syncing == nil, claimable.count > durable.count else { return }
        let unsynced = claimable.count - durable.count
        if unsynced >= Self.syncInterval.bytes || now - syncedAt >= Self.syncInterval.time {
            syncing = claimable
            commands.append(.sync)
        }
    }

    mutating func flushJournal(into commands: inout [DownloadCommand]) {
        guard isJournaled, !unjournaled.isEmpty else { return }
        commands.append(.checkpoint(.written(unjournaled.ranges)))
        unjournaled = RangeSet()
    }

    /// Invariant 4: only what was written before the sync began is durable now.
    mutating func synced(now: Duration, into commands: inout [DownloadCommand]) {
        guard let snapshot = syncing else { return }
        syncing = nil
        syncedAt = now
        guard isJournaled, state == .running, !snapshot.isEmpty else { return }
        durable.formUnion(snapshot)
        commands.append(.checkpoint(.durable(snapshot.ranges)))
    }
}
