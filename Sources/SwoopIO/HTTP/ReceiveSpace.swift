// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The memory that all connections of a pool read into, and what each may take of it.
///
/// Under a rate limit every connection reads alike, so that all get alike.
///
/// A connection starts with little. While its reads fill its buffer, the buffer doubles, up to a MiB, at which the transport
/// costs no more than a bare libcurl loop; small files never fill one. A connection takes no more than its share of the
/// space, so that many connections need no more memory than a few; the smallest buffer is always granted, since below it
/// system calls tell. A connection gives its space back when it closes.
final class ReceiveSpace: Sendable {
    /// Size of a connection's first buffer, in bytes, unless a limit asks for a smaller one.
    static let smallestBuffer = 64 << 10
    /// Size of the largest buffer, in bytes.
    static let largestBuffer = 1 << 20
    /// Bytes that all buffers together may have, the smallest ones aside; a channel keeps two buffers of its size.
    static let total = 8 << 20

    /// Connections among which a rate limit is shared evenly.
    private static let limitedConnections = 32

    private struct State {
        var taken = 0
        var connections = 0
    }

    private let first: Int
    private let largest: Int
    private let state = Mutex(State())

    /// Makes the space.
    /// - Parameter limiter: what brakes the connections, if anything.
    init(limiter: RateLimiter?) {
        largest = limiter?.receiveBuffer(connections: Self.limitedConnections) ?? Self.largestBuffer
        first = min(largest, Self.smallestBuffer)
    }

    /// Bytes after which a connection reports what it wrote: a MiB, less where many connections would keep much to
    /// themselves. What is not reported is fetched again after a crash.
    var reportStep: Int64 {
        let connections = state.withLock { $0.connections }
        return Int64(max(Self.smallestBuffer, min(Self.largestBuffer, Self.total / max(1, connections))))
    }

    /// The allocator of a new connection's channel.
    func allocator() -> ReceiveAllocator { ReceiveAllocator(share: Share(of: self)) }

    /// A connection more; answers the size of its buffer.
    fileprivate func enter() -> Int {
        state.withLock { state in
            state.taken += first
            state.connections += 1
        }
        return first
    }

    fileprivate func leave(_ size: Int) {
        state.withLock { state in
            state.taken -= size
            state.connections -= 1
        }
    }

    /// Doubles a buffer of `size` bytes if there is space for it; answers the size that it may have.
    fileprivate func grown(_ size: Int) -> Int {
        state.withLock { state in
            let mostEach = min(largest, Self.total / state.connections)
            guard size * 2 <= mostEach, state.taken + size <= Self.total else { return size }
            state.taken += size
            return size * 2
        }
    }

    /// What one connection holds of the space.
    final class Share: Sendable {
        private let space: ReceiveSpace
        private let held: Atomic<Int>

        fileprivate init(of space: ReceiveSpace) {
            self.space = space
            held = Atomic(space.enter())
        }

        deinit { space.leave(held.load(ordering: .relaxed)) }

        /// Bytes of the connection's buffer.
        var size: Int { held.load(ordering: .relaxed) }

        /// Takes more if there is; `true` if the buffer is larger now. Called on the connection's loop.
        func grow() -> Bool {
            let old = size
            let new = space.grown(old)
            held.store(new, ordering: .relaxed)
            return new > old
        }
    }
}

/// Sizes one connection's buffers by what ``ReceiveSpace`` grants.
struct ReceiveAllocator: RecvByteBufferAllocator {
    fileprivate let share: ReceiveSpace.Share

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: share.size) }

    func nextBufferSize() -> Int? { share.size }

    mutating func record(actualReadBytes: Int) -> Bool { actualReadBytes >= share.size && share.grow() }
}
