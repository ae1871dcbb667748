// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@testable import Swoop

private func content(_ count: Int) -> [UInt8] {
    var random = SplitMix64(seed: 7)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

extension SimulatedDisk {
    /// Whether the file has these bytes; a failed expectation then does not print them all.
    fileprivate func holds(_ bytes: [UInt8], as name: String) -> Bool { contents(name) == bytes }
}

private let reset = TransferFailure(.connectionLost, "reset")

@Suite("TransferDriver", .takingTurns, .timeLimit(.minutes(10)))
struct TransferDriverTests {
    private func run(
        store: any ByteStore,
        options: TransferOptions = Self.options(),
        script: @escaping @Sendable (ExchangeRequest, Int) -> [ScriptedTransport.Step]
    ) async throws -> (outcome: TransferDriver.Outcome, requests: [ExchangeRequest], record: TransferRecord) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let transport = ScriptedTransport(on: loop, script: script)
        let url = try HTTPURL.parse("http://origin.test/big.bin")
        let driver = TransferDriver(
            machine: DownloadMachine(url: url, explicitName: "big.bin", options: options),
            transport: transport,
            store: store,
            monitor: TransferMonitor(),
            origins: OriginRegistry(),
            loop: loop
        )
        let (outcome, record) = await driver.run()
        await store.close()
        return (outcome, transport.requests, record)
    }

    private static func options(connections: Int = 4) -> TransferOptions {
        var options = TransferOptions()
        options.connections = connections
        options.segmentSize = 10_000
        options.retryWait = .milliseconds(1)
        return options
    }

    @Test("publishes the exact bytes over several connections")
    func publishes() async throws {
        let bytes = content(100_000)
        let disk = SimulatedDisk()
        let result = try await run(store: MemoryStore(on: disk)) { request, _ in
            ScriptedTransport.honest(bytes, to: request, piece: 3_000)
        }
        #expect(result.outcome == .success(()))
        #expect(disk.holds(bytes, as: "big.bin"))
        #expect(disk.names == ["big.bin"])
        #expect(Set(result.requests.map(\.connection)) == [0, 1, 2, 3])
        #expect(result.record.connections.values.reduce(0) { $0 + $1.bytes } == 100_000)
    }

    @Test("an exchange that breaks off is continued where it broke")
    func continues() async throws {
        let bytes = content(50_000)
        let disk = SimulatedDisk()
        let result = try await run(store: MemoryStore(on: disk)) { request, ordinal in
            let steps = ScriptedTransport.honest(bytes, to: request, piece: 1_000)
            return ordinal.isMultiple(of: 2) ? steps.prefix(4) + [.failure(reset)] : steps
        }
        #expect(result.outcome == .success(()))
        #expect(disk.holds(bytes, as: "big.bin"))
    }

    @Test("a silent exchange is replaced")
    func replacesStalled() async throws {
        let bytes = content(30_000)
        let disk = SimulatedDisk()
        var options = Self.options()
        options.stallTimeout = .milliseconds(50)
        options.connectTimeout = .zero
        // On a slow machine an honest exchange may seem silent too.
        options.retries = 1_000
        let result = try await run(store: MemoryStore(on: disk), options: options) { request, ordinal in
            ordinal == 1 ? [.silence] : ScriptedTransport.honest(bytes, to: request)
        }
        #expect(result.outcome == .success(()))
        #expect(disk.holds(bytes, as: "big.bin"))
    }

    @Test("a full disk ends the transfer and keeps the partial")
    func diskFull() async throws {
        let bytes = content(50_000)
        let disk = SimulatedDisk()
        let store = FaultyStore(MemoryStore(on: disk), faults: [.enospc(after: 20_000)])
        let result = try await run(store: store) { request, _ in
            ScriptedTransport.honest(bytes, to: request, piece: 1_000)
        }
        guard case .failure(let failure) = result.outcome else {
            Issue.record("the transfer succeeded on a full disk")
            return
        }
        #expect(failure.code == .diskFull)
        #expect(disk.contents("big.bin") == nil)
    }

    @Test("cancelling ends the transfer with a partial that the next run continues")
    func cancels() async throws {
        let bytes = content(50_000)
        let disk = SimulatedDisk()
        let first = Task {
            try await run(store: MemoryStore(on: disk)) { request, ordinal in
                ordinal == 0
                    ? ScriptedTransport.honest(bytes, to: request, piece: 1_000)
                    : [ScriptedTransport.honest(bytes, to: request)[0], .silence]
            }
        }
        while (disk.contents("big.bin.part.journal") ?? []).isEmpty { await Task.yield() }
        first.cancel()
        guard case .failure(let failure) = try await first.value.outcome else {
            Issue.record("the transfer succeeded without its bytes")
            return
        }
        #expect(failure.code == .cancelled)
        let second = try await run(store: MemoryStore(on: disk)) { request, _ in
            ScriptedTransport.honest(bytes, to: request)
        }
        #expect(second.outcome == .success(()))
        #expect(disk.holds(bytes, as: "big.bin"))
    }

    @Test("the digests of every byte are reported")
    func digests() async throws {
        let bytes = content(50_000)
        var options = Self.options()
        options.digestAlgorithm = .md5
        let result = try await run(store: MemoryStore(digests: [.md5]), options: options) { request, _ in
            ScriptedTransport.honest(bytes, to: request)
        }
        #expect(result.record.digests.map(\.algorithm) == [.md5])
    }

    @Test(
        "after crashes at random instants the same command publishes the exact bytes",
        arguments:
            SimulatedDisk.Loss.allCases,
        0..<50 as Range<UInt64>
    )
    func crashes(loss: SimulatedDisk.Loss, seed: UInt64) async throws {
        let bytes = content(60_000)
        let disk = SimulatedDisk(seed: seed)
        var random = SplitMix64(seed: seed)
        for _ in 0..<4 {
            let instant = Int64.random(in: 1...40_000, using: &random)
            let store = FaultyStore(
                MemoryStore(on: disk),
                faults: [.crash(after: instant, losing: loss), .shortWrites]
            )
            _ = try await run(store: store) { request, _ in
                ScriptedTransport.honest(bytes, to: request, piece: 700)
            }
            if let published = disk.contents("big.bin") {
                #expect(published.elementsEqual(bytes))
                return
            }
        }
        let last = try await run(store: MemoryStore(on: disk)) { request, _ in
            ScriptedTransport.honest(bytes, to: request, piece: 700)
        }
        #expect(last.outcome == .success(()))
        #expect(disk.holds(bytes, as: "big.bin"))
    }
}

extension Result where Success == Void {
    fileprivate static func == (left: Self, right: Self) -> Bool where Failure: Equatable {
        switch (left, right) {
        case (.success, .success): true
        case (.failure(let one), .failure(let other)): one == other
        default: false
        }
    }
}
