// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

@Suite("Documents in memory", .takingTurns, .timeLimit(.minutes(10)))
struct DocumentTests {
    private func document(
        _ scenario: Scenario,
        _ name: String,
        mostBytes: Int,
        digest: Digest? = nil
    ) async throws -> (bytes: [UInt8], expected: [UInt8]?) {
        try await ChaosServer.with { server in
            var request = TransferRequest(server.url(scenario, name))
            request.options.expectedDigest = digest
            let bytes = try await TransferClient.withClient { [request] client in
                try await client.document(request, mostBytes: mostBytes)
            }
            return (bytes, server.content(name).map { $0.bytes(ByteRange(0, $0.length)) })
        }
    }

    private func failure(_ scenario: Scenario, _ name: String, digest: Digest? = nil) async throws -> TransferError {
        try await #require(throws: TransferError.self) {
            try await document(scenario, name, mostBytes: 100_000, digest: digest)
        }
    }

    @Test("come whole, whether the origin says how long they are or not", arguments: [Scenario.plain, .noLength])
    func whole(scenario: Scenario) async throws {
        let (bytes, expected) = try await document(scenario, "100000.bin", mostBytes: 100_000)
        #expect(bytes == expected)
    }

    @Test("that are too large are refused", arguments: [Scenario.plain, .noLength])
    func tooLarge(scenario: Scenario) async throws {
        #expect(try await failure(scenario, "100001.bin").code == .tooLarge)
    }

    @Test("with the wrong digest are refused")
    func digest() async throws {
        let digest = try #require(Digest.parse("md5:00112233445566778899aabbccddeeff"))
        #expect(try await failure(.plain, "1000.bin", digest: digest).code == .digestMismatch)
    }
}
