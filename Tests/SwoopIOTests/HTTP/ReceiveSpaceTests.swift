// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopIO

@Suite("Receive space")
struct ReceiveSpaceTests {
    private func size(_ allocator: ReceiveAllocator) -> Int { allocator.nextBufferSize() ?? 0 }

    /// Lets every connection fill its buffer again and again.
    private func fill(_ allocators: inout [ReceiveAllocator]) {
        for _ in 0..<12 {
            for index in allocators.indices {
                _ = allocators[index].record(actualReadBytes: size(allocators[index]))
            }
        }
    }

    @Test("gives a connection whose reads fill its buffer a larger one, up to a MiB")
    func grows() {
        var allocators = [ReceiveSpace(limiter: nil).allocator()]
        #expect(size(allocators[0]) == 64 << 10)
        fill(&allocators)
        #expect(size(allocators[0]) == 1 << 20)
    }

    @Test("leaves a connection of small files its small buffer")
    func staysSmall() {
        var allocator = ReceiveSpace(limiter: nil).allocator()
        for _ in 0..<100 { _ = allocator.record(actualReadBytes: 16 << 10) }
        #expect(size(allocator) == 64 << 10)
    }

    @Test("has room for few large buffers or many small ones", arguments: [1, 8, 16, 32, 128, 500])
    func bounded(connections: Int) {
        let space = ReceiveSpace(limiter: nil)
        var allocators = (0..<connections).map { _ in space.allocator() }
        fill(&allocators)
        let sizes = allocators.map(size)
        #expect(Set(sizes).count == 1)
        #expect(sizes.reduce(0, +) <= max(8 << 20, connections * (64 << 10)))
        #expect(sizes.reduce(0, +) >= min(connections << 20, 4 << 20))
    }

    @Test("bounds the sum when connections come one after another")
    func latecomers() {
        let space = ReceiveSpace(limiter: nil)
        var allocators: [ReceiveAllocator] = []
        for _ in 0..<32 {
            allocators.append(space.allocator())
            fill(&allocators)
        }
        #expect(allocators.map(size).reduce(0, +) <= (8 << 20) + 32 * (64 << 10))
    }

    @Test("takes back what a closed connection had")
    func returned() {
        let space = ReceiveSpace(limiter: nil)
        var old = (0..<8).map { _ in space.allocator() }
        fill(&old)
        old = []
        var new = (0..<8).map { _ in space.allocator() }
        fill(&new)
        #expect(new.map(size) == Array(repeating: 1 << 20, count: 8))
    }

    @Test(
        "lets many connections report as often together as few",
        arguments: [(0, 1 << 20), (1, 1 << 20), (8, 1 << 20), (32, 256 << 10), (500, 64 << 10)] as [(Int, Int64)]
    )
    func reports(connections: Int, step: Int64) {
        let space = ReceiveSpace(limiter: nil)
        let allocators = (0..<connections).map { _ in space.allocator() }
        #expect(space.reportStep == step)
        #expect(allocators.count == connections)
    }

    @Test("lets all connections read alike under a rate limit", arguments: [1, 100_000, 10_000_000])
    func limited(rate: Int64) {
        let limiter = RateLimiter(rate: rate)
        let space = ReceiveSpace(limiter: limiter)
        var allocators = (0..<4).map { _ in space.allocator() }
        let first = allocators.map(size)
        fill(&allocators)
        #expect(allocators.map(size) == first)
        #expect(Set(first) == [limiter.receiveBuffer(connections: 32)])
    }
}
