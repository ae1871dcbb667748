// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("Append-only file", .timeLimit(.minutes(10)))
struct AppendOnlyFileTests {
    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("keeps what is there and adds whole lines, whoever else does")
    func appends() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m"
            try "old\n".write(toFile: path, atomically: false, encoding: .utf8)
            let files = try (0..<4).map { _ in try AppendOnlyFile(path) }
            for number in 0..<400 { files[number % 4].append("line \(number)\n") }
            for file in files { try await file.close() }
            let lines = try text(path).split(separator: "\n").map(String.init)
            #expect(lines.first == "old")
            #expect(Set(lines.dropFirst()) == Set((0..<400).map { "line \($0)" }))
            #expect(lines.count == 401)
        }
    }

    @Test("begins a new line after one that a crash cut off")
    func torn() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m"
            try "whole\nhalf".write(toFile: path, atomically: false, encoding: .utf8)
            let file = try AppendOnlyFile(path)
            file.append("a\n")
            file.append("b\n")
            try await file.close()
            #expect(try text(path) == "whole\nhalf\na\nb\n")
        }
    }

    @Test("says that it could not write, and why")
    func fails() async throws {
        try await withTemporaryDirectory { directory in
            #expect(throws: StoreError.self) { try AppendOnlyFile(directory) }
            #expect(throws: StoreError.self) { try AppendOnlyFile(directory + "/none/m") }
        }
        let full = try AppendOnlyFile("/dev/full")
        full.append("x\n")
        let error = await #expect(throws: StoreError.self) { try await full.close() }
        #expect(error?.failure.code == .diskFull)
    }
}
