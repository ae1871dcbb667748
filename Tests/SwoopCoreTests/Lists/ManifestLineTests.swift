// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCore

@Suite("Manifest line")
struct ManifestLineTests {
    private static let key = ItemKey(url: "http://h/x?sig=secret", target: "out")

    private static var full: ManifestLine {
        var line = ManifestLine(
            key: key,
            url: "http://h/x?sig=…",
            status: .failed,
            exit: 4,
            bytes: 1 << 40,
            seconds: 1.25
        )
        line.mirrors = ["http://m/x", "http://n/\"x\""]
        line.path = "out/x\n\u{1B}é😀"
        line.digest = "md5:00"
        line.error = "the origin is busy (503): try again later"
        return line
    }

    @Test("is one line of JSON with the fields in order")
    func text() {
        let line = ManifestLine(key: Self.key, url: "http://h/x", status: .done, exit: 0, bytes: 5, seconds: 0.0304)
        let fields =
            #"{"url":"http://h/x","path":null,"status":"done","exit":0,"bytes":5,"digest":null,"seconds":0.03,"#
        #expect(line.text == fields + "\"key\":\"\(Self.key)\"}\n")
        #expect(Self.full.text.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
        #expect(!Self.full.text.contains("secret"))
    }

    @Test("is read back as it was written")
    func roundTrip() throws {
        #expect(ManifestLine.parse(Self.full.text) == Self.full)
    }

    @Test("cut off anywhere it is no line, and nothing traps")
    func truncated() {
        let text = Array(Self.full.text.utf8.dropLast())
        for length in 0..<text.count {
            #expect(ManifestLine.parse(String(decoding: text.prefix(length), as: UTF8.self)) == nil)
        }
    }

    @Test("with bytes changed anywhere nothing traps", arguments: 0..<200)
    func damaged(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bytes = Array(Self.full.text.utf8)
        for _ in 0..<4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        _ = ManifestLine.parse(String(decoding: bytes, as: UTF8.self))
    }

    @Test(
        "tolerates what later versions may add, and what is missing",
        arguments: [
            #"{"key":"00000000000000ff","status":"done"}"#,
            #" { "status" : "done" , "more":{"a":[1,{"b":true}],"c":null}, "key":"00000000000000FF" } "#,
            #"{"key":"00000000000000ff","status":"done","bytes":1e3,"exit":99999999999,"mirrors":7,"url":null}"#,
            "{\"key\":\"00000000000000ff\",\"status\":\"\\u0064one\",\"path\":\"\\ud83d\\ude00 \\ud83d \\/\"}",
        ]
    )
    func tolerant(text: String) {
        let line = ManifestLine.parse(text)
        #expect(line?.key.bits == 255)
        #expect(line?.status == .done)
    }

    @Test(
        "refuses what says nothing about an item",
        arguments: [
            "", "{}", "[]", "null", "done", #"{"key":"ff","status":"done"}"#, #"{"key":"00000000000000ff"}"#,
            #"{"key":"00000000000000ff","status":"maybe"}"#, #"{"key":"00000000000000ff","status":"done"} x"#,
            #"{"key":"+0000000000000ff","status":"done"}"#,
        ]
    )
    func refuses(text: String) {
        #expect(ManifestLine.parse(text) == nil)
    }

    @Test("a line as deep as a cave is refused, not followed")
    func deep() {
        let cave = String(repeating: "[", count: 100_000)
        #expect(ManifestLine.parse("{\"a\":\(cave)") == nil)
    }

    @Test("keys tell URLs, secrets and targets apart, and are the same in every run")
    func keys() {
        let keys = [
            ItemKey(url: "http://h/x", target: "."), ItemKey(url: "http://h/x", target: "y"),
            ItemKey(url: "http://h/x?a=1", target: "."), ItemKey(url: "http://h/x?a=2", target: "."),
            ItemKey(url: "http://h/xy", target: ""), ItemKey(url: "http://h/x", target: "y"),
        ]
        #expect(Set(keys).count == 5)
        #expect(ItemKey(url: "", target: "").description == "af63bd4c8601b7df")
        #expect(ItemKey.parse("af63bd4c8601b7df") == ItemKey(url: "", target: ""))
    }

    @Test("half of a surrogate pair stands for itself, and takes nothing else along")
    func surrogates() {
        let read = JSONReader.object("{\"a\":\"\\ud83d\\u25ff\\ud83d\\ude00\\ud83dx\"}")
        #expect(read?["a"] == .string("\u{FFFD}\u{25FF}\u{1F600}\u{FFFD}x"))
    }

    @Test("reads no number that cannot be written", arguments: ["nan", "inf", "1e999", "-1e999"])
    func numbers(word: String) {
        #expect(JSONReader.object("{\"a\":\(word)}") == nil)
    }
}
