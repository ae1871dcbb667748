// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO

/// Performs what ``DownloadMachine`` commands and tells it what happened. It decides nothing.
///
/// An actor pinned to the event loop on which the transfer's connections live, so that nothing between a received byte
/// and the machine changes threads.
actor TransferDriver {
    /// How a transfer ended.
    typealias Outcome = Result<Void, TransferFailure>

    private let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let loop: any EventLoop
    let transport: any HTTPTransport
    let store: any ByteStore
    let monitor: TransferMonitor
    let origins: OriginRegistry
    let inbox = Inbox<DownloadEvent>()
    private let clock = ContinuousClock()
    private let epoch: ContinuousClock.Instant

    private var machine: DownloadMachine
    var exchanges: [ExchangeID: any Exchange] = [:]
    var timer: Scheduled<Void>?
    var outcome: Outcome?
    var record = TransferRecord()
    /// What the origins were told last.
    private var told: [OriginLoad] = []
    private var gauge = BusyGauge()

    init(
        machine: DownloadMachine,
        transport: any HTTPTransport,
        store: any ByteStore,
        monitor: TransferMonitor,
        origins: OriginRegistry,
        loop: any EventLoop
    ) {
        self.machine = machine
        self.transport = transport
        self.store = store
        self.monitor = monitor
        self.origins = origins
        self.loop = loop
        executor = loop.executor
        epoch = clock.now
    }

    /// Runs the transfer to its end. Cancelling the task ends it soon, with a partial that can be resumed.
    func run() async -> (outcome: Outcome, record: TransferRecord) {
        let inbox = inbox
        let transfer = origins.join { inbox.post(.allowance($0)) }
        store.whenConsumed { inbox.post(.consumed(upTo: $0)) }
        inbox.post(.start)
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                while outcome == nil {
                    for event in await inbox.next() { step(event, in: &group) }
                    tellOrigins(of: transfer)
                }
                // Only reserving space heeds this; whatever else the disk is doing is finished.
                group.cancelAll()
            }
        } onCancel: {
            inbox.post(.cancel)
        }
        origins.leave(transfer)
        timer?.cancel()
        monitor.update(machine.progress(now: now))
        record.progress = machine.progress(now: now)
        record.account = machine.account
        return (outcome ?? .failure(TransferFailure(.bug, "the transfer ended without a result")), record)
    }

    /// Tells the origins what the transfer does, if that is news.
    private func tellOrigins(of transfer: Int) {
        let loads = machine.loads(now: now)
        guard OriginLoad.areNews(loads, after: told) else { return }
        told = loads
        origins.update(loads, of: transfer, limit: machine.options.limit, isThreadBusy: isThreadBusy())
    }

    private func isThreadBusy() -> Bool {
        let (now, before) = (now, gauge.isBusy)
        if gauge.isDue(now: now) { gauge.take(used: ThreadTime.used, now: now) }
        if gauge.isBusy != before { inbox.post(.threadBusy(gauge.isBusy)) }
        return gauge.isBusy
    }

    /// Time since the transfer started; read in one place, once per event.
    private var now: Duration { clock.now - epoch }

    private func step(_ event: DownloadEvent, in group: inout DiscardingTaskGroup) {
        let now = now
        let commands = machine.handle(event, now: now)
        monitor.update(machine.progress(now: now))
        for command in commands { perform(command, now: now, in: &group) }
    }
}

/// What a driver remembers of a transfer for its result.
struct TransferRecord: Sendable {
    var progress = TransferProgress()
    var account = TransferAccount()
    var digests: [Digest] = []
    var verified: DigestAlgorithm?
    var wasSkipped = false
    var connections: [Int: TransferResult.ConnectionStatistics] = [:]

    mutating func note(_ notice: TransferNotice) {
        switch notice {
        case .segment(let connection, let range, _):
            var statistics = connections[connection] ?? .init(connection: connection)
            statistics.segments += 1
            statistics.bytes += range.count
            connections[connection] = statistics
        case .verified(let digests, let agreed):
            self.digests = digests
            verified = agreed?.algorithm
        case .skipped: wasSkipped = true
        default: break
        }
    }
}
