// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension ProgramTests {
    @Suite("Resuming from real servers", .realServers)
    struct Resuming {
        @Test(
            "a download killed halfway goes on where it was",
            arguments: [
                // nginx gives every request a second's worth at once.
                RealServer.Plan(program: .nginx, scheme: .http, rate: 512 << 10),
                .init(program: .nginx, scheme: .https, rate: 512 << 10),
                .init(program: .apache, scheme: .http, rate: 3 << 20),
                .init(program: .lighttpd, scheme: .http, rate: 3 << 20),
            ]
        )
        func killed(plan: RealServer.Plan) async throws {
            try await RealServer.with(plan) { server in
                let source = "\(server.files)/file.bin"
                let target = "\(server.directory)/fetched.bin"
                let length: Int64 = 24 << 20
                try await Tool.makeFile(source, length: length)
                // The entity tag of a file made just now is weak in Apache, and a partial without a strong validator is not
                // resumed.
                try await Tool.check("touch", ["-d", "2024-01-01", source])
                let arguments = ["-c", "4", "-o", target] + server.trust + [server.url("file.bin")]
                let before = try await Self.killHalfway(arguments, length: length)
                let result = try await SwoopProgram.get(["--json"] + arguments)
                #expect(result.ending == .exited(0), "\(result.output) \(result.error)")
                let resumed = try #require(
                    try SwoopEvent.all(result.output).first { $0.event == "start" }?.resumedBytes
                )
                #expect(resumed > 0)
                #expect(before - resumed <= 16 << 20)
                #expect(try await Tool.isSame(source, target))
            }
        }

        /// Kills a download when it says that at least a third is there, and returns how much it said.
        private static func killHalfway(_ arguments: [String], length: Int64) async throws -> Int64 {
            try await SwoopProgram.with(arguments) { swoop in
                for await line in swoop.lines {
                    let event = try SwoopEvent(line)
                    guard event.event == "progress", let bytes = event.bytes, bytes >= length / 3 else { continue }
                    swoop.signal(SIGKILL)
                    #expect(await swoop.wait() == .killed(by: SIGKILL))
                    return bytes
                }
                throw Tool.Failure(description: "the download ended before it was killed")
            }
        }
    }
}
