// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// One transfer together with what is said about it while it runs.
struct TransferRun: Sendable {
    /// How a transfer ended.
    typealias Outcome = Result<TransferResult, TransferError>

    /// How often the live view is redrawn.
    private static let frameInterval: Duration = .milliseconds(100)

    let request: TransferRequest
    let console: Console
    private(set) var report: HumanReport
    private var events: EventLog?
    private var screen = LiveScreen()
    private let notices = NoticeQueue()
    private let monitor: TransferMonitor

    /// Without `events` nothing but a digest that was asked for goes to standard output.
    init(_ request: TransferRequest, report: HumanReport, events: EventLog?, console: Console) {
        self.request = request
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
        let (request, monitor) = (request, monitor)
        return await withTaskGroup(of: Step.self) { group in
            group.addTask { .ended(await Self.download(request, monitor)) }
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
            preconditionFailure("TransferRun: the download's task has no outcome")
        }
    }

    private static func download(_ request: TransferRequest, _ monitor: TransferMonitor) async -> Outcome {
        do throws(TransferError) {
            return .success(try await TransferClient().download(request, monitor: monitor))
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
            let digest = requestedDigest(result)
            if let line = events?.line(result, digest: digest) { console.output(line) }
            if events == nil, let digest { printDigest(digest, result) }
        case .failure(let error):
            draw(above: lines + [report.line(error, monitor.progress)], frame: [])
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

    /// The digest that `--digest` asked for, else the expected one.
    private func requestedDigest(_ result: TransferResult) -> Digest? {
        result.digests.first { $0.algorithm == request.options.digestAlgorithm } ?? result.digests.first
    }

    private func printDigest(_ digest: Digest, _ result: TransferResult) {
        guard request.options.digestAlgorithm != nil else { return }
        let name = DisplayText.clean(result.path ?? report.name)
        console.output(ResultText.digest(digest, path: name) + "\n")
    }
}
