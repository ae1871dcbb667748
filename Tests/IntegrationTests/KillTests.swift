// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

extension ProgramTests {
    /// A dozen of what `scripts/torture` does hundreds of times.
    @Suite("Stopped at any instant")
    struct StoppedAtAnyInstant {
        /// P12 of the performance targets: bytes that one kill may cost.
        private static let mostFetchedAgain: Int64 = 16 << 20
        private static let name = "64MiB.bin"
        private static let kills = 12

        @Test("a download ends with the exact bytes, and fetches little again")
        func killed() async throws {
            var chance = SplitMix64(seed: 20_261_123)
            try await withTemporaryDirectory { directory in
                try await ChaosServer.with { server in
                    let target = "\(directory)/\(Self.name)"
                    let url = server.url(.throttled, Self.name, query: "rate=2M&total=8M")
                    var cost = Cost()
                    for number in 0..<Self.kills {
                        let sent = server.statistics.bytesSent
                        let life = Duration.seconds(Double.random(in: 0..<0.7, using: &chance))
                        let found = try await Self.kill(after: life, whenBegun: number % 3 > 0, url, target)
                        cost.count(found: found, sent: sent)
                        try #require(
                            !FileManager.default.fileExists(atPath: target),
                            "\(Self.kills) kills are too many"
                        )
                    }
                    let sent = server.statistics.bytesSent
                    let result = try await SwoopProgram.get(["--json", "-o", target, url])
                    #expect(result.ending == .exited(0), "\(result.output)")
                    let start = try #require(try SwoopEvent.all(result.output).first { $0.event == "start" })
                    cost.count(found: start.resumedBytes, sent: sent)
                    #expect(cost.mostFetchedAgain <= Self.mostFetchedAgain)
                    #expect((start.resumedBytes ?? 0) > 0)
                    let content = try #require(server.content(Self.name))
                    #expect(try Download.isSame(target, content))
                    #expect(try TestFiles.names(in: directory) == [Self.name])
                }
            }
        }

        @Test(
            "a download that is told to stop ends in order with 5, and the next run resumes it",
            arguments: [SIGINT, SIGTERM, SIGHUP]
        )
        func interrupted(signal: Int32) async throws {
            try await withTemporaryDirectory { directory in
                try await ChaosServer.with { server in
                    let target = "\(directory)/16MiB.bin"
                    let url = server.url(.throttled, "16MiB.bin", query: "rate=2M&total=8M")
                    let before = try await Self.interrupt(signal, url, target)
                    #expect(try TestFiles.names(in: directory) == ["16MiB.bin.part", "16MiB.bin.part.journal"])
                    let result = try await SwoopProgram.get(["--json", "-o", target, url])
                    #expect(result.ending == .exited(0), "\(result.output)")
                    let start = try #require(try SwoopEvent.all(result.output).first { $0.event == "start" })
                    // Nothing is lost: the journal was written before the end.
                    #expect((start.resumedBytes ?? 0) >= before)
                    #expect(try Download.isSame(target, try #require(server.content("16MiB.bin"))))
                }
            }
        }

        @Test("a signal ends a download however early it comes", .timeLimit(.minutes(2)))
        func early() async throws {
            try await withTemporaryDirectory { directory in
                try await ChaosServer.with { server in
                    // Nobody waits ten minutes for the end of it.
                    let url = server.url(.throttled, Self.name, query: "total=100K")
                    for step in 0..<200 {
                        try await SwoopProgram.with(["-o", "\(directory)/file", url]) { swoop in
                            try await Task.sleep(for: .microseconds(step * 200))
                            swoop.signal(SIGINT)
                            let ending = await swoop.wait()
                            #expect(ending == .exited(5) || ending == .killed(by: SIGINT), "step \(step)")
                        }
                    }
                }
            }
        }

        @Test("a download killed before its first byte still knows the file from a login page")
        func killedBeforeFirstByte() async throws {
            try await withTemporaryDirectory { directory in
                try await ChaosServer.with { server in
                    let target = "\(directory)/5MiB.bin"
                    // The first answer is the file, every second one the page.
                    let url = server.url(.errorPage, "5MiB.bin", query: "n=2&rate=2M")
                    let arguments = ["-c", "1", "--retry-wait", "0.01", "-o", target, url]
                    try await SwoopProgram.with(arguments) { swoop in
                        _ = try await Self.resumedBytes(swoop.lines)
                        swoop.signal(SIGKILL)
                    }
                    let result = try await SwoopProgram.get(["-q"] + arguments)
                    #expect(result.ending == .exited(0), "\(result.error)")
                    #expect(try Download.isSame(target, try #require(server.content("5MiB.bin"))))
                }
            }
        }

        /// Interrupts a download that has received something, and returns how much it said it had.
        private static func interrupt(_ signal: Int32, _ url: String, _ target: String) async throws -> Int64 {
            try await SwoopProgram.with(["-o", target, url]) { swoop in
                for await line in swoop.lines {
                    let event = try SwoopEvent(line)
                    guard event.event == "progress", let bytes = event.bytes, bytes > 0 else { continue }
                    swoop.signal(signal)
                    #expect(await swoop.wait() == .exited(5))
                    return bytes
                }
                throw Tool.Failure(description: "the download ended before it was interrupted")
            }
        }

        /// Starts a download, kills it some time after its start, or after it has begun to receive, and returns how many
        /// bytes it found, if it lived to say so.
        private static func kill(
            after life: Duration,
            whenBegun: Bool,
            _ url: String,
            _ target: String
        ) async throws -> Int64? {
            try await SwoopProgram.with(["-o", target, url]) { swoop in
                var found: Int64?
                if whenBegun { found = try await Self.resumedBytes(swoop.lines) }
                // No instant is too early or too late: this waits for nothing.
                try await Task.sleep(for: life)
                swoop.signal(SIGKILL)
                #expect(await swoop.wait() == .killed(by: SIGKILL))
                if found == nil { found = try await Self.resumedBytes(swoop.lines) }
                return found
            }
        }

        private static func resumedBytes(_ lines: AsyncStream<String>) async throws -> Int64? {
            for await line in lines {
                if let resumed = try SwoopEvent(line).resumedBytes { return resumed }
            }
            return nil
        }

        /// What kills cost, from the origin's point of view.
        private struct Cost {
            private var last: (found: Int64, sent: Int64) = (0, 0)
            private(set) var mostFetchedAgain: Int64 = 0

            /// Counts a run that found so many bytes after the origin had sent so many; `nil` if it was killed too soon to
            /// say.
            mutating func count(found: Int64?, sent: Int64) {
                guard let found else { return }
                mostFetchedAgain = max(mostFetchedAgain, (sent - last.sent) - (found - last.found))
                last = (found, sent)
            }
        }
    }
}
