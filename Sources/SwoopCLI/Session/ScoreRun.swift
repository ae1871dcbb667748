// SPDX-License-Identifier: Apache-2.0

internal import SwoopChaos
internal import SwoopCore
internal import SwoopIO

/// Some trials of a downloader, each in a directory of its own.
struct ScoreRun: Sendable {
    let command: [String]
    let timeout: Duration
    let jobs: Int
    let writesEvents: Bool

    /// What one run came to.
    struct Score: Sendable {
        let trial: HazardTrial
        let verdict: HazardVerdict
        let detail: String
        let elapsed: Duration
    }

    /// Why there is no score.
    private struct Absent: Error {
        let why: String
    }

    /// Runs the trials and writes a line for each, in their order.
    ///
    /// - Returns: the verdicts, or how to end because there are none.
    func score(_ trials: [HazardTrial], console: Console) async -> Result<[HazardVerdict], ExitStatus> {
        do {
            return try await ChaosServer.with { server in
                var scores: [Int: Score] = [:]
                var shown = 0
                try await withThrowingTaskGroup(of: (Int, Score?).self) { group in
                    var waiting = trials.enumerated().makeIterator()
                    func begin() {
                        guard let (index, trial) = waiting.next() else { return }
                        group.addTask { (index, try await run(trial, server)) }
                    }
                    for _ in 0..<max(1, jobs) { begin() }
                    while let (index, score) = try await group.next() {
                        scores[index] = score
                        while let score = scores[shown] {
                            console.output(writesEvents ? ScoreText.event(score) : ScoreText.line(score))
                            shown += 1
                        }
                        if !Task.isCancelled { begin() }
                    }
                }
                guard scores.count == trials.count else { return .failure(.interrupted) }
                let verdicts = scores.values.map(\.verdict)
                if !writesEvents { console.output(ScoreText.summary(verdicts)) }
                return .success(verdicts)
            }
        } catch let absent as Absent {
            console.complain("cannot start \(command.first ?? ""): \(absent.why): name a program after --")
            return .failure(.usage)
        } catch {
            console.complain("cannot run the origin: \(error)")
            return .failure(.local)
        }
    }

    private func run(_ trial: HazardTrial, _ server: ChaosServer) async throws(Absent) -> Score? {
        guard let directory = ScratchDirectory.make() else { return nil }
        defer { directory.remove() }
        let path = "\(directory.path)/out.bin"
        let words = command.map { word in
            ["{url}": trial.url(at: server), "{output}": path, "{directory}": directory.path, "{name}": "out.bin"]
                .reduce(word) { $0.replacing($1.key, with: $1.value) }
        }
        let clock = ContinuousClock()
        let start = clock.now
        let ended = await ChildProgram.run(words, timeout: timeout)
        let elapsed = clock.now - start
        if case .absent(let why) = ended { throw Absent(why: why) }
        guard !Task.isCancelled, let ending = HazardEnding(ended) else { return nil }
        let file = directory.file("out.bin")
        let verdict = trial.verdict(ending, length: file?.length, at: server) { file?.read($0) ?? [] }
        return Score(trial: trial, verdict: verdict, detail: ScoreText.detail(ended), elapsed: elapsed)
    }
}

extension HazardEnding {
    fileprivate init?(_ ending: ChildProgram.Ending) {
        switch ending {
        case .exited(let status): self = .exited(status)
        case .killed(let signal): self = .killed(signal)
        case .stopped: self = .timedOut
        case .absent: return nil
        }
    }
}

/// Says what came out.
enum ScoreText {
    static func line(_ score: ScoreRun.Score) -> String {
        let name = score.trial.scenario.rawValue
        let padding = String(repeating: " ", count: max(1, 24 - name.count))
        let verdict = score.verdict.rawValue
        let space = String(repeating: " ", count: max(1, 10 - verdict.count))
        return "\(name)\(padding)\(verdict)\(space)\(score.detail), \(Units.elapsed(score.elapsed))\n"
    }

    static func event(_ score: ScoreRun.Score) -> String {
        let fields: [(String, JSONValue)] = [
            ("scenario", .string(score.trial.scenario.rawValue)), ("verdict", .string(score.verdict.rawValue)),
            ("ending", .string(score.detail)), ("seconds", .number(score.elapsed.seconds)),
        ]
        return JSONObject.line(event: "trial", fields)
    }

    /// `51 scenarios: 42 exact, 9 refused, 0 wrong, 0 hung, 0 crashed`.
    static func summary(_ verdicts: [HazardVerdict]) -> String {
        let counts = HazardVerdict.allCases.map { verdict in
            "\(verdicts.count { $0 == verdict }) \(verdict.rawValue)"
        }
        return "\(verdicts.count) scenarios: " + counts.joined(separator: ", ") + "\n"
    }

    static func detail(_ ending: ChildProgram.Ending) -> String {
        switch ending {
        case .exited(let status): "exit \(status)"
        case .killed(let signal): "signal \(signal)"
        case .stopped: "ended by the time-out"
        case .absent(let why): "cannot be started: \(why)"
        }
    }
}
