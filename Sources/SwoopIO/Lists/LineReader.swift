// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import SwoopCore
internal import Synchronization
internal import SystemPackage

/// Reads the lines of a file or pipe as they come, on a thread of its own: whoever writes may be slow, and a list may be
/// far larger than memory.
///
/// One consumer at a time.
public final class LineReader: Sendable {
    /// Longest line in bytes.
    public static let longestLine = 1 << 20
    private static let chunk = 64 << 10

    /// A call to ``next()`` that waits.
    private typealias Waiter = CheckedContinuation<Result<[String], StoreError>?, Never>

    private struct State {
        var waiter: Waiter?
        /// What was read while nobody waited any more.
        var unclaimed: Result<[String], StoreError>?
        var isReading = false
        var isCancelled = false
    }

    private let file: OwnedDescriptor
    private let name: String
    private let thread: NIOThreadPool
    private let state = Mutex(State())
    private let rest = Mutex(Rest())

    /// What was read of a line that is not complete.
    private struct Rest {
        var bytes: [UInt8] = []
        var isAtEnd = false
    }

    /// Whether the file can be read twice: it is neither a pipe nor a device.
    public let isRegular: Bool

    /// Opens a file; `nil` is standard input.
    ///
    /// - Throws: ``StoreError`` if it cannot be opened, or is a directory.
    public init(_ path: String?) throws(StoreError) {
        name = path ?? "standard input"
        do throws(Errno) {
            if let path {
                file = try OwnedDescriptor(opening: FilePath(path), .readOnly)
            } else {
                file = OwnedDescriptor(try withErrno { try FileDescriptor.standardInput.duplicate() })
            }
            let type = try file.status().type
            guard type != .directory else { throw .isDirectory }
            isRegular = type == .regular && path != nil
        } catch {
            throw StoreError(error, reading: path ?? "standard input")
        }
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
    }

    /// The next lines, at least one, without their line breaks; `nil` at the end.
    ///
    /// A cancelled task gets `nil` at once, although the thread may wait for a writer for ever.
    /// - Throws: ``StoreError`` if the file cannot be read, or a line is longer than ``longestLine``.
    public func next() async throws(StoreError) -> [String]? {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let ready = enqueue(continuation) { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                state.isCancelled = true
                return state.waiter
            }
            waiter?.resume(returning: nil)
        }
        guard let lines = try answer?.get() else { return nil }
        return lines.isEmpty ? nil : lines
    }

    /// Lets go of the thread, unless it is waiting for a writer.
    public func close() {
        thread.shutdownGracefully { _ in }
    }

    /// Starts to read for `waiter`; answers what is known already, `.some(nil)` for nothing any more.
    private func enqueue(_ waiter: Waiter) -> Result<[String], StoreError>?? {
        let (ready, starts): (Result<[String], StoreError>??, Bool) = state.withLock { state in
            if state.isCancelled { return (.some(nil), false) }
            if let unclaimed = state.unclaimed {
                state.unclaimed = nil
                return (.some(unclaimed), false)
            }
            state.waiter = waiter
            defer { state.isReading = true }
            return (nil, !state.isReading)
        }
        if starts { thread.submit { _ in self.deliver(self.readLines()) } }
        return ready
    }

    private func deliver(_ lines: Result<[String], StoreError>) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isReading = false
            if state.waiter == nil { state.unclaimed = lines }
            return state.waiter
        }
        waiter?.resume(returning: lines)
    }

    // MARK: On the thread

    /// Reads until at least one line is complete; no line means the end.
    private func readLines() -> Result<[String], StoreError> {
        rest.withLock { rest in
            var lines: [String] = []
            while lines.isEmpty, !rest.isAtEnd {
                do throws(Errno) {
                    try readMore(&rest)
                } catch {
                    return .failure(StoreError(error, reading: name))
                }
                Self.takeLines(&rest, into: &lines)
                if rest.bytes.count > Self.longestLine {
                    let message = "\(name) has a line longer than \(ByteCount.format(Int64(Self.longestLine)))"
                    return .failure(StoreError(.badTarget, message + ": is it a list?", "read", name))
                }
            }
            return .success(lines)
        }
    }

    private func readMore(_ rest: inout Rest) throws(Errno) {
        var chunk = [UInt8](repeating: 0, count: Self.chunk)
        let count = try withErrno {
            try chunk.withUnsafeMutableBytes { try file.descriptor.read(into: $0, retryOnInterrupt: true) }
        }
        rest.isAtEnd = count == 0
        rest.bytes += chunk.prefix(count)
    }

    private static func takeLines(_ rest: inout Rest, into lines: inout [String]) {
        var start = 0
        while let end = rest.bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: rest.bytes[start..<end], as: UTF8.self))
            start = end + 1
        }
        rest.bytes.removeFirst(start)
        guard rest.isAtEnd, !rest.bytes.isEmpty else { return }
        lines.append(String(decoding: rest.bytes, as: UTF8.self))
        rest.bytes = []
    }
}
