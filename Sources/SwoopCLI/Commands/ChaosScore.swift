// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopChaos
internal import SwoopIO

/// `swoop chaos score`: any downloader against every scenario.
struct ChaosScore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Run a downloader against every scenario and judge what it makes of them.",
        discussion: """
            EXAMPLES:
              swoop chaos score -- swoop -q -o {output} {url}
              swoop chaos score -- curl -sfL -o {output} {url}
              swoop chaos score --only stall,reset -- aria2c -q -d {directory} -o {name} {url}

            {url} and {output} stand for what to fetch and the file to make; {directory} and {name} are the two parts of
            {output}.

            Verdicts: exact, it said that all is well and the bytes are exact; refused, it said that it failed; wrong, it
            said that all is well and the bytes are wrong or missing; hung, it did not end; crashed, a signal ended it.

            The exit status is 0 if all were exact or refused, else 6.
            """
    )

    @Option(help: .init("Seconds after which a run counts as hung.", valueName: "n"), transform: ArgumentValue.count)
    var timeout: Int = 30

    @Option(help: .init("Runs at a time.", valueName: "n"), transform: ArgumentValue.count)
    var jobs: Int = 4

    @Option(
        help: .init("These scenarios, with commas between. (default: all)", valueName: "list"),
        transform: Self.scenarios
    )
    var only: [Scenario]?

    @Flag(help: "Write a line of JSON for each run.")
    var json = false

    @Argument(parsing: .postTerminator, help: .init("The downloader, after --.", valueName: "command"))
    var command: [String] = []

    private static func scenarios(_ text: String) throws -> [Scenario] {
        try text.split(separator: ",").map { word in
            guard let scenario = Scenario(rawValue: String(word)) else {
                throw ValidationError("'\(word)' is no scenario: see 'swoop chaos --list'")
            }
            return scenario
        }
    }

    func validate() throws {
        guard command.contains(where: { $0.contains("{url}") }) else {
            throw ValidationError("name a downloader after --, with {url} and {output} in its arguments")
        }
    }

    mutating func run() async throws {
        let run = ScoreRun(command: command, timeout: .seconds(timeout), jobs: jobs, writesEvents: json)
        let trials = HazardTrial.all.filter { only?.contains($0.scenario) ?? true }
        let outcome = await Interruption.watch { await run.score(trials, console: .standard) }
        switch outcome ?? .failure(.interrupted) {
        case .failure(let status): throw status.code
        case .success(let verdicts): if !verdicts.allSatisfy(\.isHonest) { throw ExitStatus.verification.code }
        }
    }
}
