// SPDX-License-Identifier: Apache-2.0

/// As much of a terminal as the live view uses: what the screen shows after some text.
struct ScreenModel {
    private(set) var rows: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    private(set) var isCursorVisible = true
    private let columns: Int

    init(columns: Int) { self.columns = columns }

    /// The rows down to the last one that is not empty.
    var shown: [String] {
        var lines = rows.map { String($0) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// Row and column of the cursor.
    var cursor: [Int] { [row, column] }

    mutating func feed(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{1B}": escape(&rest)
            case "\r": column = 0
            case "\n": newLine()
            default: put(Character(scalar))
            }
        }
    }

    private mutating func put(_ character: Character) {
        if column == columns { newLine() }
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = character
        column += 1
    }

    private mutating func newLine() {
        row += 1
        column = 0
        if row == rows.count { rows.append([]) }
    }

    private mutating func escape(_ rest: inout Substring.UnicodeScalarView) {
        var sequence = ""
        while let scalar = rest.popFirst() {
            sequence.unicodeScalars.append(scalar)
            if scalar.properties.isAlphabetic { break }
        }
        switch sequence {
        case "[K": rows[row].removeSubrange(min(column, rows[row].count)...)
        case "[J":
            rows[row].removeSubrange(min(column, rows[row].count)...)
            rows.removeSubrange((row + 1)...)
        case "[?25l": isCursorVisible = false
        case "[?25h": isCursorVisible = true
        case _ where sequence.hasSuffix("A"): row = max(0, row - (Int(sequence.dropFirst().dropLast()) ?? 1))
        default: break
        }
    }
}
