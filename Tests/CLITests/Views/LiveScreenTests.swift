// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCLI

@Suite("Live screen")
struct LiveScreenTests {
    private func screen(_ updates: [(above: [String], frame: [String])], columns: Int = 40) -> ScreenModel {
        var model = ScreenModel(columns: columns)
        var screen = LiveScreen()
        model.feed("$ swoop URL\n")
        for update in updates {
            model.feed(screen.update(above: update.above, frame: update.frame, columns: columns))
        }
        return model
    }

    @Test("redraws its lines in place")
    func redraws() {
        let model = screen([([], ["one long line", "|##..|"]), ([], ["two", "|###.|"])])
        #expect(model.shown == ["$ swoop URL", "two", "|###.|"])
    }

    @Test("puts lines that stay above the frame")
    func above() {
        let model = screen([([], ["a", "b"]), (["swoop: x: waiting"], ["c", "d"]), ([], ["e", "f"])])
        #expect(model.shown == ["$ swoop URL", "swoop: x: waiting", "e", "f"])
    }

    @Test("takes the frame away and leaves the last line")
    func ends() {
        let model = screen([([], ["a", "b"]), (["x.bin  done"], [])])
        #expect(model.shown == ["$ swoop URL", "x.bin  done"])
        #expect(model.cursor == [2, 0])
    }

    @Test("lets a line that stays be longer than the window")
    func longLine() {
        let long = String(repeating: "x", count: 50)
        let model = screen([([], ["a", "b"]), ([long], ["c", "d"]), ([], ["e", "f"])])
        #expect(model.shown == ["$ swoop URL", String(long.prefix(40)), String(long.suffix(10)), "e", "f"])
    }

    @Test("rests with a visible cursor on the empty line below")
    func cursor() {
        let model = screen([([], ["a", "b"])])
        #expect(model.isCursorVisible)
        #expect(model.cursor == [3, 0])
    }

    @Test("writes nothing when there is nothing to show")
    func nothing() {
        var screen = LiveScreen()
        #expect(screen.update(above: [], frame: [], columns: 80).isEmpty)
    }

    @Test("goes up over the rows that a narrower window has made of its lines")
    func narrower() {
        var screen = LiveScreen()
        _ = screen.update(above: [], frame: [String(repeating: "x", count: 79), "\u{1B}[36myy\u{1B}[39m"], columns: 80)
        #expect(screen.drawn == [79, 2])
        #expect(screen.update(above: [], frame: ["a"], columns: 30).contains("\r\u{1B}[4A\u{1B}[J"))
    }
}
