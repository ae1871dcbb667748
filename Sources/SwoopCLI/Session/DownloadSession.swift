// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// What to show of a run.
struct Presentation: Hashable, Sendable {
    var view: HumanReport.View
    var verbosity: HumanReport.Verbosity
    var style: TerminalStyle
    /// Whether events go to standard output.
    var writesEvents: Bool
}

/// Several downloads, one after another, and the status they come to.
struct DownloadSession: Sendable {
    let requests: [TransferRequest]
    let presentation: Presentation
    let console: Console

    /// Tries every download; after an interruption none is begun.
    func run() async -> ExitStatus {
        let start = ContinuousClock.now
        var statuses: [ExitStatus] = []
        var bytes: Int64 = 0
        for (index, request) in requests.enumerated() {
            guard !Task.isCancelled else {
                statuses.append(.interrupted)
                break
            }
            var run = transferRun(request, id: Int64(index) + 1)
            let outcome = await run.run()
            statuses.append(Self.status(of: outcome))
            if case .success(let result) = outcome { bytes += result.length }
        }
        let exit = ExitStatus.worst(statuses)
        if presentation.writesEvents {
            let done = statuses.count { $0 == .success }
            let elapsed = ContinuousClock.now - start
            let failed = requests.count - done
            console.output(EventLog.summary(done: done, failed: failed, bytes: bytes, elapsed: elapsed, exit: exit))
        }
        return exit
    }

    private func transferRun(_ request: TransferRequest, id: Int64) -> TransferRun {
        let report = HumanReport(
            name: Self.provisionalName(request),
            view: presentation.view,
            verbosity: presentation.verbosity,
            style: presentation.style,
            segmentSize: request.options.segmentSize
        )
        let events = presentation.writesEvents ? EventLog(id: id, destination: request.destination) : nil
        return TransferRun(request, report: report, events: events, console: console)
    }

    private static func status(of outcome: TransferRun.Outcome) -> ExitStatus {
        switch outcome {
        case .success: .success
        case .failure(let error): ExitStatus(error.failure)
        }
    }

    /// What to call a download before the origin has said it.
    static func provisionalName(_ request: TransferRequest) -> String {
        if case .file(let path) = request.destination, let name = path.split(separator: "/").last {
            return String(name)
        }
        guard let url = try? HTTPURL.parse(request.url) else { return Redaction.url(request.url) }
        return FileName.from(url: url)
    }
}
