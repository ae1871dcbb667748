// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO

// The whole glue: one line per command.
extension TransferDriver {
    func perform(_ command: DownloadCommand, now: Duration, in group: inout DiscardingTaskGroup) {
        let store = store
        switch command {
        case .prepare(let name, let create, let replacing):
            post(in: &group) { () async throws(StoreError) in
                .prepared(try await store.prepare(name: name, create: create, replacing: replacing))
            }
        case .begin(let plan):
            post(in: &group) { () async throws(StoreError) in
                try await store.begin(plan)
                return .begun
            }
        case .allocate(let length):
            post(in: &group) { () async throws(StoreError) in
                try await store.allocate(length: length)
                return nil
            }
        case .sync:
            post(in: &group) { () async throws(StoreError) in
                try await store.sync()
                return .synced
            }
        case .verify(let length):
            post(in: &group) { () async throws(StoreError) in .verified(try await store.digests(length: length)) }
        case .publish(let replacing):
            post(in: &group) { () async throws(StoreError) in
                try await store.publish(replacing: replacing)
                return .published
            }
        case .discardPartial:
            post(in: &group) { () async throws(StoreError) in
                try await store.discardPartial()
                return nil
            }
        case .open(let id, let request): open(id, request)
        case .accept(let id, let from, let upTo): exchanges[id]?.accept(from: from, upTo: upTo)
        case .shorten(let id, let limit): exchanges[id]?.shorten(to: limit)
        case .abort(let id): exchanges.removeValue(forKey: id)?.cancel()
        case .checkpoint(let record): append(record)
        case .hash(let frontier): store.hash(upTo: frontier)
        case .wake(let deadline): wake(after: deadline - now)
        case .note(let notice): tell(notice)
        case .finish: outcome = .success(())
        case .fail(let failure): outcome = .failure(failure)
        }
    }

    /// Does work that may block elsewhere, and posts its one answer.
    private func post(
        in group: inout DiscardingTaskGroup,
        _ work: @escaping @Sendable () async throws(StoreError) -> DownloadEvent?
    ) {
        let inbox = inbox
        group.addTask {
            do throws(StoreError) {
                if let event = try await work() { inbox.post(event) }
            } catch {
                inbox.post(.storeFailed(error.failure))
            }
        }
    }

    private func open(_ id: ExchangeID, _ request: ExchangeRequest) {
        let inbox = inbox
        exchanges[id] = transport.open(request, into: store) { report in
            inbox.post(report.event(of: id))
        }
    }

    private func append(_ record: JournalRecord) {
        do throws(StoreError) {
            try store.append(record)
        } catch {
            inbox.post(.storeFailed(error.failure))
        }
    }

    private func wake(after delay: Duration) {
        let inbox = inbox
        timer?.cancel()
        timer = loop.scheduleTask(in: TimeAmount(delay)) { inbox.post(.wake) }
    }

    private func tell(_ notice: TransferNotice) {
        record.note(notice)
        monitor.post(notice)
    }
}

extension ExchangeReport {
    /// The report as the machine's event.
    func event(of id: ExchangeID) -> DownloadEvent {
        switch self {
        case .head(let head): .head(id, head)
        case .wrote(let upTo): .wrote(id, upTo: upTo)
        case .closed(let failure): .closed(id, failure)
        case .storeFailed(let error): .storeFailed(error.failure)
        }
    }
}
