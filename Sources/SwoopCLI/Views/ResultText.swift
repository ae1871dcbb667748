// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// What is said of a transfer that has ended.
enum ResultText {
    /// The line that stays: `debian-12.iso  3.81 GiB in 18.2 s, 214 MiB/s over 8 connections, sha-256 verified`.
    static func summary(_ result: TransferResult, name: String) -> String {
        guard !result.wasSkipped else { return "\(name)  exists already: skipped" }
        let fetched = max(0, result.length - result.resumedBytes)
        let rate = ByteCount.formatRate(Units.throughput(fetched, in: result.elapsed))
        let count = result.connections.count { $0.bytes > 0 }
        var facts = ["\(ByteCount.format(result.length)) in \(Units.elapsed(result.elapsed))"]
        if fetched > 0 { facts.append(count > 0 ? "\(rate) over \(NoticeText.connections(count))" : rate) }
        if result.resumedBytes > 0 {
            facts.append("resumed from \(Units.percent(result.resumedBytes, of: result.length)) %")
        }
        if let algorithm = result.verified { facts.append("\(algorithm.rawValue) verified") }
        return "\(name)  " + facts.joined(separator: ", ")
    }

    /// `* Segment 0 downloaded in 1447 ms (size = 25.00 MiB; throughput = 17.27 MiB/s)`.
    static func segment(_ number: Int64, bytes: Int64, elapsed: Duration, isUpload: Bool = false) -> String {
        "* Segment \(number) " + measured(bytes, elapsed, isUpload)
    }

    /// The same for the whole transfer.
    static func total(_ result: TransferResult, isUpload: Bool = false) -> String {
        "* Total " + measured(max(0, result.length - result.resumedBytes), result.elapsed, isUpload)
    }

    private static func measured(_ bytes: Int64, _ elapsed: Duration, _ isUpload: Bool) -> String {
        let rate = Units.twoDecimals(Units.throughput(bytes, in: elapsed))
        let size = Units.twoDecimals(bytes)
        return
            "\(isUpload ? "uploaded" : "downloaded") in \(Units.milliseconds(elapsed)) ms (size = \(size); throughput = \(rate)/s)"
    }

    /// `HEX  NAME`, as sha256sum and its relatives print it and read it with `--check`.
    static func digest(_ digest: Digest, path: String) -> String { "\(digest.hex)  \(path)" }

    /// What a transfer that ended well writes to standard output: its event, or the digest that was asked for.
    static func output(
        _ result: TransferResult,
        _ wanted: DigestAlgorithm?,
        _ events: EventLog?,
        name: @autoclosure () -> String
    ) -> String {
        let digest = result.digests.first { $0.algorithm == wanted } ?? result.digests.first
        if let events { return events.line(result, digest: digest) }
        guard let digest, wanted != nil else { return "" }
        return self.digest(digest, path: DisplayText.clean(result.path ?? name())) + "\n"
    }

    /// What happened and what to do, with what is kept of the transfer.
    static func failure(_ error: TransferError, _ progress: TransferProgress) -> String {
        let isKept = error.partialPath != nil
        let kept = isKept ? NoticeText.kept(progress) : nil
        switch ExitStatus(error.failure) {
        case .interrupted:
            return "interrupted: " + (isKept ? "\(kept ?? "partial kept"), \(resuming(progress))" : "nothing kept")
        case .temporary:
            return error.message + (kept.map { " (\($0), \(resuming(progress)))" } ?? "")
        case .local:
            return error.message + (kept.map { " (\($0))" } ?? "")
        default:
            return error.message
        }
    }

    /// What it takes to go on from a partial.
    private static func resuming(_ progress: TransferProgress) -> String {
        progress.isResumable
            ? "the same command resumes"
            : "but the origin does not say which version it is: only with --checksum is it resumed"
    }
}
