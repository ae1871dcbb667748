// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension StreamStore {
    /// An open stream of the process, to which bytes go one after another. May wait for its reader as long as it takes.
    ///
    /// A pipe is opened a second time, without blocking, so that a reader who has stopped cannot keep the writer from being
    /// ended. The stream itself stays as it is: setting it to non-blocking would change it for every process that shares
    /// it. A file is not opened again, because its offset is shared and must stay so.
    final class Output: Sendable {
        /// Linux's F_SETPIPE_SZ, and what any user may ask for.
        private static let setPipeSize: (command: Int32, bytes: Int32) = (1031, 1 << 20)
        /// How often a writer that waits looks whether it is still wanted, in milliseconds.
        private static let patience: Int32 = 100

        private let stream: OwnedDescriptor
        private let mayBlock: Bool

        /// Takes a second reference to a descriptor; the descriptor itself is left alone.
        init(_ descriptor: Int32) throws(Errno) {
            let own = OwnedDescriptor(try withErrno { try FileDescriptor(rawValue: descriptor).duplicate() })
            guard try own.status().type == .fifo else {
                (stream, mayBlock) = (own, true)
                return
            }
            // A larger pipe means fewer changes between writer and reader; a refusal costs nothing.
            _ = fcntl(descriptor, Self.setPipeSize.command, Self.setPipeSize.bytes)
            let path = FilePath("/proc/self/fd/\(descriptor)")
            if let pipe = try? OwnedDescriptor(opening: path, .writeOnly, options: .nonBlocking) {
                (stream, mayBlock) = (pipe, false)
            } else {
                (stream, mayBlock) = (own, true)
            }
        }

        /// Writes all of `bytes`, however long the reader takes.
        ///
        /// - Parameters:
        ///   - bytes: what to write.
        ///   - isWanted: asked again and again during a wait; `false` ends it.
        /// - Throws: what the system said, `.brokenPipe` if the reader has gone, `.canceled` if it is not wanted any more.
        func write(_ bytes: UnsafeRawBufferPointer, while isWanted: () -> Bool) throws(Errno) {
            var rest = bytes
            while !rest.isEmpty {
                if mayBlock { try waitForReader(while: isWanted) }
                do throws(Errno) {
                    let piece = rest
                    let count = try withErrno { try stream.descriptor.write(piece) }
                    guard count > 0 else { throw .ioError }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } catch {
                    guard error == .wouldBlock else { throw error }
                    try waitForReader(while: isWanted)
                }
            }
        }

        /// Waits until a write may get on, or fail.
        private func waitForReader(while isWanted: () -> Bool) throws(Errno) {
            var request = pollfd(fd: stream.descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
            while poll(&request, 1, Self.patience) <= 0 {
                guard isWanted() else { throw .canceled }
            }
        }

        /// Makes this thread's writes to a pipe without a reader fail instead of ending the process.
        static func ignoreBrokenPipesOnThisThread() {
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
        }
    }
}

extension StreamStore {
    /// Whether the process has a standard output. To be asked before anything else is opened, which would get its number.
    public static var isStandardOutputOpen: Bool { fcntl(FileDescriptor.standardOutput.rawValue, F_GETFD) != -1 }
}
