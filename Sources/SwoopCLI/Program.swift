// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopIO

/// The whole program: arguments in, exit status out.
package enum Program {
    /// Runs the process's command line and ends the process.
    package static func main() async -> Never {
        SignalWatcher.ignoreBrokenPipes()
        let status = await run(Array(CommandLine.arguments.dropFirst()), console: .standard)
        SwoopCommand.exit(withError: status.code)
    }

    /// Parses and runs `arguments`, which do not include the program's own name.
    static func run(_ arguments: [String], console: Console) async -> ExitStatus {
        do {
            var command = try parse(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return conclude(error, arguments, console)
        }
    }

    /// Reads a command line without running it.
    static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        try SwoopCommand.parseAsRoot(isForRoot(arguments.first) ? arguments : ["get"] + arguments)
    }

    /// Whether the first word names a command or asks for something about the program itself. Deciding by the first word
    /// alone keeps `swoop -o demo URL` a download.
    private static func isForRoot(_ word: String?) -> Bool {
        guard let word else { return false }
        let commands = SwoopCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        let aboutProgram = [
            "help", "-h", "--help", "--version", "--generate-completion-script", "--experimental-dump-help",
        ]
        return (commands + aboutProgram).contains(word)
    }

    /// Says what a thrown error means. Help and version come as errors too.
    private static func conclude(_ error: any Error, _ arguments: [String], _ console: Console) -> ExitStatus {
        if let code = error as? ExitCode { return ExitStatus(rawValue: code.rawValue) ?? .bug }
        let message = SwoopCommand.message(for: error)
        guard SwoopCommand.exitCode(for: error) != .success else {
            console.output(message + "\n")
            return .success
        }
        console.complain(usage(message) + ": see '\(helpCommand(arguments))'")
        return .usage
    }

    /// One line, lower case first, no full stop.
    static func usage(_ message: String) -> String {
        let line = message.split(separator: "\n").joined(separator: " ")
        let body = line.hasSuffix(".") ? String(line.dropLast()) : line
        let isAcronym = body.dropFirst().first?.isUppercase == true
        return isAcronym ? body : body.prefix(1).lowercased() + body.dropFirst()
    }

    private static func helpCommand(_ arguments: [String]) -> String {
        let isCommand = ["bench", "chaos", "demo", "ls", "put"].contains(arguments.first ?? "")
        return "swoop \(isCommand ? arguments[0] : "get") --help"
    }
}
