// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Turns the signals that ask a process to stop into values.
///
/// The first signal is a request and comes out of ``stops``. The second one ends the process at once, from a thread of
/// its own, so that it works even if the program is stuck. The sources live as long as the process: make one watcher.
public struct SignalWatcher: Sendable {
    /// The first SIGINT, SIGTERM or SIGHUP; at most one element.
    public let stops: AsyncStream<Int32>

    /// Starts watching.
    ///
    /// SIGHUP stays ignored if it was when the process began (`nohup`). SIGINT does not: scripts stop their background
    /// jobs with it, although the shell began these with SIGINT ignored.
    /// - Parameter status: exit status when a second signal comes.
    public init(secondExitsWith status: Int32) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        stops = stream
        let seen = SignalCount()
        let queue = DispatchQueue(label: "swoop.signals")
        for number in [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP]) {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if seen.next() > 1 { _exit(status) }
                continuation.yield(number)
                withExtendedLifetime(source) {}
            }
            source.activate()
        }
    }

    /// Makes a write to a pipe whose reader has gone an error that can be handled, instead of the end of the process.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
            let handler = action.__sigaction_handler.sa_handler
            return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        #else
            return false
        #endif
    }
}

/// How many signals have come.
private final class SignalCount: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
