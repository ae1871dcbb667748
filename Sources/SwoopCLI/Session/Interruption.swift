// SPDX-License-Identifier: Apache-2.0

internal import SwoopIO

/// Lets Ctrl-C and its like stop a command in order.
enum Interruption {
    /// Runs `body`; the first SIGINT, SIGTERM or SIGHUP cancels its task, the second ends the process at once.
    ///
    /// - Parameter body: must return soon after its task is cancelled.
    /// - Returns: what `body` returned, cancelled or not.
    static func watch<R: Sendable>(_ body: @escaping @Sendable () async -> R) async -> R? {
        let watcher = SignalWatcher(secondExitsWith: ExitStatus.interrupted.rawValue)
        return await withTaskGroup(of: R?.self) { group in
            group.addTask { await body() }
            group.addTask {
                for await _ in watcher.stops { break }
                return nil
            }
            // Whichever ends first ends the other: a signal the body, the body the wait for signals.
            var result: R?
            while let ended = await group.next() {
                result = ended ?? result
                group.cancelAll()
            }
            return result
        }
    }
}
