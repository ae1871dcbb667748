// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Frame of several transfers")
struct BatchFrameTests {
    private static let batch = BatchProgress(
        total: 2000,
        done: 12,
        failed: 1,
        bytes: 1_288_490_188,
        throughput: 222_298_112,
        connections: 24,
        remaining: .seconds(6)
    )

    private func rows(_ count: Int) -> [BatchFrame.Row] {
        (0..<count).map { index in
            var progress = TransferProgress.sample(
                length: 1000,
                held: [ByteRange(0, Int64(index) * 100 + 100)],
                segments: [.init(connection: 0, range: ByteRange(0, 1000), position: Int64(index) * 100 + 100)]
            )
            progress.throughput = 13_631_488
            return BatchFrame.Row(name: "part-\(index).tar.zst", progress: progress)
        }
    }

    private func lines(
        _ running: [BatchFrame.Row],
        of batch: BatchProgress = batch,
        columns: Int = 80,
        rows: Int = 24,
        style: TerminalStyle = .plain
    ) -> [String] {
        BatchFrame.lines(batch, running: running, columns: columns, rows: rows, style: style)
    }

    @Test("shows all of them on one line, then each on one")
    func whole() {
        #expect(
            lines(rows(2)) == [
                "12 of 2,000 done, 1 failed  1.20 GiB  212 MiB/s  24 connections  6 s left",
                "part-0.tar.zst   10 %  13.0 MiB/s  |███0▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓|",
                "part-1.tar.zst   20 %  13.0 MiB/s  |██████0▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓|",
            ]
        )
    }

    @Test("shows the same in ASCII")
    func ascii() {
        #expect(
            lines(rows(1), style: .ascii)[1] == "part-0.tar.zst   10 %  13.0 MiB/s  |###0============================|"
        )
    }

    @Test(
        "drops fields in order when the window is narrow",
        arguments: [
            (70, "12 of 2,000 done, 1 failed  1.20 GiB  212 MiB/s  6 s left"),
            (50, "12 of 2,000 done, 1 failed  212 MiB/s  6 s left"),
            (40, "12 of 2,000 done, 1 failed  212 MiB/s"),
            (30, "12 of 2,000 done, 1 failed"),
            (20, "12 of 2,000"),
        ]
    )
    func narrow(columns: Int, line: String) {
        #expect(lines(rows(1), columns: columns)[0] == line)
    }

    @Test("leaves out the bar, then the rate, then everything but the first line")
    func narrowRows() {
        #expect(lines(rows(1), columns: 40)[1] == "part-0.tar.zst   10 %  13.0 MiB/s")
        #expect(lines(rows(1), columns: 24)[1] == "part-0.tar.zst   10 %")
        #expect(lines(rows(1), columns: 19) == ["12 of 2,000"])
    }

    @Test("says how many more there are than the window has room for")
    func low() {
        let shown = lines(rows(8), rows: 8)
        #expect(shown.count == 5)
        #expect(shown.last == "and 5 more")
        #expect(lines(rows(4), rows: 8).count == 5)
        #expect(lines(rows(8), rows: 4).count == 1)
        #expect(lines(rows(8), rows: 1).count == 1)
    }

    @Test("never fills the window, whatever its size", arguments: [1, 5, 19, 20, 21, 24, 30, 40, 60, 80, 200])
    func bounds(columns: Int) {
        var running = rows(12)
        running[3].name = "上海市地图上海市地图上海市地图上海市地图.tar.zst"
        running[4].name = String(repeating: "x", count: 300)
        running[5].progress.length = nil
        running[6].progress.phase = .connecting
        for height in 0...30 {
            for style in [TerminalStyle.coloured, .plain, .ascii] {
                let shown = lines(running, columns: columns, rows: height, style: style)
                #expect(shown.count <= max(1, height - 3))
                for line in shown {
                    #expect(DisplayText.width(LiveScreen.withoutEscapes(line)) <= max(1, columns - 1), "\(line)")
                }
            }
        }
    }

    @Test("lets no control character of a name through")
    func hostile() {
        var running = rows(1)
        running[0].name = "a\u{1B}]0;x\u{07}b"
        #expect(lines(running)[1].hasPrefix("a?]0;x?b "))
    }

    @Test("counts without a total as far as it knows")
    func unknownTotal() {
        var batch = BatchProgress()
        #expect(lines([], of: batch) == ["0 done"])
        batch.done = 1234
        batch.skipped = 5678
        #expect(lines([], of: batch) == ["1,234 done, 5,678 skipped"])
    }
}
