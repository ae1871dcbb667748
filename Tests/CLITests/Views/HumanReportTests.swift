// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Human report")
struct HumanReportTests {
    private func report(
        _ view: HumanReport.View = .live,
        _ verbosity: HumanReport.Verbosity = .normal,
        segmentSize: Int64? = nil
    ) -> HumanReport {
        HumanReport(name: "big.bin", view: view, verbosity: verbosity, style: .plain, segmentSize: segmentSize)
    }

    private static let progress = TransferProgress.sample(length: 100, held: [ByteRange(0, 41)])
    private static let busy = TransferFailure(.status, "the origin is busy (503): try again later", status: 503)

    @Test(
        "says what needs saying",
        arguments: [
            (
                TransferNotice.retrying(connection: 0, reason: busy, wait: .seconds(30), attempt: 1),
                "swoop: big.bin: the origin is busy (503): trying again in 30.0 s, 41 % kept"
            ),
            (
                .restarting(reason: "the origin changed the file (ETag \"a1\" became \"b7\")"),
                "swoop: big.bin: the origin changed the file (ETag \"a1\" became \"b7\"): starting again"
            ),
            (.connectionLimit(1), "swoop: big.bin: the origin refuses more than 1 connection: going on with 1"),
            (
                .rangesUnusable(reason: "it ignores ranges"),
                "swoop: big.bin: the origin cannot be split (it ignores ranges): one connection must do"
            ),
            (
                .partialIgnored(reason: "no validator"),
                "swoop: big.bin: the partial cannot be continued (no validator): starting again"
            ),
        ]
    )
    func warnings(notice: TransferNotice, line: String) {
        var normal = report()
        #expect(normal.lines(notice, Self.progress) == [line])
        var quiet = report(.none, .quiet)
        #expect(quiet.lines(notice, Self.progress).isEmpty)
    }

    @Test("shows requests and responses only when asked to")
    func details() {
        let request = TransferNotice.request(connection: 2, url: "http://h/x?k=…", range: ByteRange(0, 1024))
        let response = TransferNotice.response(connection: 2, status: 206, contentRange: "bytes 0-1023/4096")
        var verbose = report(.lines, .verbose)
        #expect(
            verbose.lines(request, Self.progress) == ["swoop: big.bin: > connection 2: GET http://h/x?k=… bytes=0-1023"]
        )
        #expect(
            verbose.lines(response, Self.progress) == ["swoop: big.bin: < connection 2: 206 bytes 0-1023/4096"]
        )
        var normal = report()
        #expect(normal.lines(request, Self.progress).isEmpty)
    }

    @Test("says once what happens to several connections at once, and not what is mended at once")
    func retries() {
        var report = report()
        let busy = TransferNotice.retrying(connection: 1, reason: Self.busy, wait: .seconds(3), attempt: 1)
        #expect(report.lines(busy, Self.progress).count == 1)
        #expect(report.lines(busy, Self.progress).isEmpty)
        let lost = TransferFailure(.connectionLost, "the connection closed")
        #expect(report.lines(.retrying(connection: 1, reason: lost, wait: .zero, attempt: 1), Self.progress).isEmpty)
    }

    @Test("numbers segments as they end, or by their place where their size is fixed")
    func segments() {
        let range = ByteRange(52_428_800, 78_643_200)
        let notice = TransferNotice.segment(connection: 0, range: range, elapsed: .milliseconds(1447))
        var ordered = report(.lines)
        let line = "downloaded in 1447 ms (size = 25.00 MiB; throughput = 17.28 MiB/s)"
        #expect(ordered.lines(notice, Self.progress) == ["* Segment 0 \(line)"])
        #expect(ordered.lines(notice, Self.progress) == ["* Segment 1 \(line)"])
        var placed = report(.lines, segmentSize: 26_214_400)
        #expect(placed.lines(notice, Self.progress) == ["* Segment 2 \(line)"])
        var live = report(.live)
        #expect(live.lines(notice, Self.progress).isEmpty)
    }

    @Test("takes the name from the origin, and shows it without control characters")
    func name() {
        var report = report()
        _ = report.lines(.started(url: "http://h/x", name: "evil\u{1B}[2J", length: 1, resumed: 0), Self.progress)
        #expect(report.lines(.connectionLimit(2), Self.progress)[0].hasPrefix("swoop: evil?[2J: "))
    }
}
