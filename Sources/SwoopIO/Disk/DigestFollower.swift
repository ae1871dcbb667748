// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization
internal import SystemPackage

/// Hashes the contiguous prefix of a file while later bytes are still being written.
///
///     advance(to:)  raises the frontier, and starts the worker unless it runs
///     worker        reads and hashes a block at a time until it has caught up with the frontier; then it ends
///     finish        waits for the worker and reads the digests off
///
/// The bytes are read back from the page cache rather than handed over by the writers, because segments arrive in any
/// order and a hash takes bytes in one only. After a resume the same reading covers what earlier runs wrote.
final class DigestFollower: Sendable {
    /// Large enough that the call does not matter, small enough to stay in the processor's cache between the copy out of
    /// the page cache and the hash; measured, anything from 64 KiB to 2 MiB is as fast.
    static let blockSize = 256 << 10

    private struct Progress {
        /// `0..<frontier` is in the file.
        var frontier: Int64 = 0
        /// `0..<hashed` is in the digests.
        var hashed: Int64 = 0
        var isWorking = false
        var isClosed = false
        var failure: StoreError?
        /// Resumed whenever the worker ends.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Touched by the worker, and by `finish` while the worker rests.
    private struct Work {
        var digests: DigestSet
        var buffer: [UInt8]

        /// Reads a block and adds it to the digests; `false` if the file ends before the block does.
        mutating func read(_ block: ByteRange, from file: OwnedDescriptor) throws(Errno) -> Bool {
            try withErrno {
                try buffer.withUnsafeMutableBytes { buffer in
                    let space = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(block.count)])
                    guard try file.readFully(into: space, at: block.lower) == space.count else { return false }
                    digests.update(UnsafeRawBufferPointer(space))
                    return true
                }
            }
        }
    }

    private let file: OwnedDescriptor
    private let path: FilePath
    private let onHashed: (@Sendable (Int64) -> Void)?
    private let progress = Mutex(Progress())
    private let work: Mutex<Work>
    private let pool = BlockingPool(on: BlockingPool.digestThreads)

    /// Follows a file from byte 0.
    ///
    /// - Parameters:
    ///   - file: open for reading; kept open until the follower is gone.
    ///   - path: the file's name in errors.
    ///   - algorithms: what to compute, each at most once.
    ///   - onHashed: called on the follower's thread after each block with the end of what has been hashed.
    init(
        _ file: OwnedDescriptor,
        path: FilePath,
        algorithms: [DigestAlgorithm],
        onHashed: (@Sendable (Int64) -> Void)? = nil
    ) {
        self.file = file
        self.path = path
        self.onHashed = onHashed
        work = Mutex(Work(digests: DigestSet(algorithms), buffer: []))
    }

    /// Says that `0..<frontier` is in the file. Returns at once; a lower frontier than before changes nothing.
    func advance(to frontier: Int64) {
        let starts = progress.withLock { progress in
            progress.frontier = max(progress.frontier, frontier)
            guard !progress.isWorking, !progress.isClosed, progress.hashed < progress.frontier else { return false }
            progress.isWorking = true
            return true
        }
        // If the follower was closed in between, the worker ends here at once, and those who wait for it are told.
        if starts, !pool.submit({ self.follow() }) { follow() }
    }

    /// Waits until `0..<length` is hashed.
    ///
    /// - Returns: the digests, in the order of the algorithms.
    /// - Throws: `StoreError` if the file could not be read or was shortened, or the follower was closed.
    func finish(length: Int64) async throws(StoreError) -> [Digest] {
        advance(to: length)
        await rest()
        let (hashed, failure, isClosed) = progress.withLock { ($0.hashed, $0.failure, $0.isClosed) }
        if let failure { throw failure }
        guard hashed == length || !isClosed else { throw .closed("verify") }
        guard hashed == length else { throw .outOfOrder("finish digests at \(length) bytes, having hashed \(hashed)") }
        return work.withLock { $0.digests.digests() }
    }

    /// Ends the worker after its present block. Idempotent.
    func close() async {
        progress.withLock { $0.isClosed = true }
        await pool.close()
    }

    /// Waits until the worker does not run.
    private func rest() async {
        await withCheckedContinuation { continuation in
            let rests = progress.withLock { progress in
                if progress.isWorking { progress.waiters.append(continuation) }
                return !progress.isWorking
            }
            if rests { continuation.resume() }
        }
    }

    // MARK: On the follower's thread

    private func follow() {
        while let block = nextBlock() {
            let failure = hash(block)
            progress.withLock { progress in
                if let failure { progress.failure = failure } else { progress.hashed = block.upper }
            }
            if failure == nil { onHashed?(block.upper) }
        }
    }

    /// The block to hash next, or `nil` if the worker has ended.
    private func nextBlock() -> ByteRange? {
        let (block, waiters) = progress.withLock { progress -> (ByteRange?, [CheckedContinuation<Void, Never>]) in
            let end = min(progress.frontier, progress.hashed &+ Int64(Self.blockSize))
            if !progress.isClosed, progress.failure == nil, progress.hashed < end {
                return (ByteRange(progress.hashed, end), [])
            }
            defer { progress.waiters = [] }
            progress.isWorking = false
            return (nil, progress.waiters)
        }
        for waiter in waiters { waiter.resume() }
        return block
    }

    private func hash(_ block: ByteRange) -> StoreError? {
        work.withLock { work in
            if work.buffer.isEmpty { work.buffer = [UInt8](repeating: 0, count: Self.blockSize) }
            do throws(Errno) {
                let isWhole = try work.read(block, from: file)
                return isWhole ? nil : shortened(at: block)
            } catch {
                return StoreError(error, "read", path)
            }
        }
    }

    private func shortened(at block: ByteRange) -> StoreError {
        StoreError(
            .inputOutput,
            "cannot verify \(path.string): another program shortened it to less than \(block.upper) bytes: "
                + "run the same command again",
            "read",
            path.string
        )
    }
}
