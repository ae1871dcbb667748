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
        case .verifyPiece(let piece, let range, let digest):
            post(in: &group) { () async throws(StoreError) in
                .pieceVerified(piece, try await store.hasDigest(digest, in: range))
            }
        case .describe(let request): describe(request, in: &group)
        case .sample(let id, let request): sample(id, request)
        case .open(let id, let request): open(id, request)
        case .accept(let id, let from, let upTo): exchanges[id]?.accept(from: from, upTo: upTo)
        case .shorten(let id, let limit): exchanges[id]?.shorten(to: limit)
        case .lengthen(let id, let limit): exchanges[id]?.lengthen(to: limit)
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
        // At once, up to where it leaves the thread: a small file's disk work is mostly done by then.
        group.addImmediateTask {
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

    /// As ``open(_:_:)``, into memory.
    private func sample(_ id: ExchangeID, _ request: ExchangeRequest) {
        let (inbox, range) = (inbox, request.range ?? ByteRange(0, 0))
        let buffer = BufferStore(from: range.lower, capacity: Int(range.count))
        exchanges[id] = transport.open(request, into: buffer) { report in
            if report == .closed(nil) { inbox.post(.sampled(id, buffer.bytes)) }
            inbox.post(report.event(of: id))
        }
    }

    /// Fetches a Metalink as a transfer of its own, into memory. One that cannot be had or read is done without.
    private func describe(_ request: ExchangeRequest, in group: inout DiscardingTaskGroup) {
        var options = TransferOptions()
        options.connections = 1
        options.retries = 1
        options.maximumLength = Int64(Metalink.maximumBytes)
        let buffer = BufferStore(capacity: Metalink.maximumBytes)
        let driver = TransferDriver(
            machine: DownloadMachine(url: request.url, explicitName: "metalink", options: options),
            transport: transport,
            store: buffer,
            monitor: TransferMonitor(),
            origins: origins,
            loop: loop
        )
        let inbox = inbox
        group.addTask {
            _ = await driver.run()
            guard let files = try? Metalink.parse(buffer.bytes).files, files.count == 1, let file = files.first else {
                return
            }
            inbox.post(.described(MirrorDescription(file)))
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
