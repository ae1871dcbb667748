// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// Says a notice in words, without the name of the download in front.
enum NoticeText {
    /// How much a person wants to hear.
    enum Importance: Hashable, Sendable {
        /// Something unusual that the user did not ask for.
        case warning
        /// For `-v`.
        case detail
    }

    /// The text of a notice and who wants it; `nil` if the views show it in another way.
    static func describe(_ notice: TransferNotice, _ progress: TransferProgress) -> (Importance, String)? {
        switch notice {
        case .segment, .skipped, .verified, .received: nil
        case .started(let url, _, let length, let resumed): (.detail, started(url, length: length, resumed: resumed))
        case .request(let connection, let url, let range): (.detail, request(connection, url, range))
        case .response(let connection, let status, let range): (.detail, response(connection, status, range))
        case .retrying(let connection, let reason, let wait, let attempt):
            (
                isWorthTelling(wait: wait, attempt: attempt) ? .warning : .detail,
                retrying(connection, reason, wait: wait, progress)
            )
        case .redirected(let status, let target): (.detail, "redirected (\(status)) to \(target)")
        case .connectionLimit(let count):
            (.warning, "the origin refuses more than \(connections(count)): going on with \(count)")
        case .rangesUnusable(let reason): (.warning, "the origin cannot be split (\(reason)): one connection must do")
        case .tagsIgnored:
            (.warning, "the origin's ETags come and go though nothing else changes: length and date must agree instead")
        case .restarting(let reason): (.warning, "\(reason): starting again")
        case .shortened(let connection, let offset):
            (.detail, "connection \(connection) gives up its bytes from \(offset) on")
        case .replaced(let connection, let throughput, let median):
            (.detail, replaced(connection, throughput, median))
        case .hedged(let connection, let range):
            (.detail, "connection \(connection) asks a second time for bytes \(range.lower)-\(range.upper - 1)")
        case .mirrorTrusted(let url): (.detail, "\(url) has the same bytes as far as could be seen: used from now on")
        case .mirrorDropped(let url, let reason): (.warning, "\(url) is not asked any more: \(reason)")
        case .pieceRejected(let range, let sources): (.warning, rejected(range, sources))
        case .sourceDelivered(let url, let bytes): (.detail, "\(ByteCount.format(bytes)) came from \(url)")
        case .uploadUnseen(let reason):
            (.detail, "the store has acknowledged every byte, but does not show the object (\(cause(reason)))")
        case .partialIgnored(let reason): (.warning, "the partial cannot be continued (\(reason)): starting again")
        }
    }

    private static func replaced(_ connection: Int, _ throughput: Double, _ median: Double) -> String {
        "connection \(connection) crawls at \(ByteCount.formatRate(throughput)), others at "
            + "\(ByteCount.formatRate(median)): replaced"
    }

    private static func rejected(_ range: ByteRange, _ sources: [String]) -> String {
        let bytes = "bytes \(range.lower)-\(range.upper - 1) from \(sources.joined(separator: " and "))"
        return "\(bytes) have the wrong digest: fetched again"
    }

    /// A connection lost and at once replaced is nothing to trouble a person with.
    private static func isWorthTelling(wait: Duration, attempt: Int) -> Bool {
        wait >= .seconds(2) || attempt >= 2
    }

    private static func started(_ url: String, length: Int64?, resumed: Int64) -> String {
        let size = length.map { "\($0) bytes" } ?? "unknown length"
        let kept = resumed > 0 ? ", \(resumed) bytes are here already" : ""
        return "\(url): \(size)\(kept)"
    }

    private static func request(_ connection: Int, _ url: String, _ range: ByteRange?) -> String {
        let bytes = range.map { " bytes=\($0.lower)-\($0.upper == .max ? "" : String($0.upper - 1))" } ?? ""
        return "> connection \(connection): GET \(url)\(bytes)"
    }

    private static func response(_ connection: Int, _ status: Int, _ contentRange: String?) -> String {
        "< connection \(connection): \(status)" + (contentRange.map { " \($0)" } ?? "")
    }

    private static func retrying(
        _ connection: Int,
        _ reason: TransferFailure,
        wait: Duration,
        _ progress: TransferProgress
    ) -> String {
        let pause = wait >= .milliseconds(50) ? "trying again in \(Units.elapsed(wait))" : "trying again"
        return "\(cause(reason)): \(pause)" + (kept(progress).map { ", \($0)" } ?? "")
    }

    /// What happened, without the advice behind it: the program is doing something about it already.
    private static func cause(_ failure: TransferFailure) -> String {
        let end = failure.message.firstRange(of: ": ")?.lowerBound ?? failure.message.endIndex
        return String(failure.message[..<end])
    }

    /// `41 % kept`, or `nil` if there is nothing yet.
    static func kept(_ progress: TransferProgress) -> String? {
        guard progress.bytes > 0 else { return nil }
        guard let length = progress.length else { return "\(ByteCount.format(progress.bytes)) kept" }
        return "\(Units.percent(progress.bytes, of: length)) % kept"
    }

    static func connections(_ count: Int) -> String { count == 1 ? "1 connection" : "\(count) connections" }
}
