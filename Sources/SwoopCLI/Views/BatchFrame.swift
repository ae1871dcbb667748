// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// How far a run of several transfers is, at one instant.
struct BatchProgress: Hashable, Sendable {
    /// Items of the run, if that is known.
    var total: Int64?
    var done: Int64 = 0
    var failed: Int64 = 0
    var skipped: Int64 = 0
    /// Bytes of what is done and what is under way.
    var bytes: Int64 = 0
    /// Bytes per second over the last seconds.
    var throughput: Double = 0
    /// Live connections of all transfers.
    var connections = 0
    /// Time until the last byte, if anybody can say.
    var remaining: Duration?
}

/// The lines that show several running transfers: one for all of them, then one for each as far as the window goes.
enum BatchFrame {
    /// A running transfer.
    struct Row: Hashable, Sendable {
        var name: String
        var progress: TransferProgress
    }

    /// Lines to leave to what was there before.
    private static let otherRows = 3

    /// The lines, none of them wider than `columns - 1`, and at most `rows - 3` of them but always the first.
    static func lines(
        _ batch: BatchProgress,
        running: [Row],
        columns: Int,
        rows: Int,
        style: TerminalStyle
    ) -> [String] {
        let limit = max(1, columns - 1)
        let header = header(batch, limit: limit, style: style)
        let room = max(0, rows - otherRows - 1)
        guard columns >= LiveFrame.narrowest, room > 0, !running.isEmpty else { return [header] }
        let shown = running.count > room ? running.prefix(room - 1) : running[...]
        let widths = Widths(shown, limit: limit)
        let lines = shown.map { line($0, widths, style: style) }
        let more = running.count - shown.count
        return [header] + lines + (more > 0 ? [DisplayText.shortened("and \(more) more", to: limit, ellipsis: "")] : [])
    }

    // MARK: The line for all

    /// Fields in the order they stand on the line.
    private enum Field: CaseIterable { case count, bytes, rate, connections, time }

    /// Fields in the order they give way when the window is narrow; the count never does.
    private static let expendable: [Field] = [.connections, .bytes, .time, .rate]

    private static func header(_ batch: BatchProgress, limit: Int, style: TerminalStyle) -> String {
        let texts: [(Field, String?)] = [
            (.count, counts(batch)), (.bytes, batch.bytes > 0 ? ByteCount.format(batch.bytes) : nil),
            (.rate, batch.throughput > 0 ? ByteCount.formatRate(batch.throughput) : nil),
            (.connections, batch.connections > 0 ? NoticeText.connections(batch.connections) : nil),
            (.time, batch.remaining.map { Units.remaining($0) + " left" }),
        ]
        for count in 0...expendable.count {
            let dropped = expendable.prefix(count)
            let kept = texts.compactMap { field, text in dropped.contains(field) ? nil : text }
            let line = kept.joined(separator: "  ")
            if DisplayText.width(line) <= limit { return line }
        }
        return DisplayText.shortened(ratio(batch), to: limit, ellipsis: "")
    }

    /// `12 of 2,000 done, 3 skipped, 1 failed`.
    private static func counts(_ batch: BatchProgress) -> String {
        var parts = [ratio(batch) + " done"]
        if batch.skipped > 0 { parts.append("\(Units.grouped(batch.skipped)) skipped") }
        if batch.failed > 0 { parts.append("\(Units.grouped(batch.failed)) failed") }
        return parts.joined(separator: ", ")
    }

    private static func ratio(_ batch: BatchProgress) -> String {
        let done = Units.grouped(batch.done)
        return batch.total.map { "\(done) of \(Units.grouped($0))" } ?? done
    }

    // MARK: A line for each

    /// Columns of the parts of a line, the same for all of them so that they stand below each other.
    private struct Widths {
        private static let longestName = 32
        private static let shortestName = 8
        private static let percent = 5
        private static let rate = 10
        private static let shortestBar = 8
        private static let longestBar = 32

        let name: Int
        let showsRate: Bool
        /// Columns of the bar between its ends; 0 for none.
        let bar: Int

        init(_ rows: ArraySlice<Row>, limit: Int) {
            let longest = rows.reduce(0) { max($0, DisplayText.width($1.name)) }
            let numbers = 2 + Self.percent + 2 + Self.rate
            showsRate = limit >= Self.shortestName + numbers
            let others = showsRate ? numbers : 2 + Self.percent
            let withBar = others + 2 + Self.shortestBar + 2
            let wanted = min(longest, Self.longestName)
            let hasBar = limit - withBar >= min(wanted, Self.shortestName * 2)
            name = max(1, min(wanted, limit - (hasBar ? withBar : others)))
            bar = hasBar ? min(Self.longestBar, limit - name - others - 4) : 0
        }

        static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
            let space = String(repeating: " ", count: max(0, width - DisplayText.width(text)))
            return right ? space + text : text + space
        }

        func numbers(_ progress: TransferProgress) -> String {
            let percent = progress.length.map { "\(Units.percent(progress.bytes, of: $0)) %" } ?? ""
            let padded = Self.padded(percent, to: Self.percent, right: true)
            return showsRate
                ? padded + "  " + Self.padded(LiveFrame.doing(progress), to: Self.rate, right: true) : padded
        }
    }

    private static func line(_ row: Row, _ widths: Widths, style: TerminalStyle) -> String {
        let clean = DisplayText.clean(row.name, unicode: style.usesUnicode)
        let name = DisplayText.shortened(clean, to: widths.name, ellipsis: style.ellipsis)
        let text = Widths.padded(name, to: widths.name) + "  " + widths.numbers(row.progress)
        guard widths.bar > 0 else { return text }
        return text + "  " + MapLine.render(SegmentMap.cells(row.progress, width: widths.bar), style: style)
    }
}
