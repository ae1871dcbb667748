// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopTestKit
import Testing

extension ProgramTests {
    /// `swoop -o -` in front of other programs, against servers of the distribution.
    @Suite("Standard output", .realServers, .timeLimit(.minutes(10)))
    struct StandardOutput {
        /// Runs a line of shell in the server's own directory. `swoop` is the program, with what it needs to trust the
        /// server.
        private func shell(_ line: String, _ server: RealServer) async throws -> RunResult {
            let program = try SwoopProgram.executable
            let trust = server.trust.joined(separator: " ")
            let prelude = "cd '\(server.directory)'; swoop() { '\(program)' get \(trust) \"$@\"; }; "
            return try await Tool.run("/bin/bash", ["-c", prelude + line])
        }

        private func sum(_ path: String) async throws -> String { try await Tool.sha256(path) }

        @Test("feeds tar", arguments: RealServer.Program.allCases, RealServer.Scheme.allCases)
        func tar(program: RealServer.Program, scheme: RealServer.Scheme) async throws {
            try await RealServer.with(.init(program: program, scheme: scheme)) { server in
                let (tree, copy) = ("\(server.directory)/tree", "\(server.directory)/copy")
                for path in [tree, copy] {
                    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                }
                for number in 1...20 { try await Tool.makeFile("\(tree)/\(number)", length: Int64(number) * 123_457) }
                try await Tool.check("tar", ["-cf", "\(server.files)/tree.tar", "-C", tree, "."])
                let line = "set -o pipefail; swoop -q -o - \(server.url("tree.tar")) | tar -x -C copy"
                let result = try await shell(line, server)
                #expect(result.ending == .exited(0), "\(result.error)")
                #expect(result.error == "")
                try await Tool.check("diff", ["-r", tree, copy])
            }
        }

        /// The reader stops for longer than the stall time-out and looks at the writer's memory then.
        @Test(
            "waits for a reader who stops, within its window",
            arguments: [(8, 64), (32, 96)],
            ["", "max_ranges 0;"]
        )
        func memory(bounds: (window: Int, memory: Int), extra: String) async throws {
            try await RealServer.with(.init(program: .nginx, extra: extra)) { server in
                try await Tool.makeFile("\(server.files)/big", length: 160 << 20)
                let line = """
                    mkfifo pipe
                    swoop -q --stall-timeout 1 --window \(bounds.window)M -o - \(server.url("big")) > pipe &
                    exec 3< pipe
                    head -c 1000 <&3 > first
                    sleep 3
                    writer=$(pgrep -P $!) || writer=$!
                    grep VmHWM /proc/$writer/status
                    cat first - <&3 > copy
                    wait $!
                    """
                let result = try await shell(line, server)
                #expect(result.ending == .exited(0), "\(result.error)")
                #expect(try await Tool.isSame("\(server.files)/big", "\(server.directory)/copy"))
                let words = result.output.split { $0 == " " || $0 == "\t" }
                let peak = try #require(words.dropFirst().first.flatMap { Int($0) })
                #expect(peak / 1024 <= bounds.memory, "\(peak) KiB")
            }
        }

        @Test("proves what it wrote, and says so after the fact if it is wrong")
        func digest() async throws {
            try await RealServer.with(.init(program: .nginx)) { server in
                try await Tool.makeFile("\(server.files)/big", length: 30 << 20)
                let sum = try await sum("\(server.files)/big")
                let line = "swoop --checksum sha-256:\(sum) -o - \(server.url("big")) | sha256sum"
                let result = try await shell(line, server)
                #expect(result.output.hasPrefix(sum))
                #expect(result.error.contains("sha-256 verified"))
                let wrong = String(sum.reversed())
                let second = "set -o pipefail; swoop --checksum sha-256:\(wrong) -o - \(server.url("big")) | sha256sum"
                let failed = try await shell(second, server)
                #expect(failed.ending == .exited(6))
                #expect(failed.output.hasPrefix(sum))
                #expect(failed.error.contains("already been written"))
            }
        }

        @Test("ends without a word when its reader does")
        func readerGone() async throws {
            try await RealServer.with(.init(program: .nginx)) { server in
                try await Tool.makeFile("\(server.files)/big", length: 60 << 20)
                let line = "swoop -q -o - \(server.url("big")) | head -c 1000 | wc -c; exit ${PIPESTATUS[0]}"
                let result = try await shell(line, server)
                #expect(result.ending == .exited(5))
                #expect(result.output.contains("1000"))
                #expect(result.error == "")
            }
        }
    }
}
