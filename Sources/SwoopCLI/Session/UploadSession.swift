// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopIO
internal import Synchronization

/// All uploads of one command line, and the status they come to.
struct UploadSession: Sendable {
    let requests: [UploadRequest]
    let presentation: Presentation
    let console: Console
    let jobs: Int
    let client: ClientConfiguration

    /// Tries every upload; after an interruption none is begun.
    func run() async -> ExitStatus {
        let start = ContinuousClock.now
        var tally = await TransferClient.withClient(client) { client in
            requests.count == 1 ? await single(requests[0], client) : await several(client)
        }
        if Task.isCancelled, tally.isIncomplete { tally.add(.interrupted) }
        let exit = ExitStatus.worst(tally.statuses)
        let elapsed = ContinuousClock.now - start
        if requests.count > 1 { conclude(tally, elapsed) }
        if presentation.writesEvents { console.output(EventLog.summary(tally, elapsed: elapsed, exit: exit)) }
        return exit
    }

    private func conclude(_ tally: BatchTally, _ elapsed: Duration) {
        if tally.interrupted > 0 {
            console.complain(tally.interruption(leavesDone: false))
        } else if presentation.verbosity != .quiet {
            console.error(tally.summary(elapsed: elapsed) + "\n")
        }
    }

    private func single(_ request: UploadRequest, _ client: TransferClient) async -> BatchTally {
        var tally = BatchTally(total: 1, begun: 1)
        var run = run(request, 1, presentation.view, client)
        let outcome = await run.run()
        tally.count(outcome, bytes: run.progress.bytes)
        return tally
    }

    private func run(
        _ request: UploadRequest,
        _ number: Int64,
        _ view: HumanReport.View,
        _ client: TransferClient
    ) -> TransferRun {
        let report = HumanReport(
            name: request.source.name,
            view: view,
            verbosity: presentation.verbosity,
            style: presentation.style,
            isUpload: true
        )
        let events = presentation.writesEvents ? EventLog(id: number, destination: .file(request.url)) : nil
        return TransferRun(report: report, events: events, console: console) { monitor in
            do throws(TransferError) {
                return .success(try await client.upload(request, monitor: monitor))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Several at a time, each with its line when it is done.
    private func several(_ client: TransferClient) async -> BatchTally {
        let shared = SharedTally(total: Int64(requests.count))
        await withTaskGroup(of: Void.self) { group in
            for (index, request) in requests.enumerated() {
                if index >= jobs { await group.next() }
                guard !Task.isCancelled else { break }
                group.addTask {
                    var run = run(request, Int64(index + 1), .none, client)
                    let outcome = await run.run()
                    shared.count(outcome, bytes: run.progress.bytes)
                }
            }
        }
        return shared.value
    }
}

/// What the uploads of a run have come to, counted by all of them.
private final class SharedTally: Sendable {
    private let tally: Mutex<BatchTally>

    init(total: Int64) { tally = Mutex(BatchTally(total: total)) }

    var value: BatchTally { tally.withLock { $0 } }

    func count(_ outcome: TransferRun.Outcome, bytes: Int64) {
        tally.withLock { tally in
            tally.begun += 1
            tally.count(outcome, bytes: bytes)
        }
    }
}
