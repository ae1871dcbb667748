// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCore

private let mib: Int64 = 1 << 20

@Suite("Entity tags that come and go")
struct TagRotationTests {
    private static let date = "Mon, 01 Jan 2024 00:00:00 GMT"

    private func head(_ tag: String, _ range: ByteRange, date: String = date, length: Int64 = 100 * mib) -> ResponseHead
    {
        let range = range.intersection(ByteRange(0, length))
        let fields = [
            ("ETag", "\"\(tag)\""), ("Last-Modified", date), ("Date", "Tue, 02 Jan 2024 00:00:00 GMT"),
            ("Content-Range", "bytes \(range.lower)-\(range.upper - 1)/\(length)"),
        ]
        return ResponseHead(status: 206, fields: HeaderFields(fields))
    }

    /// Begins a transfer whose first response has this tag; answers the exchanges that were opened then.
    private func begin(_ rig: inout Rig, _ tag: String) throws -> [(id: ExchangeID, request: ExchangeRequest)] {
        let probe = try #require(rig.opened.first)
        let range = try #require(probe.request.range)
        rig.send(.head(probe.id, head(tag, range)))
        rig.send(.begun)
        return rig.opened
    }

    private func answer(_ rig: inout Rig, _ exchange: (id: ExchangeID, request: ExchangeRequest), _ tag: String) throws
    {
        rig.send(.head(exchange.id, head(tag, try #require(exchange.request.range))))
    }

    private func started() throws -> Rig {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.prepared(.fresh))
        return rig
    }

    private func restarts(_ rig: Rig) -> Bool {
        rig.last.contains { if case .note(.restarting) = $0 { true } else { false } }
    }

    @Test("the first other tag is a change, the third one is none")
    func third() throws {
        var rig = try started()
        let first = try begin(&rig, "a")
        try answer(&rig, first[0], "b")
        #expect(restarts(rig))
        let second = try begin(&rig, "c")
        try answer(&rig, second[0], "d")
        #expect(!restarts(rig) && rig.last.contains(.note(.tagsIgnored)))
        #expect(rig.last.contains { if case .accept(second[0].id, _, _) = $0 { true } else { false } })
        try answer(&rig, second[1], "e")
        #expect(!restarts(rig) && !rig.last.contains(.note(.tagsIgnored)))
    }

    @Test("a tag that comes back is no change")
    func returns() throws {
        var rig = try started()
        let first = try begin(&rig, "a")
        try answer(&rig, first[0], "b")
        let second = try begin(&rig, "b")
        try answer(&rig, second[0], "a")
        #expect(!restarts(rig) && rig.last.contains(.note(.tagsIgnored)))
    }

    @Test("another date or length with the tag is a change as ever")
    func realChange() throws {
        var rig = try started()
        let first = try begin(&rig, "a")
        try answer(&rig, first[0], "b")
        let second = try begin(&rig, "c")
        let range = try #require(second[0].request.range)
        rig.send(.head(second[0].id, head("d", range, date: "Mon, 01 Jan 2024 00:00:01 GMT")))
        #expect(restarts(rig))
    }

    @Test("with --on-change fail the first other tag ends the transfer")
    func refuses() throws {
        var rig = try Rig { $0.onChange = .fail }
        rig.send(.start)
        rig.send(.prepared(.fresh))
        let first = try begin(&rig, "a")
        try answer(&rig, first[0], "b")
        #expect(rig.failure?.code == .changed)
    }
}

@Suite("Digests that the origin states")
struct StatedDigestTests {
    private static let right = Digest(algorithm: .sha256, bytes: Array(repeating: 1, count: 32))
    private static let wrong = Digest(algorithm: .sha256, bytes: Array(repeating: 2, count: 32))

    /// How an origin states the right one.
    private static let field = "sha-256=:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=:"

    /// A transfer of ten bytes, up to what comes after the last one.
    private func received(_ stated: String?, _ adjust: (inout TransferOptions) -> Void = { _ in }) throws -> Rig {
        var rig = try Rig("https://origin.test/file.bin", name: "file.bin", adjust)
        rig.send(.start)
        rig.send(.prepared(.fresh))
        var head = Rig.part(0, 10, of: 10)
        if let stated { head.fields.add("Repr-Digest", stated) }
        rig.send(.head(ExchangeID(0), head))
        rig.send(.begun)
        rig.send(.wrote(ExchangeID(0), upTo: 10))
        return rig
    }

    @Test("are computed, and must agree before the file gets its name")
    func agrees() throws {
        let digest = try #require(Self.right)
        var rig = try received(Self.field)
        #expect(rig.last.contains(.verify(length: 10)))
        rig.send(.verified([digest]))
        #expect(rig.last.contains(.note(.verified([digest], agreed: digest))))
        #expect(rig.last.contains(.publish(replacing: false)))
    }

    @Test("that differ leave nothing")
    func differs() throws {
        let wrong = try #require(Self.wrong)
        var rig = try received(Self.field)
        rig.send(.verified([wrong]))
        #expect(rig.failure?.code == .digestMismatch)
        #expect(rig.last.contains(.discardPartial))
    }

    @Test("are chosen by strength, and give way to the user's")
    func strongest() throws {
        let md5 = try #require(Digest(algorithm: .md5, bytes: Array(repeating: 3, count: 16)))
        let sha = try #require(Self.right)
        #expect(try received("md5=:AwMDAwMDAwMDAwMDAwMDAw==:, " + Self.field).machine.stated == sha)
        #expect(try received(Self.field) { $0.expectedDigest = md5 }.machine.stated == nil)
    }

    @Test("cost nothing where there are none")
    func none() throws {
        #expect(try received(nil).last.contains(.publish(replacing: false)))
    }
}
