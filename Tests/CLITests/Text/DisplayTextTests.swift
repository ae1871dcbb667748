// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCLI

@Suite("Text for a terminal")
struct DisplayTextTests {
    @Test(
        "lets nothing through that steers a terminal",
        arguments: [
            ("a\u{1B}[31mb", "a?[31mb"), ("a\r\nb\tc\u{7F}", "a??b?c?"), ("\u{9B}2J", "?2J"),
            ("\u{202E}gpj.exe", "?gpj.exe"), ("a\u{2028}b", "a?b"), ("caf\u{E9}", "caf\u{E9}"),
        ]
    )
    func clean(text: String, shown: String) {
        #expect(DisplayText.clean(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
    }

    @Test("shows only ASCII where the locale has no more")
    func ascii() {
        #expect(DisplayText.clean("café\u{1B} 上", unicode: false) == "caf?? ?")
    }

    @Test(
        "counts columns",
        arguments: [
            ("", 0), ("abc", 3), ("上海", 4), ("e\u{301}", 1), ("👍", 2), ("ｶ", 1), ("한", 2), ("…", 1), ("█▓░", 3),
        ]
    )
    func width(text: String, columns: Int) {
        #expect(DisplayText.width(text) == columns)
    }

    @Test(
        "shortens in the middle",
        arguments: [
            ("debian-12.iso", 13, "debian-12.iso"), ("debian-12.iso", 12, "debian…2.iso"), ("debian-12.iso", 2, "d…"),
            ("debian-12.iso", 1, "d"), ("debian-12.iso", 0, ""), ("上海市地图上海.iso", 11, "上海….iso"),
        ]
    )
    func shortened(text: String, columns: Int, shown: String) {
        let short = DisplayText.shortened(text, to: columns, ellipsis: "…")
        #expect(short == shown)
        #expect(DisplayText.width(short) <= columns)
    }
}

@Suite("Terminal style")
struct TerminalStyleTests {
    private func detect(_ environment: [String: String]) -> TerminalStyle {
        TerminalStyle.detect { environment[$0] }
    }

    @Test("takes the first locale variable that is set")
    func locale() {
        #expect(detect(["LANG": "en_GB.UTF-8"]).usesUnicode)
        #expect(detect(["LC_ALL": "", "LC_CTYPE": "de_DE.utf8", "LANG": "C"]).usesUnicode)
        #expect(!detect(["LC_ALL": "C", "LANG": "en_GB.UTF-8"]).usesUnicode)
        #expect(!detect([:]).usesUnicode)
    }

    @Test("has no colour if NO_COLOR is set and not empty, or the terminal is dumb")
    func colour() {
        #expect(detect(["TERM": "xterm"]).usesColour)
        #expect(detect(["TERM": "xterm", "NO_COLOR": ""]).usesColour)
        #expect(!detect(["TERM": "xterm", "NO_COLOR": "1"]).usesColour)
        #expect(!detect(["TERM": "dumb"]).usesColour)
    }

    @Test("redraws only on a terminal that can")
    func redraw() {
        #expect(detect(["TERM": "xterm", "NO_COLOR": "1"]).canRedraw)
        #expect(!detect(["TERM": "dumb"]).canRedraw)
        #expect(!detect([:]).canRedraw)
    }
}
