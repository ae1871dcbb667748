// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("Line reader", .timeLimit(.minutes(10)))
struct LineReaderTests {
    private func lines(_ bytes: Data) async throws -> [String] {
        try await withTemporaryDirectory { directory in
            try bytes.write(to: URL(filePath: directory + "/list"))
            let reader = try LineReader(directory + "/list")
            defer { reader.close() }
            #expect(reader.isRegular)
            var all: [String] = []
            while let lines = try await reader.next() { all += lines }
            return all
        }
    }

    @Test(
        "reads lines with and without a break at the end",
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\n", ["", ""]),
            ("a\r\nb\n", ["a\r", "b"]),
        ]
    )
    func breaks(text: String, expected: [String]) async throws {
        #expect(try await lines(Data(text.utf8)) == expected)
    }

    @Test("reads lines that cross its buffer, and bytes that are no text")
    func long() async throws {
        let long = String(repeating: "é", count: 100_000)
        #expect(try await lines(Data("\(long)\nx\n\(long)".utf8)) == [long, "x", long])
        #expect(try await lines(Data([0xFF, 0x0A, 0x61])) == ["\u{FFFD}", "a"])
    }

    @Test("gives up at a line that no list has")
    func endless() async throws {
        await #expect(throws: StoreError.self) {
            try await lines(Data(repeating: 0x61, count: LineReader.longestLine + 100_000))
        }
    }

    @Test("says what it cannot read")
    func unreadable() async throws {
        try await withTemporaryDirectory { directory in
            let missing = #expect(throws: StoreError.self) { try LineReader(directory + "/none") }
            #expect(missing?.failure.message == "cannot read \(directory)/none: no such file: check the name")
            #expect(throws: StoreError.self) { try LineReader(directory) }
        }
    }

    @Test("gives lines of a pipe as they come, and stops waiting when its task is cancelled")
    func pipe() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            let writer = try FileHandle(forUpdating: URL(filePath: path))
            let reader = try LineReader(path)
            defer { reader.close() }
            #expect(!reader.isRegular)
            try writer.write(contentsOf: Data("first\nsec".utf8))
            #expect(try await reader.next() == ["first"])
            try writer.write(contentsOf: Data("ond\n".utf8))
            #expect(try await reader.next() == ["second"])
            let waiting = Task { try await reader.next() }
            waiting.cancel()
            #expect(try await waiting.value == nil)
            try writer.write(contentsOf: Data("\n".utf8))
            try writer.close()
        }
    }
}
