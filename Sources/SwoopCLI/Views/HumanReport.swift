// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// What a person reads about one transfer, line by line. Makes text; writes nothing.
struct HumanReport: Sendable {
    /// What is shown while bytes flow.
    enum View: Hashable, Sendable {
        /// Two lines redrawn in place.
        case live
        /// A line for each segment, and a total.
        case lines
        /// Nothing.
        case none
    }

    /// How much is said besides.
    enum Verbosity: Hashable, Sendable {
        /// Errors.
        case quiet
        /// Warnings, and the line that stays.
        case normal
        /// Requests and responses too.
        case verbose
    }

    let view: View
    let verbosity: Verbosity
    let style: TerminalStyle
    /// Whether bytes go up.
    let isUpload: Bool
    /// The fixed segment size, which numbers segments by their place; otherwise they are numbered as they end.
    let segmentSize: Int64?
    /// What the download is called: guessed from the command line until the origin has spoken.
    private(set) var name: String
    private var segments: Int64 = 0
    private var lastRetry: (failure: TransferFailure, at: Duration)?

    init(
        name: String,
        view: View,
        verbosity: Verbosity,
        style: TerminalStyle,
        segmentSize: Int64? = nil,
        isUpload: Bool = false
    ) {
        self.isUpload = isUpload
        self.name = name
        self.view = view
        self.verbosity = verbosity
        self.style = style
        self.segmentSize = segmentSize
    }

    /// The lines that a notice is worth.
    mutating func lines(_ notice: TransferNotice, _ progress: TransferProgress) -> [String] {
        if case .started(_, let started, _, _) = notice, !started.isEmpty { name = started }
        if case .restarting = notice { segments = 0 }
        if case .segment(_, let range, let elapsed) = notice { return segment(range, elapsed) }
        guard let (importance, text) = NoticeText.describe(notice, progress), isWanted(importance) else { return [] }
        if case .retrying(_, let reason, _, _) = notice, isRepeated(reason, at: progress.elapsed) { return [] }
        return [prefixed(text)]
    }

    /// The lines to redraw in place; none unless the view is live.
    func frame(_ progress: TransferProgress, columns: Int) -> [String] {
        guard view == .live else { return [] }
        return LiveFrame.lines(progress, name: progress.name ?? name, columns: columns, style: style)
    }

    /// The lines about a transfer that ended well.
    func lines(_ result: TransferResult) -> [String] {
        guard verbosity != .quiet else { return [] }
        let total = view == .lines && !result.wasSkipped ? [ResultText.total(result, isUpload: isUpload)] : []
        return total + [clean(ResultText.summary(result, name: name))]
    }

    /// The one line about a transfer that failed.
    func line(_ error: TransferError, _ progress: TransferProgress) -> String {
        prefixed(ResultText.failure(error, progress))
    }

    private func prefixed(_ text: String) -> String { clean("swoop: \(name): \(text)") }

    private func clean(_ text: String) -> String { DisplayText.clean(text, unicode: style.usesUnicode) }

    private mutating func segment(_ range: ByteRange, _ elapsed: Duration) -> [String] {
        let number = segmentSize.map { range.lower / max(1, $0) } ?? segments
        segments += 1
        guard view == .lines, verbosity != .quiet else { return [] }
        return [ResultText.segment(number, bytes: range.count, elapsed: elapsed, isUpload: isUpload)]
    }

    private func isWanted(_ importance: NoticeText.Importance) -> Bool {
        switch verbosity {
        case .quiet: false
        case .normal: importance == .warning
        case .verbose: true
        }
    }

    /// Several connections fail in the same way at the same time: once is enough.
    private mutating func isRepeated(_ reason: TransferFailure, at time: Duration) -> Bool {
        if verbosity != .verbose, let lastRetry, lastRetry.failure == reason, time - lastRetry.at < .seconds(2) {
            return true
        }
        lastRetry = (reason, time)
        return false
    }
}
