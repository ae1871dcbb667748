// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// The events of one transfer as NDJSON, for programs. Makes text; writes nothing. Fields are only ever added.
struct EventLog: Sendable {
    /// Number of the transfer within this run, from 1.
    let id: Int64
    /// The directory or path that the command line named; `nil` if nothing is kept.
    let destination: Destination
    private var lastProgress: Duration?

    init(id: Int64, destination: Destination) {
        self.id = id
        self.destination = destination
    }

    /// The event that a notice is, if it is one.
    func line(_ notice: TransferNotice) -> String? {
        switch notice {
        case .started(let url, let name, let length, let resumed):
            line(
                "start",
                [
                    ("url", .string(url)), ("path", .optional(path(name))), ("length", .optional(length)),
                    ("resumed_bytes", .integer(resumed)),
                ]
            )
        case .segment(let connection, let range, let elapsed):
            line(
                "segment",
                [
                    ("from", .integer(range.lower)), ("to", .integer(range.upper)),
                    ("connection", .integer(Int64(connection))), ("seconds", .number(Units.seconds(elapsed))),
                    ("bytes", .integer(range.count)),
                ]
            )
        case .retrying(let connection, let reason, let wait, let attempt):
            line(
                "retry",
                [
                    ("connection", .integer(Int64(connection))), ("reason", .string(reason.message)),
                    ("wait_seconds", .number(Units.seconds(wait))), ("attempt", .integer(Int64(attempt))),
                ]
            )
        default: nil
        }
    }

    /// A progress event, unless the last one is less than a quarter of a second ago or no byte is expected yet.
    mutating func line(_ progress: TransferProgress) -> String? {
        guard progress.phase != .connecting else { return nil }
        if let lastProgress, progress.elapsed - lastProgress < .milliseconds(250) { return nil }
        lastProgress = progress.elapsed
        return line(
            "progress",
            [
                ("bytes", .integer(progress.bytes)), ("length", .optional(progress.length)),
                ("bytes_per_second", .integer(Int64(exactly: progress.throughput.rounded()) ?? 0)),
                ("connections", .integer(Int64(progress.segments.count))),
                ("eta_seconds", progress.remaining.map { .number(Units.seconds($0)) } ?? .null),
            ]
        )
    }

    /// The event of a transfer that ended well; `digest` is the one asked for.
    func line(_ result: TransferResult, digest: Digest?) -> String {
        line(
            "done",
            [
                ("path", .optional(result.path)), ("bytes", .integer(result.length)),
                ("seconds", .number(Units.seconds(result.elapsed))), ("digest", .optional(digest?.description)),
            ]
        )
    }

    /// The event of a transfer that failed.
    func line(_ error: TransferError, _ progress: TransferProgress) -> String {
        line(
            "error",
            [
                ("code", .string(error.code.rawValue)),
                ("exit", .integer(Int64(ExitStatus(error.failure).rawValue))),
                ("message", .string(ResultText.failure(error, progress))),
            ]
        )
    }

    /// The event of an item that could not be begun.
    static func line(_ fault: ListFault, id: Int64) -> String {
        JSONObject.line(
            event: "error",
            [
                ("id", .integer(id)), ("code", .string("badInput")),
                ("exit", .integer(Int64(ExitStatus.usage.rawValue))), ("message", .string(fault.description)),
            ]
        )
    }

    /// The last line of the run.
    static func summary(_ tally: BatchTally, elapsed: Duration, exit: ExitStatus) -> String {
        JSONObject.line(
            event: "summary",
            [
                ("done", .integer(tally.done + tally.skipped)),
                ("failed", .integer(tally.failed + tally.interrupted)),
                ("bytes", .integer(tally.bytes)), ("seconds", .number(Units.seconds(elapsed))),
                ("skipped", .integer(tally.skipped)), ("exit", .integer(Int64(exit.rawValue))),
            ]
        )
    }

    private func line(_ event: String, _ fields: [(String, JSONValue)]) -> String {
        JSONObject.line(event: event, [("id", .integer(id))] + fields)
    }

    private func path(_ name: String) -> String? {
        switch destination {
        case .file(let path): path
        case .directory("."): name
        case .directory(let directory): directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
        case .standardOutput, .discard: nil
        }
    }
}
