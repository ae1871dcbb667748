// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("Stream store", .timeLimit(.minutes(10)))
struct StreamStoreTests {
    private static let mebibyte = 1 << 20

    /// Runs `body` with a store that has begun, and closes the store.
    private func begun<Value>(
        _ descriptor: Int32,
        window: Int64 = 1 << 20,
        digests: [DigestAlgorithm] = [],
        log: ConsumptionLog? = nil,
        _ body: (StreamStore) async throws -> Value
    ) async throws -> Value {
        let store = StreamStore(descriptor: descriptor, window: window, digests: digests)
        if let log { store.whenConsumed(log.append) }
        do {
            #expect(try await store.prepare(name: "x", create: true, replacing: false) == .fresh)
            try await store.begin(PartialPlan(length: nil, journal: nil))
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    @Test("writes bytes in order that came in any order, and hashes them on their way")
    func order() async throws {
        try await StreamPipe.with { pipe in
            let bytes = pattern(700_000)
            try await begun(pipe.writing, digests: [.sha1]) { store in
                let whole = try await digest(of: bytes)
                try store.write(Array(bytes[500_000...]), at: 500_000)
                try store.write(Array(bytes[100_000..<300_000]), at: 100_000)
                try store.write(Array(bytes[..<100_000]), at: 0)
                try store.write(Array(bytes[300_000..<500_000]), at: 300_000)
                async let read = pipe.read(700_000)
                #expect(try await store.digests(length: 700_000) == whole)
                try await store.publish(replacing: false)
                #expect(await read == bytes)
                #expect(store.path == nil)
            }
        }
    }

    private func digest(of bytes: [UInt8]) async throws -> [Digest] {
        let store = DiscardStore(digests: [.sha1])
        try await store.begin(PartialPlan(length: nil, journal: nil))
        try store.write(bytes, at: 0)
        let digests = try await store.digests(length: Int64(bytes.count))
        await store.close()
        return digests
    }

    @Test("writes each byte once however it overlaps with others", arguments: [1, 2, 3, 4] as [UInt64])
    func overlaps(seed: UInt64) async throws {
        try await StreamPipe.with { pipe in
            let bytes = pattern(3 << 20, seed: seed)
            var random = SplitMix64(seed: seed)
            let log = ConsumptionLog()
            try await begun(pipe.writing, window: 4 << 20, log: log) { store in
                async let read = pipe.read(bytes.count)
                var missing = RangeSet([ByteRange(0, Int64(bytes.count))])
                while let gap = missing.ranges.randomElement(using: &random) {
                    let lower = Int.random(in: Int(gap.lower)..<Int(gap.upper), using: &random)
                    let start = max(0, lower - Int.random(in: 0...50_000, using: &random))
                    let end = min(bytes.count, lower + Int.random(in: 1...400_000, using: &random))
                    try store.write(Array(bytes[start..<end]), at: Int64(start))
                    missing.remove(ByteRange(Int64(start), Int64(end)))
                }
                try await store.publish(replacing: false)
                #expect(await read == bytes)
            }
            #expect(log.all == log.all.sorted())
            #expect(log.all.last.map { $0 <= 3 << 20 } == true)
        }
    }

    @Test("keeps the bytes that came first, and drops those that have left")
    func duplicates() async throws {
        try await StreamPipe.with { pipe in
            try await begun(pipe.writing) { store in
                try store.write(Array("ab".utf8), at: 0)
                #expect(await pipe.read(2) == Array("ab".utf8))
                try store.write(Array("def".utf8), at: 3)
                try store.write(Array("XYcZZZ".utf8), at: 0)
                #expect(await pipe.read(4) == Array("cdef".utf8))
                try await store.publish(replacing: false)
            }
        }
    }

    @Test("continues a file where whoever wrote before stopped")
    func redirected() async throws {
        try await withTemporaryDirectory { directory in
            let file = open("\(directory)/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            #expect(write(file, "head ", 5) == 5)
            try await begun(file) { store in
                try store.write(Array("tail".utf8), at: 0)
                try await store.publish(replacing: false)
            }
            #expect(write(file, " end", 4) == 4)
            #expect(TestFiles.read("\(directory)/out") == Array("head tail end".utf8))
        }
    }

    @Test("holds a window for a reader who has stopped, then wants no more")
    func backPressure() async throws {
        try await StreamPipe.with { pipe in
            let log = ConsumptionLog()
            try await begun(pipe.writing, window: 4 << 20, log: log) { store in
                let loop = MultiThreadedEventLoopGroup.singleton.next()
                let piece = pattern(Self.mebibyte)
                var offset: Int64 = 0
                var waiting: EventLoopFuture<Void>?
                while waiting == nil {
                    try store.write(piece, at: offset)
                    offset += Int64(piece.count)
                    try #require(offset < 16 << 20)
                    waiting = store.room(at: offset, on: loop)
                }
                #expect(offset >= 4 << 20)
                #expect(log.all.allSatisfy { $0 < 2 << 20 })
                for _ in 0..<offset / Int64(piece.count) { #expect(await pipe.read(piece.count) == piece) }
                try await waiting?.get()
                #expect(store.room(at: offset, on: loop) == nil)
                try await store.publish(replacing: false)
                #expect(log.all.last.map { $0 > offset - 1 << 20 } == true)
            }
        }
    }

    @Test("says that the reader has gone, and holds nobody back then", arguments: [false, true])
    func readerGone(isFull: Bool) async throws {
        try await StreamPipe.with { pipe in
            let log = ConsumptionLog()
            try await begun(pipe.writing, log: log) { store in
                let loop = MultiThreadedEventLoopGroup.singleton.next()
                let count = isFull ? 3 << 20 : 1
                if !isFull { pipe.stopReading() }
                try store.write(pattern(count), at: 0)
                let room = store.room(at: Int64(count), on: loop)
                if isFull { pipe.stopReading() }
                try await expectFailure(.readerGone) { try await store.publish(replacing: false) }
                try await room?.get()
                #expect(store.room(at: 1 << 40, on: loop) == nil)
                try await expectFailure(.readerGone) { try store.write([1], at: Int64(count)) }
                try await expectFailure(.readerGone) { _ = try await store.begin(PartialPlan(length: 1, journal: nil)) }
                #expect(log.all.last == Int64(count))
            }
        }
    }

    @Test("says that the disk behind the stream is full")
    func diskFull() async throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        try await begun(full, digests: [.md5]) { store in
            try store.write([1, 2, 3], at: 0)
            let error = try await expectFailure(.diskFull) { _ = try await store.digests(length: 3) }
            #expect(error.failure.message.contains("standard output: no space left"))
            #expect(!error.failure.message.contains("resume"))
        }
    }

    @Test("says that the stream is closed")
    func closedStream() async throws {
        try await expectFailure(.badTarget) { try await begun(-1) { _ in } }
    }

    @Test(
        "waits for the reader of a pipe that another process made non-blocking, and leaves the mode as it is",
        arguments: [false, true]
    )
    func nonBlocking(isNonBlocking: Bool) async throws {
        try await StreamPipe.with(nonBlocking: isNonBlocking) { pipe in
            let bytes = pattern(3 << 20)
            try await begun(pipe.writing) { store in
                try store.write(bytes, at: 0)
                #expect(pipe.isNonBlocking == isNonBlocking)
                async let read = pipe.read(bytes.count)
                try await store.publish(replacing: false)
                #expect(await read == bytes)
            }
            #expect(pipe.isNonBlocking == isNonBlocking)
        }
    }

    @Test("begins again as long as nothing has left, and not after")
    func beginsAgain() async throws {
        try await StreamPipe.with { pipe in
            try await begun(pipe.writing, digests: [.sha1]) { store in
                try store.write(Array("wrong".utf8), at: 3)
                try await store.begin(PartialPlan(length: 3, journal: nil))
                try store.write(Array("abc".utf8), at: 0)
                #expect(await pipe.read(3) == Array("abc".utf8))
                #expect(try await store.digests(length: 3).map(\.hex) == ["a9993e364706816aba3e25717850c26c9cd0d89d"])
                let error = try await expectFailure(.changed) {
                    try await store.begin(PartialPlan(length: 3, journal: nil))
                }
                #expect(error.failure.message.contains("already been written"))
            }
        }
    }

    @Test("stops waiting for a reader who has stopped when it is cancelled, and when it is closed")
    func cancelled() async throws {
        try await StreamPipe.with { pipe in
            try await begun(pipe.writing) { store in
                try store.write(pattern(3 << 20), at: 0)
                let publishing = Task { try await store.publish(replacing: false) }
                publishing.cancel()
                await #expect(throws: StoreError.self) { try await publishing.value }
            }
        }
    }

    @Test("fails, and does not trap, when called out of order or after it was closed")
    func outOfOrder() async throws {
        try await StreamPipe.with { pipe in
            let store = StreamStore(descriptor: pipe.writing, window: 0, digests: [.md5])
            #expect(throws: StoreError.self) { try store.write([1], at: 0) }
            store.hash(upTo: 10)
            try await expectFailure(.bug) { _ = try await store.digests(length: 1) }
            try await expectFailure(.bug) { try await store.publish(replacing: true) }
            try await store.begin(PartialPlan(length: 4, journal: nil))
            for offset in [-1, 1 << 30, Int64.max] {
                try await expectFailure(.bug) { try store.write([1], at: offset) }
            }
            try store.write([1], at: 5)
            try await expectFailure(.bug) { try await store.publish(replacing: true) }
            try await expectFailure(.bug) { _ = try await store.digests(length: 6) }
            await store.close()
            await store.close()
            store.hash(upTo: 10)
            #expect(throws: StoreError.self) { try store.write([1], at: 0) }
            await #expect(throws: StoreError.self) { try await store.publish(replacing: true) }
            await #expect(throws: StoreError.self) { try await store.begin(PartialPlan(length: 1, journal: nil)) }
        }
    }
}
