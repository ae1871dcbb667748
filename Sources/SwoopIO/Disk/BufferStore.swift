// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore
internal import Synchronization

/// Keeps a short run of bytes in memory: a sample of a source, or a document that is read and forgotten.
public final class BufferStore: ByteStore {
    private struct State {
        var bytes: [UInt8] = []
    }

    private let origin: Int64
    private let capacity: Int
    private let state = Mutex(State())

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - origin: offset of the first byte that is kept.
    ///   - capacity: bytes that may be kept; more is an error.
    public init(from origin: Int64 = 0, capacity: Int) {
        self.origin = origin
        self.capacity = capacity
    }

    /// What has been written so far.
    public var bytes: [UInt8] { state.withLock { $0.bytes } }

    public var path: String? { nil }

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        .fresh
    }

    public func begin(_ plan: PartialPlan) async throws(StoreError) { state.withLock { $0 = State() } }

    public func allocate(length: Int64) async throws(StoreError) {}

    public func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
        let fits = state.withLock { state in
            let start = offset - origin
            guard start >= 0, start <= Int64(capacity - bytes.readableBytes) else { return false }
            let missing = Int(start) + bytes.readableBytes - state.bytes.count
            if missing > 0 { state.bytes += repeatElement(0, count: missing) }
            state.bytes.replaceSubrange(Int(start)..<Int(start) + bytes.readableBytes, with: bytes.readableBytesView)
            return true
        }
        guard fits else {
            let failure = TransferFailure(.tooLarge, "it is larger than the \(capacity) bytes kept in memory")
            throw StoreError(failure, operation: "write", path: "memory")
        }
    }

    public func append(_ record: JournalRecord) throws(StoreError) {}
    public func sync() async throws(StoreError) {}
    public func hash(upTo frontier: Int64) {}
    public func digests(length: Int64) async throws(StoreError) -> [Digest] { [] }
    public func publish(replacing: Bool) async throws(StoreError) {}
    public func discardPartial() async throws(StoreError) {}
    public func close() async {}
}
