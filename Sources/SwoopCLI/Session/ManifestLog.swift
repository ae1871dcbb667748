// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopIO

/// What is kept of a run, item by item, so that the next one leaves out what is done.
struct ManifestLog: Sendable {
    private let file: AppendOnlyFile

    /// Opens a manifest, or makes it, and reads what is done there. Lines that cannot be read count for nothing.
    static func open(_ path: String) async throws(StoreError) -> (log: ManifestLog, done: Set<ItemKey>) {
        let log = ManifestLog(file: try AppendOnlyFile(path))
        let reader = try LineReader(path)
        defer { reader.close() }
        var done: Set<ItemKey> = []
        guard reader.isRegular else { return (log, done) }
        while let lines = try await reader.next() {
            for case let line? in lines.lazy.map(ManifestLine.parse) where line.status == .done {
                done.insert(line.key)
            }
        }
        return (log, done)
    }

    /// Adds how an item ended.
    func append(_ item: DownloadItem, _ outcome: TransferRun.Outcome, _ progress: TransferProgress) {
        file.append(Self.line(item, outcome, progress).text)
    }

    /// Waits until everything is on stable storage.
    func close() async throws(StoreError) { try await file.close() }

    static func line(
        _ item: DownloadItem,
        _ outcome: TransferRun.Outcome,
        _ progress: TransferProgress
    ) -> ManifestLine {
        var line: ManifestLine
        switch outcome {
        case .success(let result):
            line = base(item, result.wasSkipped ? .skipped : .done, .success, result.length, result.elapsed)
            line.path = result.path
            line.digest = result.digests.first?.description
        case .failure(let error):
            line = base(item, .failed, ExitStatus(error.failure), progress.bytes, progress.elapsed)
            line.error = ResultText.failure(error, progress)
        }
        return line
    }

    private static func base(
        _ item: DownloadItem,
        _ status: ManifestLine.Status,
        _ exit: ExitStatus,
        _ bytes: Int64,
        _ elapsed: Duration
    ) -> ManifestLine {
        var line = ManifestLine(
            key: item.key,
            url: Redaction.url(item.request.url),
            status: status,
            exit: exit.rawValue,
            bytes: bytes,
            seconds: elapsed.seconds
        )
        line.mirrors = item.request.mirrors.map { Redaction.url($0) }
        return line
    }
}
