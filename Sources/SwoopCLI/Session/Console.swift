// SPDX-License-Identifier: Apache-2.0

internal import SwoopIO

/// Where text goes. Standard output carries what was asked for (events, digests, lists); everything a person reads while
/// waiting goes to standard error, so that output can be piped and `-o -` can follow.
struct Console: Sendable {
    var output: @Sendable (String) -> Void
    var error: @Sendable (String) -> Void
    /// Width of the window on standard error now.
    var columns: @Sendable () -> Int
    /// Height of that window now.
    var rows: @Sendable () -> Int = { 24 }

    /// The process's own streams. A reader that has gone is no error: nobody wants the rest.
    static let standard = Console(
        output: { TerminalDevice.output.write($0) },
        error: { TerminalDevice.error.write($0) },
        columns: { TerminalDevice.error.columns ?? 80 },
        rows: { TerminalDevice.error.rows ?? 24 }
    )

    /// Writes a line that is about no download in particular: `swoop: what happened: what to do`.
    func complain(_ message: String) {
        error("swoop: \(DisplayText.clean(message))\n")
    }
}
