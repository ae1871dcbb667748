// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// What the transfers of a run have come to so far.
struct BatchTally: Hashable, Sendable {
    /// Items of the run, if that is known.
    var total: Int64?
    var begun: Int64 = 0
    /// Items whose file is there, verified if a digest was given.
    private(set) var done: Int64 = 0
    private(set) var failed: Int64 = 0
    /// Items that were there already.
    var skipped: Int64 = 0
    private(set) var interrupted: Int64 = 0
    /// Of those interrupted, how many left something to resume.
    private(set) var kept: Int64 = 0
    /// Bytes of what is done.
    private(set) var bytes: Int64 = 0
    /// Bytes that came over the network.
    private(set) var fetched: Int64 = 0
    private(set) var statuses: Set<ExitStatus> = []

    /// Whether something of the run was not even tried, as far as anybody knows.
    var isIncomplete: Bool { total.map { done + skipped + failed < $0 } ?? true }

    /// Counts how a transfer ended; `bytes` are those that it holds.
    mutating func count(_ outcome: Result<TransferResult, TransferError>, bytes held: Int64) {
        switch outcome {
        case .success(let result): count(result)
        case .failure(let error):
            let status = ExitStatus(error.failure)
            statuses.insert(status)
            fetched &+= max(0, held)
            guard status == .interrupted else { return failed += 1 }
            interrupted += 1
            if error.partialPath != nil { kept += 1 }
        }
    }

    /// Counts an item that could not be begun.
    mutating func countFault() {
        failed += 1
        statuses.insert(.usage)
    }

    /// Adds a status that no transfer of its own led to.
    mutating func add(_ status: ExitStatus) { statuses.insert(status) }

    private mutating func count(_ result: TransferResult) {
        statuses.insert(.success)
        guard !result.wasSkipped else { return skipped += 1 }
        done += 1
        bytes &+= result.length
        fetched &+= max(0, result.length &- result.resumedBytes)
    }

    /// The line at the end: `2,000 files, 31.3 MiB in 212 ms, 148 MiB/s`, then what did not go so well.
    func summary(elapsed: Duration) -> String {
        var parts = ["\(Units.grouped(done)) \(done == 1 ? "file" : "files")"]
        if done > 0 { parts.append("\(ByteCount.format(bytes)) in \(Units.elapsed(elapsed))") }
        if fetched > 0, done > 0 { parts.append(ByteCount.formatRate(Units.throughput(fetched, in: elapsed))) }
        if skipped > 0 { parts.append("\(Units.grouped(skipped)) skipped") }
        if failed > 0 { parts.append("\(Units.grouped(failed)) failed") }
        return parts.joined(separator: ", ")
    }

    /// The line instead of one for each that was interrupted. What is done stands in the way of the same command unless
    /// it `leavesDone` alone.
    func interruption(leavesDone: Bool) -> String {
        let progress =
            total.map { "\(Units.grouped(done)) of \(Units.grouped($0)) done" } ?? "\(Units.grouped(done)) done"
        var parts = [progress]
        if skipped > 0 { parts.append("\(Units.grouped(skipped)) skipped") }
        if failed > 0 { parts.append("\(Units.grouped(failed)) failed") }
        parts.append(kept == 1 ? "1 partial kept" : "\(Units.grouped(kept)) partials kept")
        let advice =
            leavesDone || done == 0 ? "the same command resumes" : "the same command with --skip-existing resumes"
        return "interrupted: " + parts.joined(separator: ", ") + ": " + advice
    }
}
