// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

/// What a download with connections of its own choice costs an origin that is slow or busy, told by the origin's log.
///
/// Counts and not times: a time says as much about the machine as about the download.
/// They run one after another, so that they slow each other down as little as possible.
@Suite("Slow and busy origins", .alone, .serialized, .timeLimit(.minutes(10)))
struct SpeedScenarioTests {
    /// Runs a download to its exact bytes, and then lets `judge` look at what the origin noted.
    private func complete(
        _ scenario: Scenario,
        _ query: String,
        _ name: String = "12MiB.bin",
        _ judge: (Log) throws -> Void
    ) async throws {
        try await Download.with(scenario, name, query: query) { download in
            download.options.connections = nil
            let outcome = await download.run()
            try download.expectBytes(outcome)
            let statistics = download.server.statistics
            #expect(statistics.violations == 0)
            let length = try #require(outcome.result?.length)
            try judge(Log(records: download.requests, length: length, statistics: statistics))
        }
    }

    /// The origin's view of one download.
    private struct Log {
        let records: [RequestRecord]
        let length: Int64
        let statistics: ChaosStatistics

        var refused: Int { records.count { ![200, 206].contains($0.status) } }
        var slowed: [RequestRecord] { records.filter(\.isSlowed) }
        /// Body bytes beyond the file's own: what was sent twice, or to a connection that had been given up.
        var excess: Int64 { statistics.bytesSent - length }
    }

    @Test("responses that crawl are not waited for", arguments: [1, 2])
    func slowOne(seed: Int) async throws {
        try await complete(.slowOne, "n=8&rate=1M&total=6M&seed=\(seed)") { log in
            #expect(!log.slowed.isEmpty)
            #expect(log.slowed.reduce(0) { $0 + $1.bytesSent } < log.length / 10)
        }
    }

    @Test(
        "responses that drip are replaced",
        arguments: [(0, "n=16&rate=1M&total=12M"), (100_000, "n=16&rate=1M&total=6M&after=100000")]
    )
    func drip(after: Int64, query: String) async throws {
        try await complete(.drip, query, after == 0 ? "24MiB.bin" : "12MiB.bin") { log in
            #expect(!log.slowed.isEmpty)
            // At a byte a second: none was waited for longer than a minute.
            let dripped = log.slowed.map { max(0, $0.bytesSent - after) }
            #expect(dripped.allSatisfy { $0 < 60 }, "\(dripped)")
        }
    }

    @Test("requests that fail in every way cost little more than themselves", arguments: [0.1, 0.3])
    func flaky(share: Double) async throws {
        try await complete(.flaky, "p=\(share)&total=12M&seed=4") { log in
            #expect(log.refused > 0)
            #expect(log.excess < log.length)
        }
    }

    @Test(
        "nothing is asked before the time that a 503 names, from the start or in the middle",
        arguments: ["n=2&seconds=1", "n=1&seconds=1&form=date", "n=1&seconds=1&first=3&rate=1M&total=12M"]
    )
    func retryAfter(query: String) async throws {
        // That is what the origin calls a violation, of which there must be none.
        try await complete(.retryAfter, query) { log in
            // Those sent before the first answer came get the same answer.
            #expect((1...32).contains(log.refused), "\(log.refused) refused")
        }
    }

    @Test(
        "the most that an origin admits is learned in few rejections",
        arguments: [(1, "503"), (2, "503"), (4, "503"), (2, "429"), (2, "403"), (2, "refuse"), (2, "reset")]
    )
    func tooMany(admitted: Int, kind: String) async throws {
        try await complete(.tooMany, "n=\(admitted)&kind=\(kind)&rate=3M", "\(3 * admitted)MiB.bin") { log in
            // A connection that ends without a word may mean anything, so that more of them are tried.
            let few = ["refuse", "reset"].contains(kind) ? 24 : 8
            #expect((1...few).contains(log.refused), "\(log.refused) refused")
        }
    }
}
