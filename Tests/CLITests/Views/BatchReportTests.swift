// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import Swoop
@testable import SwoopCLI

@Suite("Report of several transfers")
struct BatchReportTests {
    private func report(
        _ view: HumanReport.View = .live,
        _ verbosity: HumanReport.Verbosity = .normal,
        events: Bool = false,
        total: Int64? = 3
    ) -> BatchReport {
        let shown = Presentation(view: view, verbosity: verbosity, style: .plain, writesEvents: events)
        return BatchReport(shown, total: total)
    }

    private func began(_ number: Int64, _ monitor: TransferMonitor = TransferMonitor()) -> BatchReport.Entry {
        .began(DownloadItem(number: number, request: TransferRequest("http://h/f\(number).bin")), monitor)
    }

    private func ended(_ number: Int64, bytes: Int64 = 1 << 20, skipped: Bool = false) -> BatchReport.Entry {
        let result = TransferResult(
            path: "f\(number).bin",
            length: bytes,
            digests: [],
            verified: nil,
            wasSkipped: skipped,
            resumedBytes: 0,
            elapsed: .seconds(1),
            connections: []
        )
        return .ended(number, .success(result))
    }

    private func failed(
        _ number: Int64,
        _ code: TransferFailure.Code = .status,
        kept: Bool = false
    ) -> BatchReport.Entry {
        let error = TransferError(
            failure: TransferFailure(code, "what happened: what to do", status: 404),
            url: "",
            partialPath: kept ? "x.part" : nil
        )
        return .ended(number, .failure(error))
    }

    @Test("leaves a line for each of a few, and for failures of many")
    func lines() {
        for (view, total, isShown) in [
            (HumanReport.View.live, Int64(20), true), (.live, 21, false), (.lines, 2000, true), (.none, 2000, true),
        ] {
            var report = report(view, total: total)
            let lines = report.take([began(1), began(2), ended(1), failed(2)]).lines
            let done = isShown ? ["f1.bin  1.00 MiB in 1.0 s, 1.00 MiB/s"] : []
            #expect(lines == done + ["swoop: f2.bin: what happened: what to do"])
        }
    }

    @Test("quiet says nothing but failures")
    func quiet() {
        var report = report(.none, .quiet)
        let output = report.take([.warning("x"), began(1), began(2), ended(1), failed(2), .fault(3, fault)])
        #expect(output.lines == ["swoop: f2.bin: what happened: what to do", "swoop: list:7: bad: write it well"])
        #expect(output.text.isEmpty)
    }

    private let fault = ListFault(place: "list:7", message: "bad: write it well")

    @Test("writes events with the number of their item, in the order of what happened")
    func events() {
        var report = report(.none, .quiet, events: true)
        let started = TransferNotice.started(url: "http://h/x", name: "x", length: 5, resumed: 0)
        let text = report.take([
            began(7), .noticed(7, started, TransferProgress()), ended(7), began(8), failed(8), .fault(9, fault),
        ]).text
        let beginnings = text.split(separator: "\n").map {
            $0.prefix(24).split(separator: ",").prefix(2).joined(separator: ",")
        }
        #expect(
            beginnings == [
                #"{"event":"start","id":7"#, #"{"event":"done","id":7"#, #"{"event":"error","id":8"#,
                #"{"event":"error","id":9"#,
            ]
        )
        #expect(text.contains(#""code":"badInput","exit":2,"message":"list:7: bad: write it well"}"#))
    }

    @Test("counts how each ended")
    func tally() {
        var report = report()
        _ = report.take([
            began(1), began(2), began(3), began(4), began(5), ended(1), ended(2, skipped: true), failed(3),
            failed(4, .cancelled, kept: true), failed(5, .cancelled), .alreadyDone(1), .fault(6, fault),
        ])
        let tally = report.tally
        #expect(tally.done == 1 && tally.skipped == 2 && tally.failed == 2)
        #expect(tally.interrupted == 2 && tally.kept == 1 && tally.bytes == 1 << 20)
        #expect(tally.statuses == [.success, .permanent, .interrupted, .usage])
    }

    @Test("one line stands for everything that was interrupted")
    func interruption() {
        var report = report()
        let lines = report.take([began(1), began(2), began(3), ended(1), failed(2, .cancelled, kept: true)]).lines
        #expect(lines.count == 1)
        #expect(
            report.tally.interruption(leavesDone: true)
                == "interrupted: 1 of 3 done, 1 partial kept: the same command resumes"
        )
        #expect(report.tally.interruption(leavesDone: false).hasSuffix("the same command with --skip-existing resumes"))
    }

    @Test(
        "sums up",
        arguments: [
            ([], "0 files"), ([1], "1 file, 1.00 MiB in 2.0 s, 512 KiB/s"),
            ([1, 1], "2 files, 2.00 MiB in 2.0 s, 1.00 MiB/s"),
            ([1, 2, 3], "1 file, 1.00 MiB in 2.0 s, 512 KiB/s, 1 skipped, 1 failed"), ([2], "0 files, 1 skipped"),
        ]
    )
    func summary(kinds: [Int], line: String) {
        var report = report()
        for (index, kind) in kinds.enumerated() {
            let number = Int64(index)
            let end = [ended(number), ended(number, skipped: true), failed(number)][kind - 1]
            _ = report.take([began(number), end])
        }
        #expect(report.tally.summary(elapsed: .seconds(2)) == line)
    }

    @Test("shows running transfers by number, those that wait for the disk last")
    func frame() {
        var report = report(total: nil)
        let monitors = (0..<3).map { _ in TransferMonitor() }
        for (index, monitor) in monitors.enumerated() {
            var progress = TransferProgress.sample(length: 100, held: [ByteRange(0, 50)])
            progress.name = "n\(index)"
            progress.phase = index == 0 ? .publishing : .transferring
            monitor.update(progress)
        }
        _ = report.take([began(3, monitors[2]), began(1, monitors[0]), began(2, monitors[1])])
        let frame = report.frame(columns: 60, rows: 24, elapsed: .seconds(1))
        #expect(frame.map { $0.prefix(2) } == ["0 ", "n1", "n2", "n0"])
        _ = report.take([ended(1), ended(2), ended(3)])
        #expect(report.frame(columns: 60, rows: 24, elapsed: .seconds(2)).count == 1)
        var hidden = self.report(.lines)
        #expect(hidden.frame(columns: 60, rows: 24, elapsed: .zero).isEmpty)
    }

    @Test("says how long it will take, from what is known of the others")
    func remaining() {
        var report = report(total: 4)
        let monitor = TransferMonitor()
        _ = report.take([began(1, monitor)])
        var progress = TransferProgress.sample(length: 4 << 20)
        for second in 0...3 {
            progress.bytes = Int64(second) << 20
            monitor.update(progress)
            _ = report.frame(columns: 80, rows: 24, elapsed: .seconds(second))
        }
        // 1 MiB of this one and 12 MiB of three like it, at 1 MiB/s.
        let frame = report.frame(columns: 80, rows: 24, elapsed: .milliseconds(3001))
        #expect(frame.first == "0 of 4 done  3.00 MiB  1.00 MiB/s  13 s left")
    }
}
