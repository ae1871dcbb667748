// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopIO

/// What to show of a run.
struct Presentation: Hashable, Sendable {
    var view: HumanReport.View
    var verbosity: HumanReport.Verbosity
    var style: TerminalStyle
    /// Whether events go to standard output.
    var writesEvents: Bool
    /// Whether to say afterwards what bounded the transfer.
    var explains = false
    /// Whether the same command, run again, leaves alone what is done.
    var leavesDone = false
}

/// All downloads of one command line, and the status they come to.
struct DownloadSession: Sendable {
    /// What to download.
    enum Work: Sendable {
        /// One URL, shown on two lines.
        case single(DownloadItem)
        /// Several, or a list; `total` if it is known.
        case several(ItemFeed, total: Int64?)
    }

    let work: Work
    let presentation: Presentation
    let console: Console
    var jobs = 1
    var client = ClientConfiguration()
    var manifest: ManifestLog?

    /// Tries every download; after an interruption none is begun.
    func run() async -> ExitStatus {
        let start = ContinuousClock.now
        var tally = await TransferClient.withClient(client) { client in await transfer(client) }
        if Task.isCancelled, tally.isIncomplete { tally.add(.interrupted) }
        if let failure = await closeManifest() {
            console.complain("\(failure): the results are incomplete there")
            tally.add(.local)
        }
        let exit = ExitStatus.worst(tally.statuses)
        if presentation.writesEvents {
            console.output(EventLog.summary(tally, elapsed: ContinuousClock.now - start, exit: exit))
        }
        return exit
    }

    private func transfer(_ client: TransferClient) async -> BatchTally {
        switch work {
        case .single(let item): return await single(item, client)
        case .several(let feed, let total):
            let batch = BatchRun(client, presentation, console, jobs: jobs, manifest: manifest)
            return await batch.run(feed, total: total)
        }
    }

    private func single(_ item: DownloadItem, _ client: TransferClient) async -> BatchTally {
        let report = HumanReport(
            name: item.provisionalName,
            view: presentation.view,
            verbosity: presentation.verbosity,
            style: presentation.style,
            segmentSize: item.request.options.segmentSize
        )
        let events =
            presentation.writesEvents
            ? EventLog(id: item.number, destination: item.request.destination) : nil
        var run = TransferRun.download(item.request, report: report, events: events, console: console, client: client)
        let outcome = await run.run()
        manifest?.append(item, outcome, run.progress)
        explain(item, outcome)
        var tally = BatchTally(total: 1, begun: 1)
        tally.count(outcome, bytes: run.progress.bytes)
        return tally
    }

    private func closeManifest() async -> String? {
        do throws(StoreError) {
            try await manifest?.close()
            return nil
        } catch {
            return error.failure.message
        }
    }
}
