// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swoop
import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("JSON")
struct JSONTests {
    @Test(
        "escapes what must be escaped",
        arguments: [
            ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\u{0}\u{1B}\n\r\t", #""\u0000\u001b\n\r\t""#),
            ("\u{9B}\u{7F}", #""\u009b\u007f""#), ("上…👍", #""上…👍""#), ("\r\n", #""\r\n""#),
        ]
    )
    func strings(text: String, json: String) throws {
        #expect(JSONValue.string(text).text == json)
        let data = Data("[\(json)]".utf8)
        #expect(try JSONDecoder().decode([String].self, from: data) == [text])
    }

    @Test("replaces bytes that are no UTF-8")
    func invalidBytes() {
        #expect(JSONValue.quoted([0x61, 0xFF, 0xC3, 0x62]) == "\"a\u{FFFD}\u{FFFD}b\"")
    }

    @Test(
        "writes numbers with at most three decimals and never as something else than a number",
        arguments: [
            (0.0, "0"), (1.4474, "1.447"), (12.0, "12"), (0.1 + 0.2, "0.3"), (.infinity, "null"), (.nan, "null"),
            (-2.5, "-2.5"), (1e300, "1e+300"),
        ]
    )
    func numbers(number: Double, json: String) {
        #expect(JSONValue.number(number).text == json)
    }
}

@Suite("Event log")
struct EventLogTests {
    private let log = EventLog(id: 1, destination: .directory("isos"))

    /// The field names of a line, in order.
    private func fields(_ line: String?) throws -> [String] {
        let line = try #require(line)
        _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return line.matches(of: /"([a-z_]+)":/).map { String($0.1) }
    }

    @Test("has the contract's fields")
    func contractFields() throws {
        var log = log
        let failure = TransferFailure(.status, "the origin is busy (503): try again later", status: 503)
        let started = TransferNotice.started(url: "http://h/x", name: "x", length: 5, resumed: 2)
        #expect(try fields(log.line(started)) == ["event", "id", "url", "path", "length", "resumed_bytes"])
        let segment = TransferNotice.segment(connection: 0, range: ByteRange(0, 5), elapsed: .seconds(1))
        #expect(try fields(log.line(segment)) == ["event", "id", "from", "to", "connection", "seconds", "bytes"])
        let retry = TransferNotice.retrying(connection: 1, reason: failure, wait: .seconds(2), attempt: 3)
        #expect(try fields(log.line(retry)) == ["event", "id", "connection", "reason", "wait_seconds", "attempt"])
        #expect(
            try fields(log.line(TransferProgress.contract))
                == ["event", "id", "bytes", "length", "bytes_per_second", "connections", "eta_seconds"]
        )
        #expect(
            try fields(EventLog.summary(BatchTally(), elapsed: .seconds(1), exit: .success))
                == ["event", "done", "failed", "bytes", "seconds", "skipped", "exit"]
        )
    }

    @Test("writes a start event as scripts expect it")
    func start() {
        let notice = TransferNotice.started(url: "http://h/x?k=…", name: "x\n", length: nil, resumed: 0)
        let fields = #""url":"http://h/x?k=…","path":"isos/x\n","length":null,"resumed_bytes":0"#
        #expect(log.line(notice) == #"{"event":"start","id":1,"# + fields + "}\n")
    }

    @Test(
        "names the path as the store will",
        arguments: [
            (Destination.directory("."), #""x""#), (.directory("a/"), #""a/x""#), (.file("b/y"), #""b/y""#),
            (.discard, "null"),
        ]
    )
    func path(destination: Destination, json: String) throws {
        let notice = TransferNotice.started(url: "http://h/x", name: "x", length: 5, resumed: 0)
        let line = try #require(EventLog(id: 1, destination: destination).line(notice))
        #expect(line.contains("\"path\":\(json),"))
    }

    @Test("writes progress at most four times a second, and not before the origin has answered")
    func progressRate() {
        var log = log
        var progress = TransferProgress()
        #expect(log.line(progress) == nil)
        progress = .contract
        let written = (0..<100).count { step in
            progress.elapsed = .milliseconds(step * 100)
            return log.line(progress) != nil
        }
        #expect(written <= 40)
        #expect(written >= 30)
    }

    @Test("has no event for what only people want")
    func silent() {
        #expect(log.line(.redirected(status: 302, to: "http://h/y")) == nil)
        #expect(log.line(.connectionLimit(2)) == nil)
    }
}
