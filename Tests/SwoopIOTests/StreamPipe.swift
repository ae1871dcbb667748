// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopTestKit
import Synchronization

/// A pipe whose reader does what the test says.
final class StreamPipe: Sendable {
    private let reading: Int32
    private let isOpen = Mutex((reading: true, writing: true))
    let writing: Int32

    /// Runs `body` with a pipe that nobody reads by itself.
    static func with<Value>(nonBlocking: Bool = false, _ body: (StreamPipe) async throws -> Value) async throws -> Value
    {
        let pipe = try StreamPipe(nonBlocking: nonBlocking)
        defer { pipe.close() }
        return try await body(pipe)
    }

    private init(nonBlocking: Bool) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
        if nonBlocking { _ = fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK) }
    }

    /// Whether writes to the descriptor that the test handed out wait for the reader.
    var isNonBlocking: Bool { fcntl(writing, F_GETFL) & O_NONBLOCK != 0 }

    /// Reads so many bytes, on a thread of its own; fewer if the writers have gone.
    func read(_ count: Int) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [reading] in
                var bytes = [UInt8](repeating: 0, count: count)
                var filled = 0
                while filled < count {
                    let got = bytes.withUnsafeMutableBytes {
                        Glibc.read(reading, $0.baseAddress?.advanced(by: filled), count - filled)
                    }
                    guard got > 0 else { break }
                    filled += got
                }
                continuation.resume(returning: Array(bytes[..<filled]))
            }
        }
    }

    /// The reader goes away.
    func stopReading() {
        if isOpen.withLock({ exchange(&$0.reading) }) { Glibc.close(reading) }
    }

    private func close() {
        stopReading()
        if isOpen.withLock({ exchange(&$0.writing) }) { Glibc.close(writing) }
    }

    private func exchange(_ flag: inout Bool) -> Bool {
        defer { flag = false }
        return flag
    }
}

/// What a store has told of consumption.
final class ConsumptionLog: Sendable {
    private let offsets = Mutex<[Int64]>([])

    func append(_ offset: Int64) { offsets.withLock { $0.append(offset) } }

    var all: [Int64] { offsets.withLock { $0 } }
}
