// SPDX-License-Identifier: Apache-2.0

internal import CSwoopSystem
internal import Dispatch

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Turns the signals that ask a process to stop into values.
///
/// The first signal is a request and comes out of ``stops``. The second one ends the process at once, in the handler itself,
/// so that it works even if the program is stuck. The handler lives as long as the process: make one watcher.
public struct SignalWatcher: Sendable {
    /// The first SIGINT, SIGTERM or SIGHUP; at most one element.
    public let stops: AsyncStream<Int32>

    /// Starts watching. A signal that comes any time from here on is not lost.
    ///
    /// SIGHUP stays ignored if it was when the process began (`nohup`). SIGINT does not: scripts stop their background
    /// jobs with it, although the shell began these with SIGINT ignored.
    /// - Parameter status: exit status when a second signal comes.
    public init(secondExitsWith status: Int32) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        stops = stream
        let pipe = swoop_catch_stops(status)
        guard pipe >= 0 else { return }
        let source = DispatchSource.makeReadSource(fileDescriptor: pipe, queue: DispatchQueue(label: "swoop.signals"))
        source.setEventHandler {
            var number: UInt8 = 0
            guard read(pipe, &number, 1) == 1 else { return }
            continuation.yield(Int32(number))
            withExtendedLifetime(source) {}
        }
        source.activate()
    }

    /// Makes a write to a pipe whose reader has gone an error that can be handled, instead of the end of the process.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
