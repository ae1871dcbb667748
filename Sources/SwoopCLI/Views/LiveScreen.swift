// SPDX-License-Identifier: Apache-2.0

/// Redraws a few lines in place and lets others scroll away above them. Makes text; writes nothing.
///
/// The cursor is hidden only while one frame is drawn, all in one write, and rests on the empty line below: whatever
/// ends or stops the process, an echoed `^C` or the shell's prompt find a visible cursor where they disturb nothing.
struct LiveScreen: Hashable, Sendable {
    /// Width in columns of each line that is on screen, top to bottom.
    private(set) var drawn: [Int] = []
    /// Width of the window when they were drawn.
    private var drawnColumns = 0

    /// The text that puts `above` in place of the frame on screen, and `frame` below it.
    ///
    /// - Parameters:
    ///   - above: lines that stay.
    ///   - frame: lines to redraw next time, each narrower than `columns`; empty takes the frame away.
    ///   - columns: width of the window now; the window may have been resized since the last frame.
    /// - Returns: text for one write, with the escape sequences that move the cursor; empty if nothing changes.
    mutating func update(above: [String], frame: [String], columns: Int) -> String {
        guard !above.isEmpty || !frame.isEmpty || !drawn.isEmpty else { return "" }
        let lines = (above + frame).map { $0 + clearRestOfLine + "\n" }.joined()
        // Terminals remember which rows they wrapped: after a resize rows must be emptied before they are written again.
        let emptied = columns == drawnColumns ? "" : clearBelow
        let text = hideCursor + toFirstRow(columns: columns) + emptied + lines + clearBelow + showCursor
        drawnColumns = columns
        drawn = frame.map { DisplayText.width(Self.withoutEscapes($0)) }
        return text
    }

    /// From below the last line to the beginning of the first. A window made narrower wraps the lines on screen.
    private func toFirstRow(columns: Int) -> String {
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
        return rows > 0 ? "\r\u{1B}[\(rows)A" : "\r"
    }

    /// `text` as it is seen: without the escape sequences that set colours.
    static func withoutEscapes(_ text: String) -> String {
        var inEscape = false
        return text.filter { character in
            if character == "\u{1B}" { inEscape = true }
            defer { if inEscape, character.isLetter { inEscape = false } }
            return !inEscape
        }
    }
}

// ECMA-48 and DEC private modes, which every terminal that is not dumb knows.
private let hideCursor = "\u{1B}[?25l"
private let showCursor = "\u{1B}[?25h"
private let clearRestOfLine = "\u{1B}[K"
private let clearBelow = "\u{1B}[J"
