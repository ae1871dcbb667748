// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO

/// Performs what ``SwoopCore/UploadMachine`` commands and tells it what happened. It decides nothing.
///
/// As ``TransferDriver``, an actor pinned to the event loop on which the upload's connections live.
actor UploadDriver {
    /// How an upload ended.
    enum Ending: Sendable {
        case done(UploadOutcome)
        case failed(TransferFailure, kept: UploadRemainder?)
    }

    private let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let loop: any EventLoop
    let target: S3Target
    let source: SourceFile
    let journal: UploadJournal?
    let inbox = Inbox<UploadEvent>()
    private let monitor: TransferMonitor
    private let origins: OriginRegistry
    private let clock = ContinuousClock()
    private let epoch: ContinuousClock.Instant

    private var machine: UploadMachine
    /// Parts in memory.
    var pieces: [Int: SourceFile.Piece] = [:]
    var sendings: [Attempt: Cancellation] = [:]
    var timer: Scheduled<Void>?
    var ending: Ending?
    private var record = TransferRecord()
    private var told: [OriginLoad] = []
    private var gauge = BusyGauge()

    /// One request that carries a part.
    struct Attempt: Hashable {
        let part: Int
        let number: Int
    }

    init(
        machine: UploadMachine,
        target: S3Target,
        source: SourceFile,
        journal: UploadJournal?,
        monitor: TransferMonitor,
        origins: OriginRegistry,
        loop: any EventLoop
    ) {
        self.machine = machine
        self.target = target
        self.source = source
        self.journal = journal
        self.monitor = monitor
        self.origins = origins
        self.loop = loop
        executor = loop.executor
        epoch = clock.now
    }

    /// Runs the upload to its end. Cancelling the task ends it soon; what can be gone on with is kept at the store.
    func run() async -> (ending: Ending, record: TransferRecord) {
        let inbox = inbox
        let transfer = origins.join { inbox.post(.allowance($0)) }
        inbox.post(.start(record: journal?.record))
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                while ending == nil {
                    for event in await inbox.next() { step(event, in: &group) }
                    tellOrigins(of: transfer)
                }
                for sending in sendings.values { sending.cancel() }
            }
        } onCancel: {
            inbox.post(.cancel)
        }
        origins.leave(transfer)
        timer?.cancel()
        monitor.update(machine.progress(now: now))
        return (ending ?? .failed(TransferFailure(.bug, "the upload ended without a result"), kept: nil), record)
    }

    /// Time since the upload started.
    private var now: Duration { clock.now - epoch }

    private func step(_ event: UploadEvent, in group: inout DiscardingTaskGroup) {
        let now = now
        let commands = machine.handle(event, now: now)
        monitor.update(machine.progress(now: now))
        for command in commands { perform(command, now: now, in: &group) }
    }

    private func tellOrigins(of transfer: Int) {
        let loads = [machine.load(now: now)]
        guard OriginLoad.areNews(loads, after: told) else { return }
        told = loads
        origins.update(loads, of: transfer, limit: machine.settings.options.limit, isThreadBusy: isThreadBusy())
    }

    private func isThreadBusy() -> Bool {
        let now = now
        if gauge.isDue(now: now) { gauge.take(used: ThreadTime.used, now: now) }
        return gauge.isBusy
    }

    func tell(_ notice: TransferNotice) {
        record.note(notice)
        monitor.post(notice)
    }
}
