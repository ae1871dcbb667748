// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

@Suite("DownloadMachine")
struct DownloadMachineTests {
    @Test("the first request is a range that carries data, without asking for the length before")
    func probe() throws {
        var rig = try Rig()
        rig.send(.start)
        #expect(rig.last.contains(.prepare(name: "file.bin", create: true, replacing: false)))
        rig.send(.prepared(.fresh))
        #expect(rig.opened.map(\.request.range) == [ByteRange(0, .max)])
        #expect(rig.opened.first?.request.ifRange == nil)
    }

    @Test("once the length is known every connection gets its own range, with If-Range")
    func fansOut() throws {
        var rig = try Rig()
        rig.run(length: 100 * mib)
        #expect(rig.last.contains(.accept(ExchangeID(0), from: 0, upTo: 4 * mib)))
        #expect(
            rig.opened.map(\.request.range) == [
                ByteRange(16 * mib, 20 * mib), ByteRange(20 * mib, 24 * mib), ByteRange(24 * mib, 28 * mib),
            ]
        )
        #expect(rig.opened.allSatisfy { $0.request.ifRange == "\"a\"" })
    }

    @Test("a finished connection takes the next unrequested range")
    func nextRange() throws {
        var rig = try Rig()
        rig.run(length: 100 * mib)
        rig.send(.head(ExchangeID(1), Rig.part(16 * mib, 20 * mib, of: 100 * mib)))
        rig.send(.wrote(ExchangeID(1), upTo: 20 * mib))
        rig.send(.closed(ExchangeID(1), nil))
        #expect(rig.opened.first?.request.range?.lower == 28 * mib)
        #expect(rig.opened.first?.request.connection == 1)
    }

    @Test("a probe that covers the whole file needs no journal")
    func smallFile() throws {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), Rig.part(0, 10, of: 10)))
        #expect(rig.last.contains(.begin(PartialPlan(length: 10, journal: nil))))
    }

    @Test("bytes below a lowered limit count once, though the connection overran it")
    func overrun() throws {
        var rig = try Rig { $0.connections = 2 }
        rig.run(length: 4 * mib)
        rig.send(.wrote(ExchangeID(0), upTo: mib), after: .seconds(1))
        let shortened = rig.last.contains { if case .shorten = $0 { true } else { false } }
        #expect(shortened || rig.machine.progress(now: rig.now).segments.count == 1)
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib))
        #expect(rig.machine.progress(now: rig.now).bytes < 4 * mib)
    }

    @Test("publishes only after the expected digest agrees")
    func verifies() throws {
        let digest = try #require(Digest.parse("md5:00112233445566778899aabbccddeeff"))
        var rig = try Rig { $0.expectedDigest = digest }
        rig.run(length: 10)
        rig.send(.wrote(ExchangeID(0), upTo: 10))
        #expect(rig.last.contains(.verify(length: 10)))
        #expect(!rig.last.contains(.publish(replacing: false)))
        rig.send(.verified([digest]))
        #expect(rig.last.contains(.publish(replacing: false)))
        #expect(rig.send(.published) == [.finish])
    }

    @Test("bytes that could not get their name stay, though a small file has no journal")
    func unpublished() throws {
        var rig = try Rig()
        rig.run(length: 10)
        rig.send(.wrote(ExchangeID(0), upTo: 10))
        #expect(rig.last.contains(.publish(replacing: false)))
        rig.send(.storeFailed(TransferFailure(.targetExists, "it appeared")))
        #expect(!rig.last.contains(.discardPartial))
        #expect(rig.failure?.code == .targetExists)
    }

    @Test("a digest that differs removes the partial and fails")
    func mismatch() throws {
        let digest = try #require(Digest.parse("md5:00112233445566778899aabbccddeeff"))
        let other = try #require(Digest.parse("md5:ff112233445566778899aabbccddeeff"))
        var rig = try Rig { $0.expectedDigest = digest }
        rig.run(length: 10)
        rig.send(.wrote(ExchangeID(0), upTo: 10))
        rig.send(.verified([other]))
        #expect(rig.last.contains(.discardPartial))
        #expect(rig.failure?.code == .digestMismatch)
    }

    @Test("Retry-After holds every connection back, not only the one that was told")
    func retryAfter() throws {
        var rig = try Rig()
        rig.run(length: 100 * mib)
        let told = try #require(rig.opened.first?.id)
        let busy = ResponseHead(status: 503, fields: HeaderFields([("Retry-After", "30")]))
        rig.send(.head(told, busy))
        #expect(rig.opened.isEmpty)
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib))
        rig.send(.closed(ExchangeID(0), nil))
        #expect(rig.opened.isEmpty)
        rig.send(.wake, after: .seconds(31))
        rig.send(.wake, after: .seconds(2))
        #expect(!rig.opened.isEmpty)
    }

    @Test("a connection turned away while others succeed lowers the number, not the patience")
    func ceiling() throws {
        var rig = try Rig { $0.retries = 0 }
        rig.run(length: 100 * mib)
        for (id, _) in rig.opened { rig.send(.head(id, ResponseHead(status: 503))) }
        #expect(rig.failure == nil)
        #expect(rig.last.contains(.note(.connectionLimit(1))) || rig.machine.progress(now: rig.now).segments.count == 1)
    }

    @Test("failures without progress end the transfer; the partial stays")
    func givesUp() throws {
        var rig = try Rig {
            $0.connections = 1
            $0.retries = 2
        }
        rig.run(length: 100 * mib)
        rig.send(.wrote(ExchangeID(0), upTo: mib))
        var id = ExchangeID(0)
        for _ in 0..<2 {
            rig.send(.closed(id, TransferFailure(.connectionLost, "reset")))
            if rig.opened.isEmpty { rig.send(.wake, after: .seconds(60)) }
            id = try #require(rig.opened.first?.id)
        }
        rig.send(.closed(id, TransferFailure(.connectionLost, "reset")))
        #expect(rig.failure?.code == .connectionLost)
        #expect(!rig.last.contains(.discardPartial))
    }

    @Test("404 ends the transfer at once and leaves nothing")
    func notFound() throws {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), ResponseHead(status: 404)))
        #expect(rig.failure?.status == 404)
    }

    @Test("a silent exchange is replaced after the stall time-out")
    func stall() throws {
        var rig = try Rig { $0.connections = 1 }
        rig.run(length: 100 * mib)
        rig.send(.wrote(ExchangeID(0), upTo: mib))
        rig.send(.wake, after: .seconds(21))
        #expect(rig.last.contains(.abort(ExchangeID(0))))
        #expect(rig.opened.first?.request.range?.lower == mib)
    }

    @Test("a change starts over, at most three times", arguments: [TransferOptions.OnChange.restart, .fail])
    func change(onChange: TransferOptions.OnChange) throws {
        var rig = try Rig { $0.onChange = onChange }
        rig.run(length: 100 * mib)
        let other = try #require(rig.opened.first)
        rig.send(.head(other.id, Rig.part(4 * mib, 8 * mib, of: 100 * mib, tag: "\"b\"")))
        switch onChange {
        case .fail: #expect(rig.failure?.code == .changed)
        case .restart:
            #expect(rig.opened.map(\.request.range) == [ByteRange(0, .max)])
            #expect(rig.machine.progress(now: rig.now).bytes == 0)
        }
    }

    @Test("a partial is continued at its first gap, under its validator")
    func resume() throws {
        var rig = try Rig()
        rig.send(.start)
        var identity = JournalIdentity(
            url: "https://origin.test/dir/file.bin",
            queryFingerprint: 0,
            length: 100 * mib,
            entityTag: "\"a\""
        )
        identity.lastModified = nil
        let held = RangeSet([ByteRange(0, 10 * mib), ByteRange(20 * mib, 30 * mib)])
        rig.send(.prepared(.found(JournalReplay(identity: identity, held: held, durable: RangeSet()))))
        let request = try #require(rig.opened.first?.request)
        #expect(request.range == ByteRange(10 * mib, 14 * mib))
        #expect(request.ifRange == "\"a\"")
        rig.send(.head(ExchangeID(0), Rig.part(10 * mib, 14 * mib, of: 100 * mib)))
        rig.send(.begun)
        #expect(rig.machine.progress(now: rig.now).resumed == 20 * mib)
    }

    @Test("a partial of another URL is refused, not overwritten")
    func foreignPartial() throws {
        var rig = try Rig()
        rig.send(.start)
        let identity = JournalIdentity(url: "https://other.test/x", queryFingerprint: 0, length: 5, entityTag: "\"a\"")
        rig.send(.prepared(.found(JournalReplay(identity: identity, held: RangeSet(), durable: RangeSet()))))
        #expect(rig.failure?.code == .foreignPartial)
    }

    @Test("redirects are followed; only the user's own origin is trusted")
    func redirect() throws {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.prepared(.fresh))
        let location = HeaderFields([("Location", "https://cdn.test/x?Signature=s3cret")])
        rig.send(.head(ExchangeID(0), ResponseHead(status: 302, fields: location)))
        let request = try #require(rig.opened.first?.request)
        #expect(request.url.text == "https://cdn.test/x?Signature=s3cret")
        #expect(!request.isTrusted)
        let notes = rig.last.compactMap { if case .note(let notice) = $0 { "\(notice)" } else { nil } }
        #expect(!notes.contains { $0.contains("s3cret") })
    }

    @Test("an expired redirect target is looked up again from the user's URL")
    func expiredTarget() throws {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.prepared(.fresh))
        let location = HeaderFields([("Location", "https://cdn.test/x")])
        rig.send(.head(ExchangeID(0), ResponseHead(status: 302, fields: location)))
        rig.send(.head(ExchangeID(1), ResponseHead(status: 403)))
        rig.send(.wake, after: .seconds(5))
        #expect(rig.opened.first?.request.url.text == "https://origin.test/dir/file.bin")
    }

    @Test(
        "a taken name is refused, kept or replaced, as the user asked",
        arguments: [
            TransferOptions.ExistingTarget.refuse, .skip,
        ]
    )
    func takenName(policy: TransferOptions.ExistingTarget) throws {
        var rig = try Rig { $0.existingTarget = policy }
        rig.send(.start)
        rig.send(.prepared(.targetExists))
        #expect(rig.opened.isEmpty)
        #expect(policy == .skip ? rig.last.contains(.finish) : rig.failure?.code == .targetExists)
    }

    @Test("the journal claims durability only for what was written before the sync began")
    func durability() throws {
        var rig = try Rig { $0.connections = 1 }
        rig.run(length: 100 * mib)
        rig.send(.wrote(ExchangeID(0), upTo: mib), after: .seconds(3))
        #expect(rig.last.contains(.sync))
        rig.send(.wrote(ExchangeID(0), upTo: 2 * mib))
        rig.send(.synced)
        #expect(rig.last.contains(.checkpoint(.durable([ByteRange(0, mib)]))))
    }

    @Test("too large a file is refused before a byte is written")
    func tooLarge() throws {
        var rig = try Rig { $0.maximumLength = 10 }
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), Rig.part(0, 11, of: 11)))
        #expect(rig.failure?.code == .tooLarge)
    }

    @Test("cancelling keeps what was written claimed in the journal")
    func cancel() throws {
        var rig = try Rig { $0.connections = 1 }
        rig.run(length: 100 * mib)
        rig.send(.wrote(ExchangeID(0), upTo: mib))
        rig.send(.cancel)
        #expect(rig.last.contains(.checkpoint(.written([ByteRange(0, mib)]))))
        #expect(rig.failure?.code == .cancelled)
    }

    @Test("after the end nothing is commanded any more")
    func afterTheEnd() throws {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.cancel)
        for event in [DownloadEvent.start, .wake, .begun, .published, .synced, .cancel, .closed(ExchangeID(0), nil)] {
            #expect(rig.send(event).isEmpty)
        }
    }

    @Test("every event is legal in the first states", arguments: 0...2)
    func anyEvent(steps: Int) throws {
        let events: [DownloadEvent] = [
            .start, .prepared(.fresh), .begun, .head(ExchangeID(0), ResponseHead(status: 200)),
            .wrote(ExchangeID(0), upTo: 5), .closed(ExchangeID(0), nil), .synced, .verified([]), .published, .wake,
        ]
        for event in events {
            var rig = try Rig()
            for opening in [DownloadEvent.start, .prepared(.fresh)].prefix(steps) { rig.send(opening) }
            rig.send(event)
        }
    }

    @Test("without a user's number, only as many connections as allowed are opened")
    func allowance() throws {
        var rig = try Rig { $0.connections = nil }
        rig.run(length: 400 * mib)
        #expect(rig.opened.count == TransferOptions.firstConnections - 1)
        let origin = try HTTPURL.parse("https://origin.test/").origin
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 10)))
        #expect(rig.opened.count == 10 - TransferOptions.firstConnections)
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 2)))
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib))
        rig.send(.closed(ExchangeID(0), nil))
        #expect(rig.opened.isEmpty)
    }

    @Test("an allowance of nothing holds the probe back until there is one")
    func noAllowance() throws {
        var rig = try Rig { $0.connections = nil }
        let origin = try HTTPURL.parse("https://origin.test/").origin
        rig.send(.start)
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 0)))
        rig.send(.prepared(.fresh))
        #expect(rig.opened.isEmpty)
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 1)))
        #expect(rig.opened.count == 1)
    }

    @Test("with a window nothing is asked for beyond what the reader has taken and the window together")
    func window() throws {
        var rig = try Rig { $0.window = 8 * mib }
        rig.run(length: 100 * mib)
        var highest = rig.opened.compactMap(\.request.range?.upper).max() ?? 0
        #expect(highest <= 8 * mib)
        #expect(rig.machine.loads(now: rig.now).first?.isHeldBack == false)
        var waiting: [(id: ExchangeID, range: ByteRange)] = [(ExchangeID(0), ByteRange(0, 4 * mib))]
        waiting += rig.opened.map { ($0.id, $0.request.range ?? ByteRange(0, 0)) }
        while let (id, range) = waiting.popLast() {
            if range.lower > 0 { rig.send(.head(id, Rig.part(range.lower, range.upper, of: 100 * mib))) }
            rig.send(.wrote(id, upTo: range.upper))
            waiting += rig.opened.map { ($0.id, $0.request.range ?? ByteRange(0, 0)) }
            rig.send(.closed(id, nil))
            waiting += rig.opened.map { ($0.id, $0.request.range ?? ByteRange(0, 0)) }
            highest = max(highest, waiting.map(\.range.upper).max() ?? 0)
        }
        #expect(highest == 8 * mib)
        #expect(rig.machine.loads(now: rig.now).first?.isHeldBack == true)
        rig.send(.consumed(upTo: 4 * mib))
        #expect(rig.opened.contains { $0.request.range?.upper ?? 0 > 8 * mib })
        #expect(rig.opened.allSatisfy { $0.request.range?.upper ?? 0 <= 12 * mib })
    }

    @Test("a long segment that others could share counts as demand, though every byte has been asked for")
    func sharedDemand() throws {
        var rig = try Rig { $0.connections = nil }
        let origin = try HTTPURL.parse("https://origin.test/").origin
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 1)))
        rig.send(.head(ExchangeID(0), Rig.part(0, 4 * mib, of: 4 * mib)))
        rig.send(.begun)
        rig.send(.wrote(ExchangeID(0), upTo: 100_000), after: .seconds(1))
        let crawling = rig.machine.loads(now: rig.now)
        #expect(crawling.first?.live == 1)
        #expect(crawling.first?.demand ?? 0 > 1)
        rig.send(.wrote(ExchangeID(0), upTo: 4 * mib - 100), after: .seconds(1))
        #expect(rig.machine.loads(now: rig.now).first?.demand == 1)
    }

    @Test("asks without If-Range where it is known to be of no use")
    func withoutCondition() throws {
        var rig = try Rig()
        let origin = try HTTPURL.parse("https://origin.test/").origin
        rig.send(.allowance(OriginAllowance(origin: origin, connections: 4, ignoresIfRange: true)))
        rig.run(length: 100 * mib)
        #expect(rig.opened.count == 3)
        #expect(rig.opened.allSatisfy { $0.request.ifRange == nil })
    }
}
