// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore

/// What is shown while bytes flow, on the command line.
struct ViewFlags: ParsableArguments {
    /// What is shown while bytes flow.
    enum Progress: String, ExpressibleByArgument, CaseIterable {
        case auto, live, lines, none
    }

    @Option(
        help: .init(
            "auto, live, lines or none: two lines redrawn in place, or a line per segment. "
                + "auto is live on a terminal, lines elsewhere.",
            valueName: "view"
        )
    )
    var progress: Progress?

    @Flag(name: .shortAndLong, help: "Say nothing but errors. What --digest and --json ask for is still written.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Show requests and responses, with secrets removed.")
    var verbose = false

    @Flag(
        help: .init(
            "Write events as NDJSON on standard output (with -o - on standard error); without --progress nothing else "
                + "but errors."
        )
    )
    var json = false

    func validate() throws {
        guard !(quiet && verbose) else { throw ValidationError("-q and -v contradict each other: use one of them") }
    }

    /// What to show, given what standard error can show.
    ///
    /// - Parameters:
    ///   - isTerminal: whether it is a terminal.
    ///   - style: what that terminal can do.
    ///   - prefersLines: whether the lines say more than a live view would.
    /// - Returns: what to show.
    func presentation(isTerminal: Bool, style: TerminalStyle, prefersLines: Bool = false) -> Presentation {
        let isSilent = json && progress == nil
        return Presentation(
            view: quiet || isSilent ? .none : view(canRedraw: isTerminal && style.canRedraw, prefersLines),
            verbosity: verbosity(isSilent: isSilent),
            style: style,
            writesEvents: json
        )
    }

    /// `live` needs a terminal whose cursor can be moved; without one, lines say as much as can be said.
    private func view(canRedraw: Bool, _ prefersLines: Bool) -> HumanReport.View {
        switch progress ?? .auto {
        case .auto where prefersLines: .lines
        case .auto, .live: canRedraw ? .live : .lines
        case .lines: .lines
        case .none: .none
        }
    }

    private func verbosity(isSilent: Bool) -> HumanReport.Verbosity {
        if verbose { return .verbose }
        return quiet || isSilent ? .quiet : .normal
    }
}
