// SPDX-License-Identifier: Apache-2.0

import NIOCore
import SwoopCore
import SwoopTestKit
import Testing

@testable import SwoopChaos

@Suite("Hazard trials", .takingTurns, .timeLimit(.minutes(10)))
struct HazardTrialTests {
    private func trial(_ scenario: Scenario) throws -> HazardTrial {
        try #require(HazardTrial.all.first { $0.scenario == scenario })
    }

    /// The verdict on a program that ended with 0 and left these bytes.
    private func verdict(_ scenario: Scenario, at server: ChaosServer, _ bytes: [UInt8]?) throws -> HazardVerdict {
        try trial(scenario).verdict(.exited(0), length: bytes.map { Int64($0.count) }, at: server) { range in
            Array((bytes ?? [])[Int(range.lower)..<Int(range.upper)])
        }
    }

    @Test("every scenario has one")
    func complete() {
        #expect(HazardTrial.all.map(\.scenario) == Scenario.allCases)
    }

    @Test("exact bytes are exact; one wrong byte, a missing one and a missing file are not")
    func exactness() async throws {
        try await ChaosServer.with { server in
            var bytes = try #require(server.content("9MiB.bin")).bytes(ByteRange(0, .max))
            #expect(try verdict(.plain, at: server, bytes) == .exact)
            #expect(try verdict(.plain, at: server, bytes.dropLast()) == .wrong)
            bytes[5_000_000] ^= 1
            #expect(try verdict(.plain, at: server, bytes) == .wrong)
            #expect(try verdict(.plain, at: server, nil) == .wrong)
        }
    }

    @Test("a mixture of two versions is wrong, either version is exact")
    func versions() async throws {
        try await ChaosServer.with { server in
            let first = try #require(server.content("9MiB.bin")).bytes(ByteRange(0, .max))
            let second = try #require(server.content("9MiB.bin", version: 2)).bytes(ByteRange(0, .max))
            #expect(try verdict(.changesMidway, at: server, first) == .exact)
            #expect(try verdict(.changesMidway, at: server, second) == .exact)
            #expect(
                try verdict(.changesMidway, at: server, Array(first[..<4_000_000] + second[4_000_000...])) == .wrong
            )
        }
    }

    @Test("success where the origin's own digest says no is wrong")
    func badDigest() async throws {
        try await ChaosServer.with { server in
            let bytes = try #require(server.content("9MiB.bin")).bytes(ByteRange(0, .max))
            #expect(try verdict(.badDigest, at: server, bytes) == .wrong)
            #expect(try verdict(.goodDigest, at: server, bytes) == .exact)
        }
    }

    @Test("a program that says that it failed is believed; one that never ends or breaks is not")
    func endings() async throws {
        try await ChaosServer.with { server in
            let plain = try trial(.plain)
            #expect(plain.verdict(.exited(1), length: 3, at: server) { _ in [] } == .refused)
            #expect(plain.verdict(.timedOut, length: nil, at: server) { _ in [] } == .hung)
            #expect(plain.verdict(.killed(11), length: nil, at: server) { _ in [] } == .crashed)
        }
    }
}

@Suite("Chaos: gzip without compression")
struct GzipStreamTests {
    private func stream(_ length: Int64) -> GzipStream {
        let content = SyntheticContent(seed: 7, length: length)
        return GzipStream(of: .synthetic(content, other: content, difference: 0), length: length)
    }

    @Test(
        "has the length that it says, and any part of it can be read by itself",
        arguments: [0, 1, 32_768, 32_769, 100_000]
    )
    func lengths(length: Int64) throws {
        let total = Int(GzipStream.length(of: length))
        let whole = Array(try stream(length).read(total + 10, at: 0).readableBytesView)
        #expect(whole.count == total)
        let part = Array(try stream(length).read(total / 3 + 1, at: Int64(total / 2)).readableBytesView)
        #expect(part == Array(whole[(total / 2)...].prefix(total / 3 + 1)))
    }

    @Test("begins and ends as RFC 1952 has it")
    func member() throws {
        let bytes = Array(try stream(0).read(100, at: 0).readableBytesView)
        #expect(bytes == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1, 0, 0, 255, 255] + Array(repeating: 0, count: 8))
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    }
}
