// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// What is said of several transfers while they run and when they have ended. Makes text; writes nothing.
struct BatchReport: Sendable {
    /// Something that happened, in the order it did.
    enum Entry: Sendable {
        case began(DownloadItem, TransferMonitor)
        case noticed(Int64, TransferNotice, TransferProgress)
        case ended(Int64, TransferRun.Outcome)
        /// An item that could not be begun.
        case fault(Int64, ListFault)
        case warning(String)
        /// So many items that the manifest has as done.
        case alreadyDone(Int64)
    }

    /// What to write now.
    struct Output: Hashable, Sendable {
        /// Lines for people that stay.
        var lines: [String] = []
        /// Text for standard output: events and digests.
        var text = ""
    }

    /// Runs of more items leave no line for each that went well in the live view.
    static let fewItems: Int64 = 20

    let presentation: Presentation
    private(set) var tally = BatchTally()
    private var running: [Int64: Running] = [:]
    private var estimator = ThroughputEstimator(now: .zero)
    private var counted: Int64 = 0

    /// One transfer that has begun and not ended.
    private struct Running {
        let item: DownloadItem
        let monitor: TransferMonitor
        /// Made when something is to be said.
        var report: HumanReport?
        var events: EventLog?
    }

    init(_ presentation: Presentation, total: Int64?) {
        self.presentation = presentation
        tally.total = total
    }

    // MARK: What happened

    /// Takes what happened and answers what it is worth.
    mutating func take(_ entries: [Entry]) -> Output {
        var output = Output()
        for entry in entries { take(entry, &output) }
        return output
    }

    private mutating func take(_ entry: Entry, _ output: inout Output) {
        switch entry {
        case .began(let item, let monitor): began(item, monitor)
        case .noticed(let number, let notice, let progress): noticed(number, notice, progress, &output)
        case .ended(let number, let outcome): ended(number, outcome, &output)
        case .fault(let number, let fault): failed(number, fault, &output)
        case .warning(let text):
            if presentation.verbosity != .quiet { output.lines.append(clean("swoop: \(text)")) }
        case .alreadyDone(let count): tally.skipped += count
        }
    }

    private mutating func began(_ item: DownloadItem, _ monitor: TransferMonitor) {
        tally.begun += 1
        var run = Running(item: item, monitor: monitor)
        if presentation.writesEvents {
            run.events = EventLog(id: item.number, destination: item.request.destination)
        }
        running[item.number] = run
    }

    private mutating func noticed(
        _ number: Int64,
        _ notice: TransferNotice,
        _ progress: TransferProgress,
        _ output: inout Output
    ) {
        guard var run = running[number] else { return }
        if let line = run.events?.line(notice) { output.text += line }
        var report = run.report ?? makeReport(run)
        if case .segment = notice {} else { output.lines += report.lines(notice, progress) }
        run.report = report
        running[number] = run
    }

    private mutating func ended(_ number: Int64, _ outcome: TransferRun.Outcome, _ output: inout Output) {
        guard let run = running.removeValue(forKey: number) else { return }
        let progress = run.monitor.progress
        tally.count(outcome, bytes: progress.bytes)
        switch outcome {
        case .success(let result):
            if leavesLine { output.lines.append(clean(ResultText.summary(result, name: name(run, progress)))) }
            output.text += ResultText.output(
                result,
                run.item.request.options.digestAlgorithm,
                run.events,
                name: name(run, progress)
            )
        case .failure(let error):
            if error.code != .cancelled {
                output.lines.append(clean("swoop: \(name(run, progress)): \(ResultText.failure(error, progress))"))
            }
            output.text += run.events?.line(error, progress) ?? ""
        }
    }

    private func name(_ run: Running, _ progress: TransferProgress) -> String {
        progress.name ?? run.report?.name ?? run.item.provisionalName
    }

    private mutating func failed(_ number: Int64, _ fault: ListFault, _ output: inout Output) {
        tally.begun += 1
        tally.countFault()
        output.lines.append(clean("swoop: \(fault)"))
        if presentation.writesEvents { output.text += EventLog.line(fault, id: number) }
    }

    /// Whether a transfer that went well leaves a line of its own.
    private var leavesLine: Bool {
        guard presentation.verbosity != .quiet else { return false }
        return presentation.view != .live || max(tally.total ?? 0, tally.begun) <= Self.fewItems
    }

    private func makeReport(_ run: Running) -> HumanReport {
        HumanReport(
            name: run.item.provisionalName,
            view: presentation.view,
            verbosity: presentation.verbosity,
            style: presentation.style
        )
    }

    private func clean(_ text: String) -> String {
        DisplayText.clean(text, unicode: presentation.style.usesUnicode)
    }

    // MARK: How far it is

    /// The progress events that are due.
    mutating func progressEvents() -> String {
        guard presentation.writesEvents else { return "" }
        var text = ""
        for number in running.keys.sorted() {
            guard let progress = running[number]?.monitor.progress else { continue }
            text += running[number]?.events?.line(progress) ?? ""
        }
        return text
    }

    /// The lines to redraw in place; none unless the view is live.
    mutating func frame(columns: Int, rows: Int, elapsed: Duration) -> [String] {
        guard presentation.view == .live else { return [] }
        let live = running.values.sorted { $0.item.number < $1.item.number }.map { run in
            let progress = run.monitor.progress
            return BatchFrame.Row(name: progress.name ?? run.item.provisionalName, progress: progress)
        }
        // Those that only wait for the disk come last.
        let moving = live.filter { $0.progress.phase != .publishing } + live.filter { $0.progress.phase == .publishing }
        return BatchFrame.lines(
            progress(moving, elapsed: elapsed),
            running: moving,
            columns: columns,
            rows: rows,
            style: presentation.style
        )
    }

    private mutating func progress(_ rows: [BatchFrame.Row], elapsed: Duration) -> BatchProgress {
        let fetched = rows.reduce(tally.fetched) { $0 &+ max(0, $1.progress.bytes &- $1.progress.resumed) }
        estimator.add(max(0, fetched - counted), now: elapsed)
        counted = max(counted, fetched)
        var batch = BatchProgress(total: tally.total, done: tally.done, failed: tally.failed, skipped: tally.skipped)
        batch.bytes = rows.reduce(tally.bytes) { $0 &+ $1.progress.bytes }
        batch.throughput = estimator.bytesPerSecond(now: elapsed) ?? 0
        batch.connections = rows.reduce(0) { $0 + $1.progress.segments.count }
        batch.remaining = remaining(rows, batch.throughput)
        return batch
    }

    /// What is missing of the running ones, and for those to come the mean of the lengths that are known.
    private func remaining(_ rows: [BatchFrame.Row], _ throughput: Double) -> Duration? {
        guard let total = tally.total, throughput > 0 else { return nil }
        let known = rows.compactMap(\.progress.length)
        let files = Double(tally.done) + Double(known.count)
        guard files > 0 else { return nil }
        let mean = (Double(tally.bytes) + known.reduce(0.0) { $0 + Double($1) }) / files
        let toCome = Double(max(0, total - tally.skipped - tally.begun + Int64(rows.count - known.count))) * mean
        let missing = rows.reduce(toCome) { $0 + Double(max(0, ($1.progress.length ?? 0) - $1.progress.bytes)) }
        let seconds = missing / throughput
        return seconds < 1e9 ? .seconds(seconds) : nil
    }
}
