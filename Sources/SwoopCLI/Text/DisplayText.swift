// SPDX-License-Identifier: Apache-2.0

/// Text as it may go to a terminal: free of anything that steers one, and measured in columns.
enum DisplayText {
    /// Replaces what could move the cursor, change colours, reorder or hide text; names and messages may be an origin's.
    /// If the terminal does not show UTF-8 (`unicode`), everything beyond ASCII becomes `?` as well.
    static func clean(_ text: String, unicode: Bool = true) -> String {
        guard unicode else {
            return String(text.map { $0.asciiValue.map { (0x20..<0x7F).contains($0) } == true ? $0 : "?" })
        }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmful($0) ? "?" : $0 }))
    }

    /// Columns that `text` takes: two for East Asian wide characters and emoji, none for combining marks.
    static func width(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    /// Shortens `text` in the middle to at most `columns`, so that beginning and extension stay.
    static func shortened(_ text: String, to columns: Int, ellipsis: String) -> String {
        guard width(text) > columns else { return text }
        let room = columns - width(ellipsis)
        guard room > 0 else { return String(fitting(text, in: max(0, columns))) }
        let head = fitting(text, in: room - room / 2)
        let tail = fitting(text.reversed(), in: room / 2).reversed()
        return String(head) + ellipsis + String(tail)
    }

    /// The longest beginning of `characters` that takes at most `columns`.
    private static func fitting(_ characters: some Sequence<Character>, in columns: Int) -> [Character] {
        var left = columns
        return Array(
            characters.prefix {
                left -= width($0)
                return left >= 0
            }
        )
    }

    private static func width(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        if scalars.contains("\u{FE0F}") { return 2 }
        return scalars.reduce(0) { max($0, width($1)) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// East Asian Width W and F (Unicode Standard Annex 11), in runs; unassigned gaps inside a run do not matter.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    /// C0 and C1 controls, DEL, line separators, and format characters such as the marks that reorder text.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        case .format: scalar != "\u{200D}"
        default: false
        }
    }
}
