// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization
internal import SystemPackage

/// A file to which several processes may add lines at the same time: each line is one append.
///
/// Writing may block, so it is done elsewhere, in order; ``close()`` waits for it.
public final class AppendOnlyFile: Sendable {
    /// Lines until the file is synced again.
    private static let linesPerSync = 256

    private struct State {
        var failure: StoreError?
        var unsynced = 0
        /// Whether the last append was cut short.
        var isTorn = false
    }

    private let file: OwnedDescriptor
    private let path: FilePath
    private let pool = BlockingPool(on: BlockingPool.diskThreads)
    private let state = Mutex(State())

    /// Opens a file, or makes it. If its last line was cut off by a crash, what is added begins on a new one.
    public init(_ path: String) throws(StoreError) {
        self.path = FilePath(path)
        do throws(Errno) {
            file = try OwnedDescriptor(
                opening: self.path,
                .readWrite,
                options: [.create, .append],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
            guard try file.status().type == .regular else { return }
            let isTorn = try Self.isTorn(file)
            state.withLock { $0.isTorn = isTorn }
        } catch {
            throw StoreError(error, "write", self.path)
        }
    }

    /// Adds a line, which ends in a line break. What goes wrong is told by ``close()``.
    public func append(_ line: String) {
        pool.submit { self.write(line) }
    }

    /// Waits until every line is on stable storage.
    /// - Throws: the first ``StoreError`` of any append.
    public func close() async throws(StoreError) {
        await pool.close { self.sync() }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private static func isTorn(_ file: OwnedDescriptor) throws(Errno) -> Bool {
        let size = try file.status().size
        guard size > 0 else { return false }
        var last: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &last) { bytes throws(Errno) in
            try file.readFully(into: bytes, at: size - 1)
        }
        return count == 1 && last != UInt8(ascii: "\n")
    }

    private func write(_ line: String) {
        var text = state.withLock { $0.isTorn } ? "\n" + line : line
        do throws(Errno) {
            let length = text.utf8.count
            let written = try withErrno {
                try text.withUTF8 { try file.descriptor.write(UnsafeRawBufferPointer($0), retryOnInterrupt: true) }
            }
            state.withLock { $0.isTorn = written < length }
            guard written == length else { throw .noSpace }
        } catch {
            return fail(error)
        }
        let isDue = state.withLock { state in
            state.unsynced += 1
            return state.unsynced >= Self.linesPerSync
        }
        if isDue { sync() }
    }

    private func sync() {
        state.withLock { $0.unsynced = 0 }
        do throws(Errno) {
            try Libc.syncData(file.descriptor)
        } catch {
            // A pipe or device takes lines and knows no sync.
            if error != .invalidArgument { fail(error) }
        }
    }

    private func fail(_ error: Errno) {
        state.withLock { $0.failure = $0.failure ?? StoreError(error, "write", path) }
    }
}
