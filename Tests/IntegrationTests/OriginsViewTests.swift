// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopChaos
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("The library against a chaos origin", .takingTurns, .timeLimit(.minutes(10)))
enum LibraryTests {}

extension LibraryTests {
    @Suite("What the origin sees")
    struct OriginsView {
        @Test("every byte is asked for once, over several connections", .timeLimit(.minutes(10)))
        func parallel() async throws {
            try await Download.with(.plain, "16MiB.bin", query: "rate=8M") { download in
                try download.expectBytes(await download.run())
                #expect(download.server.statistics.maximumConnections == 4)
                let asked = download.requests.compactMap(\.range?.count).reduce(0, +)
                #expect(download.requests.allSatisfy { $0.status == 206 })
                #expect(asked >= 16 << 20)
            }
        }

        @Test("as many connections are used as asked for", .timeLimit(.minutes(10)), arguments: [1, 2, 16])
        func connections(count: Int) async throws {
            try await Download.with(.plain, "24MiB.bin", query: "rate=4M&total=32M") { download in
                download.options.connections = count
                let outcome = await download.run()
                try download.expectBytes(outcome)
                #expect(download.server.statistics.maximumRequests <= count)
                #expect(outcome.result?.connections.map(\.connection) == Array(0..<count))
            }
        }

        @Test("no HEAD and no conditional request before the first answer", .timeLimit(.minutes(10)))
        func firstRequest() async throws {
            try await Download.with(.plain, "6MiB.bin") { download in
                try download.expectBytes(await download.run())
                #expect(download.requests.allSatisfy { $0.method == "GET" })
                let first = try #require(download.requests.first)
                #expect(first.field("range") != nil)
                #expect(first.field("if-range") == nil)
                #expect(download.requests.dropFirst().allSatisfy { $0.field("if-range") != nil })
                #expect(download.requests.allSatisfy { $0.field("accept-encoding") == "identity" })
            }
        }

        @Test("an origin without ranges is asked once, over one connection", .timeLimit(.minutes(10)))
        func noRange() async throws {
            try await Download.with(.noRange, "9MiB.bin") { download in
                try download.expectBytes(await download.run())
                #expect(download.requests.count == 1)
            }
        }

        @Test("an origin that ignores If-Range still serves several connections", .timeLimit(.minutes(10)))
        func ifRangeIgnored() async throws {
            try await Download.with(.ifRangeIgnored, "16MiB.bin", query: "rate=8M") { download in
                let outcome = await download.run()
                try download.expectBytes(outcome)
                let delivering = outcome.result?.connections.count { $0.bytes > 0 } ?? 0
                #expect(delivering == 4)
                #expect(download.requests.count { $0.status == 200 } <= 4)
            }
        }

        @Test(
            "what arrived before a connection closed is not asked for again",
            .timeLimit(.minutes(10)),
            arguments: ["", "bytes=1000", "bytes=20K", "bytes=600K"]
        )
        func shortBodies(query: String) async throws {
            let length: Int64 = query == "bytes=1000" ? 50_000 : 9 << 20
            try await Download.with(.shortBody, "\(length).bin", query: query) { download in
                // Fixed, so that no tail is given away while it arrives.
                download.options.segmentSize = 1 << 20
                let log = NoticeLog()
                let monitor = TransferMonitor { notice, _ in log.add(notice) }
                try download.expectBytes(await download.run(monitor: monitor))
                // On a machine so slow that an answer was late, it was asked a second time.
                #expect(download.server.statistics.bytesSent == length || log.asksTwice)
            }
        }

        @Test(
            "secrets go to the named origin and never to another",
            .timeLimit(.minutes(10)),
            arguments: ["302", "307", "308"]
        )
        func secrets(status: String) async throws {
            try await Download.with(.redirectOtherOrigin, "9MiB.bin", query: "status=\(status)") { download in
                download.http.fields = HeaderFields()
                for (name, value) in [("X-Api-Key", "k3y"), ("Cookie", "session=s3cret"), ("Accept-Language", "de")] {
                    download.http.fields.add(name, value)
                }
                download.http.credentials = .init(user: "ann", password: "s3cret")
                download.http.referer = "http://intranet.example/s3cret"
                try download.expectBytes(await download.run())
                let named = download.requests.filter { $0.listener == .main }
                let other = download.requests.filter { $0.listener == .other }
                let secrets = ["Authorization", "Cookie", "X-Api-Key", "Referer", "Accept-Language"]
                #expect(!named.isEmpty && !other.isEmpty)
                #expect(named.allSatisfy { request in secrets.allSatisfy { request.field($0) != nil } })
                #expect(other.allSatisfy { request in secrets.allSatisfy { request.field($0) == nil } })
                #expect(!other.contains { request in request.fields.contains { $0.value.contains("s3cret") } })
            }
        }

        @Test("a name and password in the URL do not follow a redirect elsewhere", .timeLimit(.minutes(10)))
        func userInformation() async throws {
            try await Download.with(.redirectOtherOrigin, "6MiB.bin") { download in
                download.url = download.url.replacing("http://", with: "http://ann:s3cret@")
                download.http.credentials = nil
                try download.expectBytes(await download.run())
                let named = download.requests.filter { $0.listener == .main }
                let other = download.requests.filter { $0.listener == .other }
                #expect(Set(named.map { $0.field("authorization") }) == ["Basic YW5uOnMzY3JldA=="])
                #expect(Set(other.map { $0.field("authorization") }) == [nil])
            }
        }

        @Test(
            "an origin that asks to wait is left alone until then",
            .timeLimit(.minutes(10)),
            arguments: ["form=seconds", "form=date", "n=1&seconds=2", "n=3&form=date"]
        )
        func retryAfter(query: String) async throws {
            try await Download.with(.retryAfter, "9MiB.bin", query: query) { download in
                try download.expectBytes(await download.run())
                #expect(download.requests.compactMap(\.violation) == [])
                #expect(download.requests.contains { $0.status == 503 })
            }
        }

        @Test(
            "an origin that admits two connections turns few away",
            .timeLimit(.minutes(10)),
            arguments: ["503", "429", "403", "refuse", "reset"]
        )
        func ceiling(kind: String) async throws {
            try await Download.with(.tooMany, "24MiB.bin", query: "n=2&rate=4M&kind=\(kind)") { download in
                download.options.connections = 8
                try download.expectBytes(await download.run())
                let turnedAway = download.requests.count { $0.status != 206 }
                // A connection lost without a word may be just that, and is tried again a few times.
                let isSilent = kind == "refuse" || kind == "reset"
                #expect(turnedAway <= (isSilent ? 64 : 8), "turned away \(turnedAway) times")
            }
        }
    }
}
