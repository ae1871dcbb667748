// SPDX-License-Identifier: Apache-2.0

import SwoopChaos
import SwoopCore
import SwoopTestKit
import Synchronization
import Testing

@testable import Swoop

@Suite("TransferClient", .takingTurns, .timeLimit(.minutes(10)))
struct TransferClientTests {
    private func request(_ server: ChaosServer, _ name: String, in directory: String) -> TransferRequest {
        TransferRequest(server.url(.plain, name), to: .directory(directory))
    }

    @Test("uses one connection for files that come one after another")
    func reuse() async throws {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with { server in
                try await TransferClient.withClient { client in
                    for number in 0..<5 {
                        let result = try await client.download(request(server, "\(1000 + number).bin", in: directory))
                        #expect(result.length == Int64(1000 + number))
                    }
                }
                #expect(Set(server.requests().map(\.connection)).count == 1)
            }
        }
    }

    @Test("downloads many files at once, over no more connections than there are transfers")
    func many() async throws {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with { server in
                await TransferClient.withClient { client in
                    await withTaskGroup(of: Void.self) { group in
                        for lane in 0..<8 {
                            group.addTask {
                                for number in 0..<6 {
                                    let name = "\(lane * 100 + number + 1).bin"
                                    _ = try? await client.download(request(server, name, in: directory))
                                }
                            }
                        }
                    }
                }
                let names = try TestFiles.names(in: directory)
                #expect(names.count == 48 && names.allSatisfy { $0.hasSuffix(".bin") })
                #expect(Set(server.requests().map(\.connection)).count <= 8)
            }
        }
    }

    @Test("passes on what its body throws")
    func bodyThrows() async throws {
        await #expect(throws: CancellationError.self) {
            try await TransferClient.withClient { _ in throw CancellationError() }
        }
    }

    @Test("goes on with its other transfers when one fails")
    func oneFails() async throws {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with { server in
                try await TransferClient.withClient { client in
                    let wrong = TransferRequest("http://127.0.0.1:1/x", to: .directory(directory))
                    async let good = client.download(request(server, "3000.bin", in: directory))
                    var impatient = wrong
                    impatient.options.retries = 0
                    await #expect(throws: TransferError.self) { _ = try await client.download(impatient) }
                    let length = try await good.length
                    #expect(length == 3000)
                }
            }
        }
    }

    @Test("keeps all its transfers together below its rate limit")
    func rateLimit() async throws {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with { server in
                var configuration = ClientConfiguration()
                configuration.rateLimit = 1_000_000
                let start = ContinuousClock.now
                try await TransferClient.withClient(configuration) { client in
                    async let one = client.download(request(server, "400000.bin", in: directory))
                    async let two = client.download(request(server, "400001.bin", in: directory))
                    _ = try await (one, two)
                }
                #expect(ContinuousClock.now - start > .milliseconds(500))
            }
        }
    }
}
