// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore
public import SwoopIO
internal import Synchronization

/// A ``MemoryStore`` on a machine on which things go wrong.
public final class FaultyStore: ByteStore {
    /// What goes wrong.
    public enum Fault: Hashable, Sendable {
        /// The disk is full once this many bytes were written by this store; the write that meets the end writes a part.
        case enospc(after: Int64)
        /// Each system call writes only some of the bytes it is given.
        case shortWrites
        /// The machine crashes once this many bytes were written by this store, in the midst of a write.
        case crash(after: Int64, losing: SimulatedDisk.Loss)
        /// Every sync fails: the device lost bytes.
        case failingSync
    }

    /// The disk that holds the files.
    public var disk: SimulatedDisk { base.disk }
    private let base: MemoryStore
    private let faults: [Fault]
    private let written = Mutex<Int64>(0)

    /// Makes a store with faults; without any it behaves as its base does.
    public init(_ base: MemoryStore, faults: [Fault] = []) {
        self.base = base
        self.faults = faults
    }

    /// Crashes the machine now: this store, and every other that is open, is at its end.
    public func crash(losing loss: SimulatedDisk.Loss) { base.disk.crash(losing: loss) }

    public var path: String? { base.path }

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        try await base.prepare(name: name, create: create, replacing: replacing)
    }

    public func begin(_ plan: PartialPlan) async throws(StoreError) { try await base.begin(plan) }

    public func allocate(length: Int64) async throws(StoreError) {
        for case .enospc(let limit) in faults where length > limit { throw Self.diskFull(base.path) }
        try await base.allocate(length: length)
    }

    public func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
        try bytes.withUnsafeReadableBytes { bytes throws(StoreError) in
            _ = try repeatedWrite(bytes, at: offset) { piece, position throws(StoreError) in
                try self.writeSome(piece, at: position)
            }
        }
    }

    /// One system call: as many of the bytes as the faults let through, and then the fault.
    private func writeSome(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) -> Int {
        let before = written.withLock { $0 }
        let count = faults.reduce(bytes.count) { min($0, Self.allowed(bytes.count, after: before, by: $1)) }
        if count > 0 { try base.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset) }
        written.withLock { $0 += Int64(count) }
        guard count == 0 else { return count }
        for case .crash(let limit, let loss) in faults where before >= limit { base.disk.crash(losing: loss) }
        throw Self.diskFull(base.path)
    }

    private static func allowed(_ count: Int, after written: Int64, by fault: Fault) -> Int {
        switch fault {
        case .enospc(let limit), .crash(let limit, _): Int(clamping: max(0, limit - written))
        case .shortWrites: count / 2 + count % 2
        case .failingSync: count
        }
    }

    private static func diskFull(_ path: String?) -> StoreError {
        StoreError(
            TransferFailure(.diskFull, "cannot write \(path ?? "").part: no space left on device"),
            operation: "write",
            path: path ?? ""
        )
    }

    public func append(_ record: JournalRecord) throws(StoreError) { try base.append(record) }

    public func sync() async throws(StoreError) {
        guard !faults.contains(.failingSync) else {
            throw StoreError(
                TransferFailure(.inputOutput, "cannot sync \(base.path ?? ""): the disk reports an error"),
                operation: "sync",
                path: base.path ?? ""
            )
        }
        try await base.sync()
    }

    public func hash(upTo frontier: Int64) { base.hash(upTo: frontier) }

    public func digests(length: Int64) async throws(StoreError) -> [Digest] { try await base.digests(length: length) }

    public func publish(replacing: Bool) async throws(StoreError) { try await base.publish(replacing: replacing) }

    public func discardPartial() async throws(StoreError) { try await base.discardPartial() }

    public func close() async { await base.close() }
}
