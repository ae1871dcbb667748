// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import SwoopTestKit
import Testing

@testable import SwoopChaos

@Suite("Chaos: the parts")
struct ChaosPartTests {
    @Test(
        "reads a single byte range and ignores everything else",
        arguments: [
            ("bytes=0-9", RangeHeader.span(0, 9)), ("bytes=5-", .from(5)), ("bytes=-3", .suffix(3)),
            ("Bytes= 0 - 9 ", .span(0, 9)), ("bytes=0-99999999999999999999", .span(0, .max)),
            ("bytes=9-0", nil), ("bytes=-", nil), ("bytes=", nil), ("bytes", nil), ("items=0-9", nil),
            ("bytes=0-1,4-5", nil), ("bytes=a-b", nil), ("bytes=--1", nil), ("bytes=+1-2", nil), ("", nil),
        ]
    )
    func rangeHeader(value: String, expected: RangeHeader?) {
        #expect(RangeHeader(value) == expected)
    }

    @Test(
        "resolves a range against a length of ten bytes",
        arguments: [
            (RangeHeader.span(0, 9), ByteRange?.some(ByteRange(0, 10))), (.span(8, .max), ByteRange(8, 10)),
            (.from(9), ByteRange(9, 10)), (.suffix(3), ByteRange(7, 10)), (.suffix(.max), ByteRange(0, 10)),
            (.from(10), nil), (.suffix(0), nil), (.span(.max, .max), nil),
        ]
    )
    func resolvedRange(header: RangeHeader, expected: ByteRange?) {
        #expect(header.resolve(length: 10) == expected)
        #expect(header.resolve(length: 0) == nil)
    }

    @Test("synthetic bytes depend on seed and offset only, so that ranges agree with the whole")
    func syntheticRanges() {
        let content = SyntheticContent(seed: 7, length: 1_003)
        let whole = content.bytes(ByteRange(0, .max))
        #expect(whole.count == 1_003)
        for lower in 0..<40 {
            for upper in [lower, lower + 1, lower + 7, lower + 64, 1_003] {
                #expect(content.bytes(ByteRange(Int64(lower), Int64(upper))) == Array(whole[lower..<upper]))
            }
        }
        #expect(SyntheticContent(seed: 8, length: 1_003).bytes(ByteRange(0, .max)) != whole)
        // SplitMix64's first number for the seed 0.
        let published = withUnsafeBytes(of: UInt64(0xE220_A839_7B1D_CDAF).littleEndian, Array.init)
        #expect(SyntheticContent(seed: 0, length: 8).bytes(ByteRange(0, 8)) == published)
    }

    @Test("a pacer lets exactly the rate through, however late its user is")
    func pacerRate() {
        var pacer = Pacer()
        var now: Int64 = 5_000
        for step in 0..<1_000 { now = pacer.reserve(4_096, rate: 204_800, at: now) + Int64(step % 3) * 1_000_000 }
        let seconds = Double(now - 5_000) / 1e9
        #expect(abs(seconds - 20) < 0.02)
    }

    @Test("a pacer gives those who share it equal shares, in the order in which they ask")
    func pacerShares() {
        var pacer = Pacer()
        var due: [Int64] = [0, 0, 0, 0]
        var sent = [0, 0, 0, 0]
        while let next = due.indices.min(by: { due[$0] < due[$1] }), due[next] < 1_000_000_000 {
            due[next] = pacer.reserve(1_000, rate: 1_000_000, at: due[next])
            sent[next] += 1_000
        }
        #expect(sent.allSatisfy { abs($0 - 250_000) <= 1_000 })
    }

    @Test("a pacer does not save up an idle hour")
    func pacerIdle() {
        var pacer = Pacer()
        _ = pacer.reserve(1, rate: 1_000, at: 0)
        let hour: Int64 = 3_600_000_000_000
        var now = hour
        for _ in 0..<10 { now = pacer.reserve(100, rate: 1_000, at: now) }
        #expect(now - hour >= 1_000_000_000 - Pacer.allowance)
    }

    @Test("no name leads out of the directory", arguments: ["..", ".", "", "a%2Fb", "a%00b", "%ff", "%2", "a/b"])
    func unsafeName(name: String) {
        #expect(ChaosRequest(method: "GET", target: "/plain/\(name)", fields: []).name == nil)
    }

    @Test("every scenario's defaults can be read, and the listing names all", arguments: Scenario.allCases)
    func defaults(scenario: Scenario) throws {
        _ = try ScenarioParameters(scenario, query: [])
        #expect(ScenarioTable.listing().contains(scenario.rawValue + "\n"))
    }

    @Test(
        "a parameter that means nothing is refused",
        arguments: ["rate=fast", "ttfb=-1", "n=0", "etag=maybe", "bytes=9999999T", "status=200", "case=no", "hops=-1"]
    )
    func badParameter(query: String) {
        let request = ChaosRequest(method: "GET", target: "/plain/a?" + query, fields: [])
        #expect(throws: ParameterError.self) { try ScenarioParameters(.plain, query: request.query) }
    }
}

@Suite("Chaos: what each scenario does")
struct ChaosScenarioTests {
    @Test(
        "plain obeys Range, If-Range and If-Match",
        arguments: [
            (["Range": "bytes=0-9"], 206), (["Range": "bytes=9000-"], 416), ([:], 200),
            (["Range": "bytes=0-9", "If-Range": "\"v1-ab\""], 206), (["Range": "bytes=0-9", "If-Range": "\"x\""], 200),
            (["Range": "bytes=0-9", "If-Range": "W/\"v1-ab\""], 200),
            (["Range": "bytes=0-9", "If-Range": "Mon, 01 Jan 2024 00:00:00 GMT"], 206),
            (["Range": "bytes=0-9", "If-Range": "Mon, 01 Jan 2024 00:00:01 GMT"], 200),
            (["If-Match": "\"x\""], 412), (["If-Match": "\"x\", \"v1-ab\""], 200), (["If-Match": "*"], 200),
        ]
    )
    func plain(fields: [String: String], status: Int) throws {
        var origin = PlannedOrigin(.plain)
        #expect(try origin.response(fields).status == status)
    }

    @Test("a weak tag never satisfies If-Range, and etag=none sends none")
    func weakTag() throws {
        var weak = PlannedOrigin(.plain, "etag=weak")
        #expect(try weak.response(["Range": "bytes=0-9", "If-Range": "W/\"v1-ab\""]).status == 200)
        var none = PlannedOrigin(.plain, "etag=none&lastmod=0")
        let response = try none.response()
        #expect(response.field("ETag") == nil && response.field("Last-Modified") == nil)
    }

    @Test(
        "a HEAD shows the headers of a GET and never goes wrong",
        arguments: Scenario.allCases.filter { ![.headerBomb, .slowHeaders].contains($0) }
    )
    func head(scenario: Scenario) throws {
        var origin = PlannedOrigin(scenario, "n=1")
        let response = try origin.response(["Range": "bytes=0-9"], method: "HEAD")
        #expect(response.fault == nil)
        #expect(response.status != 206)
        #expect(origin.state.responses == 0 && origin.state.served == 0)
    }

    @Test("no-range and no-length answer a range with the whole file", arguments: [Scenario.noRange, .noLength])
    func rangesIgnored(scenario: Scenario) throws {
        var origin = PlannedOrigin(scenario)
        let response = try origin.response(["Range": "bytes=5-9"])
        #expect(response.status == 200 && response.range == ByteRange(0, 9_000))
        #expect(response.field("Accept-Ranges") == nil)
        #expect(response.isChunked == (scenario == .noLength))
    }

    @Test("short-body closes early in every long response")
    func shortBody() throws {
        var origin = PlannedOrigin(.shortBody, "bytes=1000")
        #expect(try origin.response().fault == Fault(kind: .close, after: 1_000))
        #expect(try origin.response(["Range": "bytes=0-1999"]).fault == Fault(kind: .close, after: 1_000))
        #expect(try origin.response(["Range": "bytes=0-999"]).fault == nil)
    }

    @Test("reset and stall strike every n-th response where the seed says", arguments: [Scenario.reset, .stall])
    func turns(scenario: Scenario) throws {
        var (one, same, other) = (PlannedOrigin(scenario), PlannedOrigin(scenario), PlannedOrigin(scenario, "seed=2"))
        let faults = try (0..<12).map { _ in try one.response().fault }
        #expect(try (0..<12).map { _ in try same.response().fault } == faults)
        #expect(try (0..<12).map { _ in try other.response().fault } != faults)
        let every = scenario == .reset ? 2 : 3
        #expect(faults.indices.filter { faults[$0] != nil } == (0..<12).filter { ($0 + 1) % every == 0 })
        #expect(faults.compactMap(\.self).allSatisfy { (0..<9_000).contains($0.after) })
    }

    @Test("clipped-range labels the part that it sends")
    func clipped() throws {
        var origin = PlannedOrigin(.clippedRange, "bytes=100")
        let response = try origin.response(["Range": "bytes=50-"])
        #expect(response.range == ByteRange(50, 150) && response.field("Content-Range") == "bytes 50-149/9000")
        #expect(try origin.response().range == ByteRange(0, 9_000))
    }

    @Test("wrong-start sends another range and says so", arguments: ["bytes=0-9", "bytes=8999-", "bytes=50-"])
    func wrongStart(range: String) throws {
        var origin = PlannedOrigin(.wrongStart, "n=2")
        let honest = try #require(try origin.response(["Range": range]).range)
        let response = try origin.response(["Range": range])
        let sent = try #require(response.range)
        #expect(sent.lower != honest.lower && sent.upper <= 9_000)
        #expect(response.field("Content-Range") == "bytes \(sent.lower)-\(sent.upper - 1)/9000")
    }

    @Test("changes-midway sends a third of version 1 in all and then only version 2")
    func changesMidway() throws {
        var origin = PlannedOrigin(.changesMidway, "delta=10")
        #expect(try origin.response(["Range": "bytes=0-1999"]).fault == nil)
        #expect(try origin.response(["Range": "bytes=2000-3999"]).fault == Fault(kind: .close, after: 1_000))
        let changed = try origin.response(["Range": "bytes=3000-3999", "If-Range": "\"v1-ab\""])
        #expect(changed.status == 200 && changed.version == 2 && changed.range == ByteRange(0, 9_010))
        #expect(changed.fault == nil && changed.field("ETag") == "\"v2-ab\"")
    }

    @Test("changes-on-resume changes once, when a client has left")
    func changesOnResume() throws {
        var origin = PlannedOrigin(.changesOnResume)
        #expect(try origin.ask(connection: 1).response?.version == 1)
        #expect(try origin.ask(connection: 2).response?.version == 1)
        origin.state.disconnected(1)
        #expect(try origin.ask(connection: 3).response?.version == 1)
        for connection in [2, 3] { origin.state.disconnected(connection) }
        #expect(try origin.ask(connection: 4).response?.version == 2)
        origin.state.disconnected(4)
        #expect(try origin.ask(connection: 5).response?.version == 2)
    }

    @Test("if-range-ignored sends the whole file even if the tag is right")
    func ifRangeIgnored() throws {
        var origin = PlannedOrigin(.ifRangeIgnored)
        #expect(try origin.response(["Range": "bytes=0-9", "If-Range": "\"v1-ab\""]).status == 200)
        #expect(try origin.response(["Range": "bytes=0-9"]).status == 206)
    }

    @Test("status-416 refuses ranges that hold the last byte, and only those")
    func status416() throws {
        var origin = PlannedOrigin(.status416)
        #expect(try origin.response(["Range": "bytes=0-8998"]).status == 206)
        #expect(try origin.response(["Range": "bytes=0-"]).field("Content-Range") == "bytes */9000")
        #expect(try origin.response().status == 200)
    }

    @Test("empty and one-byte have their lengths whatever the file has")
    func boundaryLengths() throws {
        var (empty, lenient, one) = (PlannedOrigin(.empty), PlannedOrigin(.empty, "kind=200"), PlannedOrigin(.oneByte))
        #expect(try empty.response(["Range": "bytes=0-"]).field("Content-Range") == "bytes */0")
        #expect(try empty.response().body.count == 0)
        #expect(try lenient.response(["Range": "bytes=0-"]).status == 200)
        #expect(try one.response(["Range": "bytes=0-99"]).field("Content-Range") == "bytes 0-0/1")
    }

    @Test("redirects go through every status and form of Location and end at the file")
    func redirects() throws {
        let steps = try (0...5).map { hop in
            var origin = PlannedOrigin(.redirects, "hops=5&hop=\(hop)")
            return try origin.response(["Host": "name:1"])
        }
        #expect(steps.map(\.status) == [301, 302, 303, 307, 308, 200])
        #expect(steps[0].field("Location") == "/redirects/a.bin?hops=5&hop=1")
        #expect(steps[1].field("Location") == "http://name:1/redirects/a.bin?hops=5&hop=2")
        #expect(steps[2].field("Location") == "a.bin?hops=5&hop=3")
    }

    @Test("redirect-loop never ends; redirect-other-origin ends at the other port")
    func otherRedirects() throws {
        var (loop, other) = (PlannedOrigin(.redirectLoop, "hop=1"), PlannedOrigin(.redirectOtherOrigin))
        #expect(try loop.response().field("Location") == "http://main/redirect-loop/a.bin")
        #expect(try other.response().field("Location") == "http://other/redirect-other-origin/a.bin")
        #expect(try other.ask(listener: .other).response?.status == 200)
    }

    @Test(
        "too-many turns away the connection after the n-th until one ends",
        arguments: [("503", 503), ("429", 429), ("403", 403), ("refuse", nil), ("reset", nil)]
    )
    func tooMany(kind: String, status: Int?) throws {
        var origin = PlannedOrigin(.tooMany, "n=2&kind=\(kind)")
        for connection in [0, 1, 0] { #expect(try origin.ask(connection: connection).response?.status == 200) }
        #expect(try origin.ask(connection: 2).response?.status == status)
        origin.state.disconnected(0)
        #expect(try origin.ask(connection: 2).response?.status == 200)
    }

    @Test("retry-after notices who does not wait", arguments: ["seconds", "date"])
    func retryAfter(form: String) throws {
        var origin = PlannedOrigin(.retryAfter, "seconds=2&form=\(form)")
        let value = form == "date" ? "Fri, 15 Jan 2027 08:00:03 GMT" : "2"
        #expect(try origin.response().field("Retry-After") == value)
        #expect(try origin.ask(at: 50).violation == nil)
        #expect(try origin.ask(at: 1_500).violation != nil)
        let second = try origin.ask(at: 3_000)
        #expect(second.violation == nil && second.response?.status == 503)
        #expect(try origin.response(at: 6_000).status == 200)
    }

    @Test("error-page is a page every third time; evil-name never changes the bytes")
    func pages() throws {
        var (page, evil) = (PlannedOrigin(.errorPage), PlannedOrigin(.evilName, "case=absolute"))
        let types = try (0..<6).map { _ in try page.response(["Range": "bytes=0-9"]).field("Content-Type") }
        #expect(types.indices.filter { types[$0]?.hasPrefix("text/html") == true } == [2, 5])
        #expect(try evil.response().field("Content-Disposition") == "attachment; filename=\"/etc/cron.d/evil\"")
    }

    @Test("the first byte never comes before ttfb, and seldom ten times later")
    func latency() throws {
        var origin = PlannedOrigin(.latency, "ttfb=100ms")
        let delays = try (0..<200).map { _ in try origin.ask().delay }
        #expect(delays.allSatisfy { (100_000_000...1_000_000_000).contains($0) })
        #expect(Set(delays).count > 150)
    }
}

@Suite("Chaos: over sockets", .takingTurns, .timeLimit(.minutes(10)))
struct ChaosSocketTests {
    @Test("serves whole files, ranges and HEADs on one kept connection")
    func keepAlive() async throws {
        try await ChaosServer.with { server in
            let whole = try #require(server.content("1000003.bin")).bytes(ByteRange(0, .max))
            let url = server.url(.plain, "1000003.bin")
            let client = try RawClient(port: server.port)
            #expect(client.get(url).body == whole)
            #expect(client.get(url, ["Range: bytes=70001-170004"]).body == Array(whole[70_001...170_004]))
            client.send("HEAD", url)
            #expect(client.receive(hasBody: false).head.contains("Content-Length: 1000003\r\n"))
            #expect(client.get(url, ["Range: bytes=-1"]).body == [whole[1_000_002]])
            #expect(server.requests().map(\.bytesSent) == [1_000_003, 100_004, 0, 1])
            #expect(Set(server.requests().map(\.connection)) == [0])
            #expect(server.statistics.maximumConnections == 1 && server.statistics.connections == 1)
        }
    }

    @Test("answers requests sent ahead in their order")
    func pipelining() async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            for length in [3, 100_000, 5] { client.send("GET", server.url(.plain, "\(length).bin")) }
            #expect((0..<3).map { _ in client.receive().body.count } == [3, 100_000, 5])
        }
    }

    @Test("resets, falls silent or closes after the bytes it owes", arguments: [Scenario.reset, .stall, .shortBody])
    func faults(scenario: Scenario) async throws {
        try await ChaosServer.with { server in
            let url = server.url(scenario, "1MiB.bin", query: "n=1&after=70001&bytes=70001")
            let client = try RawClient(port: server.port)
            client.send("GET", url)
            let reply = client.receive(timeout: 500)
            #expect(reply.body == server.content("1MiB.bin")?.bytes(ByteRange(0, 70_001)))
            #expect(reply.end == [.reset: .reset, .stall: .timedOut][scenario] ?? .closed)
            #expect(reply.head.contains("Content-Length: 1048576\r\n"))
        }
    }

    @Test("no-length ends with the terminal chunk and keeps the connection")
    func chunked() async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            client.send("GET", server.url(.noLength, "5.bin"), ["Connection: close"])
            let reply = client.receive()
            let bytes = try #require(server.content("5.bin")).bytes(ByteRange(0, 5))
            #expect(reply.body == Array("5\r\n".utf8) + bytes + Array("\r\n0\r\n\r\n".utf8))
            #expect(!reply.head.contains("Content-Length") && reply.end == .closed)
        }
    }

    @Test("a throttled response is no faster than its rate")
    func throttled() async throws {
        try await ChaosServer.with { server in
            let start = ContinuousClock.now
            let reply = try RawClient(port: server.port).get(server.url(.throttled, "64KiB.bin", query: "rate=256K"))
            #expect(reply.body.count == 65_536)
            #expect(ContinuousClock.now - start >= .milliseconds(245))
        }
    }

    @Test("too-many closes or resets without an answer", arguments: [("refuse", Reply.End.closed), ("reset", .reset)])
    func refused(kind: String, end: Reply.End) async throws {
        try await ChaosServer.with { server in
            let url = server.url(.tooMany, "9.bin", query: "n=1&kind=\(kind)")
            let admitted = try RawClient(port: server.port)
            #expect(admitted.get(url).status == 200)
            let turnedAway = try RawClient(port: server.port)
            #expect(turnedAway.get(url).end == end)
            #expect(admitted.get(url).status == 200)
            #expect(server.requests().map(\.status) == [200, nil, 200])
        }
    }

    @Test(
        "scenarios of TLS lead to their listener and serve there",
        arguments: [
            (.tlsExpired, .expired), (.tlsWrongHost, .wrongHost), (.tlsSelfSigned, .selfSigned), (.tlsOld, .oldTLS),
        ] as [(Scenario, ChaosListener)]
    )
    func leadsToTLS(scenario: Scenario, listener: ChaosListener) throws {
        var origin = PlannedOrigin(scenario, "a=b")
        let target = "https://\(listener.rawValue)/\(scenario.rawValue)/a.bin?a=b"
        #expect(try origin.response().field("Location") == target)
        #expect(try origin.ask(listener: listener).response?.status == 200)
    }

    @Test("a downgrade leads through TLS, whether or not the first listener speaks it")
    func downgrade() throws {
        var origin = PlannedOrigin(.redirectHTTPSHTTP)
        #expect(try origin.response().field("Location") == "https://secure/redirect-https-http/a.bin")
        let second = try origin.ask(listener: .secure).response
        #expect(second?.field("Location") == "http://plain/redirect-https-http/a.bin")
        #expect(try origin.ask(listener: .plain).response?.status == 200)
    }

    @Test("the other origin serves the file and records what it was sent")
    func otherOrigin() async throws {
        try await ChaosServer.with { server in
            let reply = try RawClient(port: server.port).get(server.url(.redirectOtherOrigin, "9.bin"))
            let target = "\(server.base(of: .other))/redirect-other-origin/9.bin"
            #expect(reply.head.contains("Location: \(target)\r\n"))
            let port = try #require(server.base(of: .other).split(separator: ":").last.flatMap { Int($0) })
            let file = try RawClient(port: port).get(target, ["Authorization: secret"])
            #expect(file.body == server.content("9.bin")?.bytes(ByteRange(0, 9)))
            let record = try #require(server.requests().last)
            #expect(record.listener == .other && record.field("authorization") == "secret")
        }
    }

    @Test("a bumped version has other bytes and another tag")
    func bumpVersion() async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            let url = server.url(.plain, "99.bin")
            #expect(client.get(url).body == server.content("99.bin")?.bytes(ByteRange(0, 99)))
            server.bumpVersion(.plain, "99.bin")
            let reply = client.get(url)
            #expect(reply.body == server.content("99.bin", version: 2)?.bytes(ByteRange(0, 99)))
            #expect(reply.head.contains("ETag: \"v2-"))
        }
    }

    @Test("serves the files of a directory, its later versions differ, and nothing outside is served")
    func directory() async throws {
        var template = Array("/tmp/swoop-chaos-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            unlink(path + "/a b.bin")
            rmdir(path)
        }
        let bytes = SyntheticContent(seed: 3, length: 300_001).bytes(ByteRange(0, .max))
        let descriptor = open(path + "/a b.bin", O_CREAT | O_WRONLY, 0o600)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try await ChaosServer.with(ChaosConfiguration(content: .directory(path))) { server in
            let client = try RawClient(port: server.port)
            let url = server.url(.plain, "a b.bin")
            #expect(client.get(url).body == bytes)
            #expect(client.get(url, ["Range: bytes=262143-262200"]).body == Array(bytes[262_143...262_200]))
            server.bumpVersion(.plain, "a b.bin")
            #expect(client.get(url).body != bytes)
            #expect(client.get(server.url(.plain, "../etc/passwd")).status == 404)
            #expect(client.get(server.url(.plain, "none")).status == 404)
        }
    }

    @Test(
        "answers what is no request for a file with a reason",
        arguments: [("/", 200), ("/x/1.bin", 404), ("/plain/1.bin?n=x", 400)]
    )
    func otherAnswers(path: String, status: Int) async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            #expect(client.get("http://127.0.0.1:\(server.port)" + path).status == status)
        }
    }
}
