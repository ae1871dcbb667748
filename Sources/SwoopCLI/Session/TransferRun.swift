// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// One transfer together with what is said about it while it runs.
struct TransferRun: Sendable {
    /// How a transfer ended.
    typealias Outcome = Result<TransferResult, TransferError>

    /// How often the live view is redrawn.
    private static let frameInterval: Duration = .milliseconds(100)

    /// A download or an upload, watched through the monitor.
    typealias Work = @Sendable (TransferMonitor) async -> Outcome

    let console: Console
    private(set) var report: HumanReport
    private var events: EventLog?
    private var screen = LiveScreen()
    private let notices = NoticeQueue()
    private let monitor: TransferMonitor
    private let work: Work
    private let digestAlgorithm: DigestAlgorithm?

    /// Without `events` nothing but a digest of `digestAlgorithm`, if there is one, goes to standard output.
    init(
        report: HumanReport,
        events: EventLog?,
        console: Console,
        digestAlgorithm: DigestAlgorithm? = nil,
        work: @escaping Work
    ) {
        self.work = work
        self.digestAlgorithm = digestAlgorithm
        self.report = report
        self.events = events
        self.console = console
        monitor = TransferMonitor(onNotice: notices.append)
    }

    /// How far the transfer is.
    var progress: TransferProgress { monitor.progress }

    private enum Step: Sendable {
        case frame
        case ended(Outcome)
    }

    /// Transfers. A cancelled task makes the transfer end with `.cancelled`, its partial kept.
    mutating func run() async -> Outcome {
        let (work, monitor) = (work, monitor)
        return await withTaskGroup(of: Step.self) { group in
            group.addTask { .ended(await work(monitor)) }
            group.addTask { await Self.nextFrame() }
            while let step = await group.next() {
                switch step {
                case .frame:
                    show()
                    if !Task.isCancelled { group.addTask { await Self.nextFrame() } }
                case .ended(let outcome):
                    group.cancelAll()
                    conclude(outcome)
                    return outcome
                }
            }
            preconditionFailure("TransferRun: the transfer's task has no outcome")
        }
    }

    /// A download with what is said about it; without `client` it has one of its own.
    static func download(
        _ request: TransferRequest,
        report: HumanReport,
        events: EventLog?,
        console: Console,
        client: TransferClient? = nil
    ) -> TransferRun {
        let digestAlgorithm = request.options.digestAlgorithm
        return TransferRun(report: report, events: events, console: console, digestAlgorithm: digestAlgorithm) {
            await download(request, client, $0)
        }
    }

    /// Downloads, and turns what is thrown into a value.
    static func download(
        _ request: TransferRequest,
        _ client: TransferClient?,
        _ monitor: TransferMonitor
    ) async -> Outcome {
        do throws(TransferError) {
            guard let client else { return .success(try await TransferClient.download(request, monitor: monitor)) }
            return .success(try await client.download(request, monitor: monitor))
        } catch {
            return .failure(error)
        }
    }

    private static func nextFrame() async -> Step {
        try? await Task.sleep(for: frameInterval)
        return .frame
    }

    /// Writes what notices are worth, and the next frame.
    private mutating func show() {
        let lines = takeNotices()
        let progress = monitor.progress
        if let line = events?.line(progress) { console.output(line) }
        draw(above: lines, frame: report.frame(progress, columns: console.columns()))
    }

    /// Takes the frame away and writes the lines that stay.
    private mutating func conclude(_ outcome: Outcome) {
        let lines = takeNotices()
        switch outcome {
        case .success(let result):
            draw(above: lines + report.lines(result), frame: [])
            let text = ResultText.output(result, digestAlgorithm, events, name: report.name)
            if !text.isEmpty { console.output(text) }
        case .failure(let error):
            // Whoever read the bytes has gone, like the reader of any pipe: nobody wants to hear of it.
            let line = error.code == .readerGone ? [] : [report.line(error, monitor.progress)]
            draw(above: lines + line, frame: [])
            if let line = events?.line(error, monitor.progress) { console.output(line) }
        }
    }

    private mutating func takeNotices() -> [String] {
        var lines: [String] = []
        for (notice, progress) in notices.takeAll() {
            if let line = events?.line(notice) { console.output(line) }
            lines += report.lines(notice, progress)
        }
        return lines
    }

    private mutating func draw(above: [String], frame: [String]) {
        if report.view == .live {
            console.error(screen.update(above: above, frame: frame, columns: console.columns()))
        } else if !above.isEmpty {
            console.error(above.map { $0 + "\n" }.joined())
        }
    }
}
