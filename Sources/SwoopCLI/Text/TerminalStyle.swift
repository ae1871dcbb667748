// SPDX-License-Identifier: Apache-2.0

/// What the terminal can show.
struct TerminalStyle: Hashable, Sendable {
    /// Whether the locale is a UTF-8 one; otherwise only ASCII is drawn.
    var usesUnicode: Bool
    /// Whether colours are wanted (https://no-color.org).
    var usesColour: Bool
    /// Whether the cursor can be moved, so that lines can be redrawn in place.
    var canRedraw: Bool

    /// Reads `LC_ALL`, `LC_CTYPE`, `LANG`, `NO_COLOR` and `TERM` from `environment`.
    static func detect(_ environment: (String) -> String?) -> TerminalStyle {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
        let charset = locale.lowercased()
        let terminal = environment("TERM") ?? ""
        let canRedraw = !terminal.isEmpty && terminal != "dumb"
        return TerminalStyle(
            usesUnicode: charset.contains("utf-8") || charset.contains("utf8"),
            usesColour: canRedraw && (environment("NO_COLOR") ?? "").isEmpty,
            canRedraw: canRedraw
        )
    }

    /// What stands for text left out.
    var ellipsis: String { usesUnicode ? "…" : "..." }
}
