// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import SwoopCore
import SwoopTestKit
import Synchronization
import Testing

@testable import SwoopIO

@Suite("Body receiver")
struct BodyReceiverTests {
    /// A store with room for so many bytes, which keeps nothing.
    private final class NarrowStore: ByteStore {
        let capacity = Mutex<Int64>(.max)
        let promise = Mutex<EventLoopPromise<Void>?>(nil)
        let written = Mutex<Int64>(0)

        var path: String? { nil }
        func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial { .fresh }
        func begin(_ plan: PartialPlan) async throws(StoreError) {}
        func allocate(length: Int64) async throws(StoreError) {}
        func append(_ record: JournalRecord) throws(StoreError) {}
        func sync() async throws(StoreError) {}
        func hash(upTo frontier: Int64) {}
        func digests(length: Int64) async throws(StoreError) -> [Digest] { [] }
        func publish(replacing: Bool) async throws(StoreError) {}
        func discardPartial() async throws(StoreError) {}
        func close() async {}

        func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
            written.withLock { $0 += Int64(bytes.readableBytes) }
        }

        func room(at offset: Int64, on loop: any EventLoop) -> EventLoopFuture<Void>? {
            guard offset >= capacity.withLock({ $0 }) else { return nil }
            let made = loop.makePromise(of: Void.self)
            promise.withLock { $0 = made }
            return made.futureResult
        }

        func makeRoom() {
            capacity.withLock { $0 = .max }
            promise.withLock { $0?.succeed() }
        }
    }

    private final class Reports: Sendable {
        private let list = Mutex<[ExchangeReport]>([])

        func append(_ report: ExchangeReport) { list.withLock { $0.append(report) } }

        /// What was reported since the last call.
        func take() -> [ExchangeReport] {
            list.withLock { list in
                defer { list = [] }
                return list
            }
        }
    }

    private let loop = EmbeddedEventLoop()
    private let store = NarrowStore()
    private let reports = Reports()

    private func receiver(
        limiter: RateLimiter? = nil,
        length: Int64? = nil,
        waitsAtLimit: Bool = false
    ) -> BodyReceiver {
        let receiver = BodyReceiver(
            loop: loop,
            store: store,
            space: ReceiveSpace(limiter: limiter),
            limiter: limiter,
            waitsAtLimit: waitsAtLimit,
            report: reports.append
        )
        let headers = length.map { HTTPHeaders([("Content-Length", "\($0)")]) } ?? HTTPHeaders()
        receiver.take(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))
        _ = reports.take()
        return receiver
    }

    private func chunk(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 1, count: count) }

    /// Whether the client may read on; asks once.
    private func flag(_ future: EventLoopFuture<Void>?) -> Flag {
        let flag = Flag()
        future?.whenComplete { _ in flag.set() }
        if future == nil { flag.set() }
        return flag
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        func set() { value.withLock { $0 = true } }

        var isSet: Bool { value.withLock { $0 } }
    }

    @Test("an open response waits at its limit, is read on from there, and loses no byte")
    func waitsAtLimit() {
        let receiver = receiver(length: 1000, waitsAtLimit: true)
        receiver.accept(from: 0, upTo: 100)
        _ = receiver.take(chunk(150))
        #expect(reports.take() == [.wrote(upTo: 100)])
        _ = receiver.take(chunk(150))
        #expect(store.written.withLock { $0 } == 100)
        receiver.lengthen(to: 250)
        #expect(store.written.withLock { $0 } == 250)
        #expect(reports.take().last == .wrote(upTo: 250))
        receiver.lengthen(to: 1000)
        _ = receiver.take(chunk(700))
        #expect(store.written.withLock { $0 } == 1000)
        receiver.end(with: TransferFailure(.connectionLost, "lost"))
        #expect(reports.take().suffix(2).first == .wrote(upTo: 1000))
    }

    @Test("an open response that waits leaves the rest in the socket, and a failure for later")
    func waitingHoldsBack() {
        let receiver = receiver(length: 8 << 20, waitsAtLimit: true)
        receiver.accept(from: 0, upTo: 1 << 20)
        #expect(flag(receiver.take(chunk(1 << 20))).isSet)
        let goesOn = flag(receiver.take(chunk(2 << 20)))
        #expect(!goesOn.isSet)
        _ = reports.take()
        loop.advanceTime(by: .seconds(60))
        #expect(reports.take() == [])
        receiver.lengthen(to: 4 << 20)
        #expect(goesOn.isSet)
        #expect(store.written.withLock { $0 } == 3 << 20)
    }

    @Test("an open response whose limit was lowered below what it has read tells so when it is raised again")
    func loweredAndRaised() {
        let receiver = receiver(length: 1000, waitsAtLimit: true)
        receiver.accept(from: 0, upTo: 500)
        _ = receiver.take(chunk(300))
        receiver.shorten(to: 200)
        #expect(reports.take().last == .wrote(upTo: 300))
        receiver.lengthen(to: 250)
        #expect(reports.take().first == .wrote(upTo: 300))
        _ = receiver.take(chunk(100))
        #expect(store.written.withLock { $0 } == 300)
        receiver.lengthen(to: 1000)
        #expect(store.written.withLock { $0 } == 400)
    }

    @Test("keeps 2 MiB of a held body, and leaves the rest in the socket until it is accepted")
    func held() throws {
        let receiver = receiver()
        #expect(receiver.take(chunk(1 << 20)) == nil)
        let goesOn = flag(receiver.take(chunk(1 << 20)))
        loop.advanceTime(by: .seconds(60))
        #expect(!goesOn.isSet)
        #expect(reports.take() == [])
        receiver.accept(from: 0, upTo: nil)
        #expect(goesOn.isSet)
        #expect(store.written.withLock { $0 } == 2 << 20)
    }

    @Test("pauses as long as the rate limit says, and shows signs of life meanwhile")
    func paused() {
        let receiver = receiver(limiter: RateLimiter(rate: 1000))
        receiver.accept(from: 0, upTo: nil)
        let goesOn = flag(receiver.take(chunk(1000)))
        _ = reports.take()
        loop.advanceTime(by: .milliseconds(990))
        #expect(!goesOn.isSet)
        #expect(reports.take() == Array(repeating: .wrote(upTo: 1000), count: 9))
        loop.advanceTime(by: .milliseconds(10))
        #expect(goesOn.isSet)
        loop.advanceTime(by: .seconds(10))
        #expect(reports.take() == [])
    }

    @Test("pays for a held body when it comes, not when it is accepted")
    func pausedWhileHeld() {
        let receiver = receiver(limiter: RateLimiter(rate: 1000))
        let goesOn = flag(receiver.take(chunk(1000)))
        receiver.accept(from: 0, upTo: nil)
        #expect(!goesOn.isSet)
        loop.advanceTime(by: .seconds(1))
        #expect(goesOn.isSet)
    }

    @Test("leaves bytes in the socket while the store is full")
    func full() {
        store.capacity.withLock { $0 = 1000 }
        let receiver = receiver()
        receiver.accept(from: 0, upTo: nil)
        #expect(receiver.take(chunk(999)) == nil)
        let goesOn = flag(receiver.take(chunk(100)))
        _ = reports.take()
        loop.advanceTime(by: .seconds(60))
        #expect(!goesOn.isSet)
        #expect(reports.take().count == 600)
        store.makeRoom()
        #expect(goesOn.isSet)
        #expect(receiver.take(chunk(1)) == nil)
    }

    @Test("waits for the last of several reasons")
    func severalReasons() {
        store.capacity.withLock { $0 = 100 }
        let receiver = receiver(limiter: RateLimiter(rate: 1000))
        receiver.accept(from: 0, upTo: nil)
        let goesOn = flag(receiver.take(chunk(1000)))
        store.makeRoom()
        #expect(!goesOn.isSet)
        loop.advanceTime(by: .seconds(1))
        #expect(goesOn.isSet)
    }

    @Test("lets the client go on when the exchange ends meanwhile", arguments: [false, true])
    func endsMeanwhile(isCancelled: Bool) {
        store.capacity.withLock { $0 = 100 }
        let receiver = receiver(limiter: RateLimiter(rate: 1))
        receiver.accept(from: 0, upTo: nil)
        let goesOn = flag(receiver.take(chunk(1000)))
        if isCancelled { receiver.cancel() } else { receiver.end(with: TransferFailure(.connectionLost, "gone")) }
        #expect(goesOn.isSet)
        let expected: [ExchangeReport] = [
            .wrote(upTo: 1000), .closed(TransferFailure(.connectionLost, "gone")),
        ]
        #expect(reports.take() == (isCancelled ? [] : expected))
        loop.advanceTime(by: .hours(1))
        store.makeRoom()
        #expect(reports.take() == [])
    }

    @Test("leaves the last bytes of a response to its end, so that the connection can be used again")
    func lastBytes() throws {
        let receiver = receiver(limiter: RateLimiter(rate: 1000), length: 2000)
        receiver.accept(from: 0, upTo: 2000)
        _ = receiver.take(chunk(1000))
        loop.advanceTime(by: .seconds(1))
        _ = reports.take()
        _ = receiver.take(chunk(1000))
        loop.advanceTime(by: .milliseconds(500))
        #expect(reports.take() == Array(repeating: .wrote(upTo: 1000), count: 5))
        receiver.end(with: TransferFailure(.connectionLost, "gone"))
        #expect(reports.take().first == .wrote(upTo: 2000))
    }

    @Test(
        "reads as much at a time as keeps the rate even",
        arguments: [
            (10_000, 1, 1 << 10), (10_000, 32, 1 << 10), (1_000_000, 4, 16 << 10), (100_000_000, 1, 1 << 20),
            (100_000_000, 16, 512 << 10), (Int64.max, 1, 1 << 20), (0, 0, 1 << 10),
        ] as [(Int64, Int, Int)]
    )
    func receiveBuffer(rate: Int64, connections: Int, size: Int) {
        #expect(RateLimiter(rate: rate).receiveBuffer(connections: connections) == size)
    }
}
