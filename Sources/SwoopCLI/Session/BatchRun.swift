// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import Synchronization

/// Several transfers at a time, and one view for all of them.
struct BatchRun: Sendable {
    /// Transfers that may wait for the disk with all their bytes there.
    private static let mostUnfinished = 512
    /// How often the view looks, if somebody looks at it, and if not.
    private static let shownInterval: Duration = .milliseconds(100)
    private static let hiddenInterval: Duration = .seconds(1)

    let client: TransferClient
    let presentation: Presentation
    let console: Console
    let jobs: Int
    let manifest: ManifestLog?
    private let happened = BatchQueue()

    init(_ client: TransferClient, _ presentation: Presentation, _ console: Console, jobs: Int, manifest: ManifestLog?)
    {
        self.client = client
        self.presentation = presentation
        self.console = console
        self.jobs = jobs
        self.manifest = manifest
    }

    /// Tries every item of the feed; in a cancelled task none is begun, and those at work end soon.
    func run(_ feed: ItemFeed, total: Int64?) async -> BatchTally {
        let start = ContinuousClock.now
        var view = BatchView(report: BatchReport(presentation, total: total), console: console, start: start)
        view = await withTaskGroup(of: BatchView.self) { group in
            let view = view
            group.addTask { await redraw(view) }
            await client.nearConnections { await transferAll(feed) }
            group.cancelAll()
            return await group.next() ?? view
        }
        view.conclude(happened.takeAll())
        return view.report.tally
    }

    private func redraw(_ view: BatchView) async -> BatchView {
        var view = view
        let isShown = presentation.verbosity != .quiet || presentation.writesEvents
        while !Task.isCancelled {
            try? await Task.sleep(for: isShown ? Self.shownInterval : Self.hiddenInterval)
            view.show(happened.takeAll())
        }
        return view
    }

    private func transferAll(_ feed: ItemFeed) async {
        let slots = JobSlots(receiving: jobs, unfinished: Self.mostUnfinished)
        var feed = feed
        await withDiscardingTaskGroup { group in
            while let entry = await feed.next() {
                switch entry {
                case .warning(let text): happened.append(.warning(text))
                case .alreadyDone: happened.append(.alreadyDone(1))
                case .fault(let number, let fault): happened.append(.fault(number, fault))
                case .item(let item):
                    let slot = await slots.take()
                    guard !Task.isCancelled else { return }
                    group.addTask { await transfer(item, slot) }
                }
            }
        }
    }

    private func transfer(_ item: DownloadItem, _ slot: JobSlot) async {
        let (number, happened, wants) = (item.number, happened, presentation.wants)
        let monitor = TransferMonitor { notice, progress in
            if case .received = notice { slot.received() }
            if wants(notice) { happened.append(.noticed(number, notice, progress)) }
        }
        happened.append(.began(item, monitor))
        let outcome = await TransferRun.download(item.request, client, monitor)
        manifest?.append(item, outcome, monitor.progress)
        happened.append(.ended(number, outcome))
        slot.ended()
    }
}

extension Presentation {
    /// Says of a notice whether anybody wants to know. What nobody wants is not kept for a moment.
    fileprivate var wants: @Sendable (TransferNotice) -> Bool {
        let (verbosity, writesEvents) = (verbosity, writesEvents)
        return { notice in
            switch notice {
            case .request, .response, .redirected, .shortened: verbosity == .verbose
            case .segment: writesEvents
            case .verified, .skipped, .received: false
            case .started, .retrying: writesEvents || verbosity != .quiet
            default: verbosity != .quiet
            }
        }
    }
}

/// What happens in transfers on its way to their view. Loses nothing and makes nobody wait.
final class BatchQueue: Sendable {
    private let waiting = Mutex<[BatchReport.Entry]>([])

    func append(_ entry: BatchReport.Entry) {
        waiting.withLock { queue in
            // Millions of them may come at once.
            if case .alreadyDone(let more) = entry, case .alreadyDone(let count) = queue.last {
                queue[queue.count - 1] = .alreadyDone(count + more)
            } else {
                queue.append(entry)
            }
        }
    }

    /// Everything that came since the last call, oldest first.
    func takeAll() -> [BatchReport.Entry] {
        waiting.withLock { queue in
            defer { queue = [] }
            return queue
        }
    }
}

/// Writes what a ``BatchReport`` says.
struct BatchView: Sendable {
    private(set) var report: BatchReport
    let console: Console
    let start: ContinuousClock.Instant
    private var screen = LiveScreen()

    init(report: BatchReport, console: Console, start: ContinuousClock.Instant) {
        self.report = report
        self.console = console
        self.start = start
    }

    /// Writes what happened is worth, and the next frame.
    mutating func show(_ entries: [BatchReport.Entry]) {
        let output = report.take(entries)
        let events = output.text + report.progressEvents()
        if !events.isEmpty { console.output(events) }
        let elapsed = ContinuousClock.now - start
        draw(output.lines, frame: report.frame(columns: console.columns(), rows: console.rows(), elapsed: elapsed))
    }

    /// Takes the frame away and writes the lines that stay.
    mutating func conclude(_ entries: [BatchReport.Entry]) {
        var output = report.take(entries)
        if !output.text.isEmpty { console.output(output.text) }
        let tally = report.tally
        if tally.interrupted > 0 {
            output.lines.append("swoop: " + tally.interruption(leavesDone: report.presentation.leavesDone))
        } else if report.presentation.verbosity != .quiet {
            output.lines.append(tally.summary(elapsed: ContinuousClock.now - start))
        }
        draw(output.lines, frame: [])
    }

    private mutating func draw(_ lines: [String], frame: [String]) {
        if report.presentation.view == .live {
            console.error(screen.update(above: lines, frame: frame, columns: console.columns()))
        } else if !lines.isEmpty {
            console.error(lines.map { $0 + "\n" }.joined())
        }
    }
}
