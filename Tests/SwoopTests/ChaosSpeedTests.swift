// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopTestKit
import Testing

@testable import SwoopChaos

@Suite("Chaos: how fast")
struct ChaosSpeedTests {
    @Test("a response's chunks are 20 ms of its own rate and 2.5 ms of the shared one")
    func chunks() {
        #expect(Pace(rate: 1_000_000).chunk(sent: 0) == 20_000)
        #expect(Pace(rate: 1_000_000, total: 4_000_000).chunk(sent: 0) == 10_000)
        #expect(Pace(total: 50 << 20).chunk(sent: 0) == (50 << 20) / 400)
        #expect(Pace(rate: 1).chunk(sent: 0) == 1)
        #expect(Pace().chunk(sent: 0) == 256 << 10)
    }

    @Test("a dripping response is fast up to its point and one byte a second from there")
    func dripPace() {
        let pace = Pace(rate: 1_000_000, dripsAfter: 30_000)
        #expect([0, 20_000, 30_000, 30_001].map(pace.chunk(sent:)) == [20_000, 10_000, 1, 1])
        #expect([0, 29_999, 30_000].map(pace.rate(sent:)) == [1_000_000, 1_000_000, 1])
    }

    @Test("32 who share a total get equal shares of exactly it, and wait for no turn longer than 100 ms")
    func manyShares() {
        let total: Int64 = 50_000_000
        let chunk = Pace(rate: 4_000_000, total: total).chunk(sent: 0)
        var pacer = Pacer()
        var due = [Int64](repeating: 0, count: 32)
        var sent = [Int64](repeating: 0, count: 32)
        while let next = due.indices.min(by: { due[$0] < due[$1] }), due[next] < 2_000_000_000 {
            let turn = pacer.reserve(Int(chunk), rate: total, at: due[next])
            #expect(turn - due[next] <= 100_000_000)
            due[next] = turn
            sent[next] += chunk
        }
        #expect(sent.allSatisfy { abs($0 - 2 * total / 32) <= 2 * chunk })
        #expect(abs(sent.reduce(0, +) - 2 * total) <= 33 * chunk)
    }

    @Test("slow-one lets exactly one response of every n crawl, which one the seed says")
    func slowOne() throws {
        var (one, same) = (PlannedOrigin(.slowOne, "n=4&rate=2000"), PlannedOrigin(.slowOne, "n=4&rate=2000"))
        var other = PlannedOrigin(.slowOne, "n=4&rate=2000&seed=9")
        let rates = try (0..<40).map { _ in try one.ask().pace.rate }
        #expect(try (0..<40).map { _ in try same.ask().pace.rate } == rates)
        #expect(try (0..<40).map { _ in try other.ask().pace.rate } != rates)
        for block in 0..<10 { #expect(rates[block * 4..<block * 4 + 4].sorted() == [100, 2_000, 2_000, 2_000]) }
        #expect(Set((0..<10).compactMap { block in (0..<4).first { rates[block * 4 + $0] == 100 } }).count > 1)
    }

    @Test("slow-one without a rate crawls at a twentieth of the total")
    func slowOneOfTotal() throws {
        var origin = PlannedOrigin(.slowOne, "n=1&rate=0&total=1000")
        let pace = try origin.ask().pace
        #expect(pace.rate == 50 && pace.total == 1_000 && pace.isSlowed)
    }

    @Test("drip drips in every n-th response, after so many bytes")
    func drip() throws {
        var origin = PlannedOrigin(.drip, "n=3&after=100")
        let points = try (0..<6).map { _ in try origin.ask().pace.dripsAfter }
        #expect(points == [nil, nil, 100, nil, nil, 100])
    }

    @Test("a HEAD is never slow", arguments: [Scenario.slowOne, .drip])
    func heads(scenario: Scenario) throws {
        var origin = PlannedOrigin(scenario, "n=1")
        #expect(try !origin.ask(method: "HEAD").pace.isSlowed)
    }

    @Test("flaky fails its share of requests, in every way, as the seed says")
    func flaky() throws {
        var (one, same) = (PlannedOrigin(.flaky, "p=0.3"), PlannedOrigin(.flaky, "p=0.3"))
        let answers = try (0..<1_000).map { _ in try one.ask().answer }
        #expect(try (0..<1_000).map { _ in try same.ask().answer } == answers)
        let ways = Dictionary(grouping: answers, by: Self.way).mapValues(\.count)
        #expect((640...760).contains(ways["whole"] ?? 0))
        for way in ["500", "503", "no answer", "reset", "close"] { #expect((30...90).contains(ways[way] ?? 0)) }
        #expect(ways["stall"] == nil)
        var stalling = PlannedOrigin(.flaky, "p=1&stall=1")
        #expect(try (0..<50).contains { _ in Self.way(try stalling.ask().answer) == "stall" })
    }

    private static func way(_ answer: Behaviour.Answer) -> String {
        guard case .respond(let response) = answer else { return "no answer" }
        return response.status >= 500 ? "\(response.status)" : response.fault.map { "\($0.kind)" } ?? "whole"
    }

    @Test("flaky fails nobody at p=0 and everybody at p=1")
    func flakyBounds() throws {
        var (never, always) = (PlannedOrigin(.flaky, "p=0"), PlannedOrigin(.flaky, "p=1"))
        #expect(try (0..<200).allSatisfy { _ in Self.way(try never.ask().answer) == "whole" })
        #expect(try (0..<200).allSatisfy { _ in Self.way(try always.ask().answer) != "whole" })
    }

    @Test("retry-after can begin in the middle of a transfer")
    func retryAfterFirst() throws {
        var origin = PlannedOrigin(.retryAfter, "first=2&n=1&seconds=1")
        let statuses = try [0, 10, 20, 1_500, 1_600].map { try origin.response(at: $0).status }
        #expect(statuses == [200, 200, 503, 200, 200])
    }

    @Test(
        "parameters that mean nothing are refused",
        arguments: [
            (Scenario.flaky, "p=1.5"), (.flaky, "p=nan"), (.flaky, "p=-0.1"), (.flaky, "stall=2"),
            (.retryAfter, "first=-1"), (.slowOne, "n=0"), (.dies, "kind=503"), (.metalink, "hash=md5"),
            (.otherBytes, "from=-1"), (.mirrored, "mirror=a%0D%0Ab"), (.mirrored, "describedby=%3E"),
        ]
    )
    func badParameter(scenario: Scenario, query: String) {
        let request = ChaosRequest(method: "GET", target: "/plain/a?" + query, fields: [])
        #expect(throws: ParameterError.self) { try ScenarioParameters(scenario, query: request.query) }
    }
}

@Suite("Chaos: how fast, over sockets", .takingTurns, .timeLimit(.minutes(10)))
struct ChaosSpeedSocketTests {
    @Test("the slow one takes its twentieth of the rate, the other does not")
    func slowOne() async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            let url = server.url(.slowOne, "8KiB.bin", query: "n=2&rate=512K")
            let times = (0..<2).map { _ in
                let start = ContinuousClock.now
                #expect(client.get(url).body == server.content("8KiB.bin")?.bytes(ByteRange(0, 8_192)))
                return ContinuousClock.now - start
            }
            let slowed = server.requests().map(\.isSlowed)
            #expect(slowed.sorted { $0 && !$1 } == [true, false])
            let slow = try #require(slowed.firstIndex(of: true))
            // 8 KiB at 25.6 KiB/s, less what a kept connection may make up for.
            #expect(times[slow] >= .milliseconds(300 - 60))
        }
    }

    @Test("drip sends its bytes one by one, a second apart")
    func drip() async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            let start = ContinuousClock.now
            let reply = client.get(server.url(.drip, "70002.bin", query: "n=1&after=70001"))
            #expect(reply.body == server.content("70002.bin")?.bytes(ByteRange(0, 70_002)))
            #expect(ContinuousClock.now - start >= .milliseconds(940))
            client.send("GET", server.url(.drip, "1MiB.bin", query: "n=1&after=70001"))
            let cut = client.receive(timeout: 300)
            #expect(cut.end == .timedOut && cut.body.count == 70_001)
        }
    }

    @Test("flaky answers, resets and closes on the wire as it was decided")
    func flaky() async throws {
        try await ChaosServer.with { server in
            let url = server.url(.flaky, "5000.bin", query: "p=0.8")
            let whole = try #require(server.content("5000.bin")).bytes(ByteRange(0, 5_000))
            var ends: [String] = []
            for _ in 0..<40 {
                let reply = try RawClient(port: server.port).get(url)
                ends.append("\(reply.status) \(reply.end)")
                if reply.status == 200 { #expect(reply.body == Array(whole.prefix(reply.body.count))) }
            }
            let expected = ["0 reset", "200 closed", "200 complete", "200 reset", "500 complete", "503 complete"]
            #expect(Set(ends).sorted() == expected)
        }
    }

    @Test("the total is shared fairly among connections that came together")
    func fairTotal() async throws {
        try await ChaosServer.with { server in
            let clients = try (0..<8).map { _ in try RawClient(port: server.port) }
            let url = server.url(.throttled, "10MiB.bin", query: "rate=0&total=1M")
            for client in clients.dropLast() { client.send("GET", url) }
            #expect(clients[7].get(url, ["Range: bytes=0-99999"]).body.count == 100_000)
            let sent = server.requests().map(\.bytesSent)
            #expect(sent.count == 8)
            #expect(sent.allSatisfy { (90_000...130_000).contains($0) }, "\(sent)")
        }
    }

    @Test("too-many admits exactly n connections, counted anew whenever one ends")
    func tooManyExactly() async throws {
        try await ChaosServer.with { server in
            let url = server.url(.tooMany, "9.bin", query: "n=3")
            var admitted = try (0..<3).map { _ in try RawClient(port: server.port) }
            #expect(admitted.map { $0.get(url).status } == [200, 200, 200])
            for round in 0..<100 {
                let other = try RawClient(port: server.port)
                #expect(other.get(url).status == 503, "round \(round)")
                admitted.removeFirst()
                // Nothing says in which order the server hears of an end and of the next request.
                while server.statistics.openConnections > 2 { try await Task.sleep(for: .milliseconds(1)) }
                admitted.append(try RawClient(port: server.port))
                #expect(admitted.map { $0.get(url).status } == [200, 200, 200], "round \(round)")
            }
        }
    }
}
