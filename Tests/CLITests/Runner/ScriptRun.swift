// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

/// What a line of a script did not find as it should be.
struct ScriptFailure: Error, CustomStringConvertible {
    let description: String
}

/// Carries out a script, line by line, in a directory of its own.
struct ScriptRun {
    let script: Script
    let directory: String
    let chaos: ChaosServer
    /// Where output is kept, outside of the script's directory.
    let scratch: String
    var variables: [String: String]
    var environment: [String: String]

    private var status: Int32 = 0
    private var output = ""
    private var error = ""
    private var background: ChildProcess?
    private var mounts: [String] = []
    /// Files that the script wrote itself.
    private var inputs: Set<String> = []

    init(_ script: Script, directory: String, scratch: String, chaos: ChaosServer, status: StatusServer) throws {
        self.script = script
        self.directory = directory
        self.scratch = scratch
        self.chaos = chaos
        variables = [
            "WORK": directory,
            "SWOOP": Self.program,
            "CHAOS": "http://127.0.0.1:\(chaos.port)",
            "STATUS": "http://127.0.0.1:\(status.port)",
            "REFUSED": "http://127.0.0.1:\(try StatusServer.unusedPort())",
        ]
        environment = Self.environment(home: directory)
    }

    /// What a program is started with: nothing of the user's, but what a sanitizer was told.
    static func environment(home: String) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment
        var environment = ["PATH": inherited["PATH"] ?? "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"]
        environment["ASAN_OPTIONS"] = inherited["ASAN_OPTIONS"]
        return environment
    }

    /// The program under test, beside the tests' own.
    static let program: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: "swoop").path
    }()

    mutating func run() async throws {
        defer { cleanUp() }
        for line in script.lines {
            do {
                try await perform(line)
            } catch {
                throw ScriptFailure(description: "\(script.name):\(line.number): \(line.command): \(error)\(said)")
            }
        }
        let leaks = PlantedSecret.leaks(in: directory, besides: inputs)
        try require(leaks.isEmpty, "\(script.name): a secret is in \(leaks)")
    }

    private var said: String { "\nexit \(status)\n--- stdout\n\(output)--- stderr\n\(error)" }

    private func cleanUp() {
        background?.end()
        for path in mounts.reversed() { umount2(path, Int32(MNT_DETACH)) }
    }

    private mutating func perform(_ line: Script.Line) async throws {
        let words = line.words.map(expand)
        switch line.command {
        case "exec": try await execute(words, mustFail: line.isNegated)
        case "start": background = try child(words)
        case "wait": try await waitForBackground()
        case "await": try await awaitText(words)
        case "signal": try signal(words)
        case "exit": try require(Int32(try word(0, words)) == status, "the exit status is \(status)")
        case "stdout": try check(output, holds: try word(0, words), line.isNegated)
        case "stderr": try check(error, holds: try word(0, words), line.isNegated)
        case "stdout-lines": try checkLines(output, words)
        case "stderr-lines": try checkLines(error, words)
        case "exists":
            let exists = FileManager.default.fileExists(atPath: path(try word(0, words)))
            try require(exists != line.isNegated, exists ? "it exists" : "it does not exist")
        case "cmp": try compare(try word(0, words), try word(1, words))
        default: try arrange(line.command, words)
        }
    }

    /// What is prepared for commands to find.
    private mutating func arrange(_ command: String, _ words: [String]) throws {
        let first = try word(0, words)
        switch command {
        case "mkdir": try FileManager.default.createDirectory(atPath: path(first), withIntermediateDirectories: true)
        case "write":
            try Data((try word(1, words)).replacing("\\n", with: "\n").utf8).write(to: URL(filePath: path(first)))
            inputs.insert(path(first))
        case "env":
            let parts = first.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        case "tmpfs":
            try FileManager.default.createDirectory(atPath: path(first), withIntermediateDirectories: true)
            let result = mount("tmpfs", path(first), "tmpfs", 0, "size=\(try word(1, words))")
            try require(result == 0, "cannot mount")
            mounts.append(path(first))
        case "freeze":
            let result = mount("tmpfs", path(first), "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil)
            try require(result == 0, "cannot remount")
        default: throw ScriptFailure(description: "no such command")
        }
    }

    // MARK: Processes

    private func child(_ words: [String]) throws -> ChildProcess {
        let command = words.first == "swoop" ? [Self.program] + words.dropFirst() : words
        return try ChildProcess(command, directory: directory, scratch: scratch, environment: environment)
    }

    private mutating func execute(_ words: [String], mustFail: Bool) async throws {
        let process = try child(words)
        try await take(process)
        try require((status != 0) == mustFail, "unexpected exit status \(status)")
    }

    private mutating func waitForBackground() async throws {
        guard let process = background else { throw ScriptFailure(description: "nothing was started") }
        try await take(process)
        background = nil
    }

    private mutating func take(_ process: ChildProcess) async throws {
        status = await process.exitStatus()
        output = process.output
        error = process.error
        if let secret = PlantedSecret.found(in: output + error) {
            throw ScriptFailure(description: "it gave the secret \(secret) away")
        }
    }

    /// Polls, because a file that grows has no event; the suite's time limit ends a wait in vain.
    private func awaitText(_ words: [String]) async throws {
        let (stream, text) = (try word(0, words), try word(1, words))
        guard let process = background else { throw ScriptFailure(description: "nothing was started") }
        for _ in 0..<3000 {
            if (stream == "stdout" ? process.output : process.error).contains(text) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ScriptFailure(description: "'\(text)' did not come\n\(process.output)\(process.error)")
    }

    private func signal(_ words: [String]) throws {
        let numbers = ["INT": SIGINT, "TERM": SIGTERM, "KILL": SIGKILL, "HUP": SIGHUP]
        guard let number = numbers[try word(0, words)] else { throw ScriptFailure(description: "no such signal") }
        background?.signal(number)
    }

    // MARK: Checks

    private func check(_ text: String, holds part: String, _ isNegated: Bool) throws {
        try require(text.contains(part) != isNegated, isNegated ? "'\(part)' was said" : "'\(part)' was not said")
    }

    private func checkLines(_ text: String, _ words: [String]) throws {
        let count = text.split(separator: "\n").count
        try require(Int(try word(0, words)) == count, "\(count) lines")
    }

    private func compare(_ one: String, _ other: String) throws {
        let bytes = FileManager.default.contents(atPath: path(one)).map { [UInt8]($0) }
        let expected: [UInt8]?
        if let name = other.split(separator: "chaos:", omittingEmptySubsequences: true).first, other.hasPrefix("chaos:")
        {
            expected = chaos.content(String(name)).map { $0.bytes(ByteRange(0, $0.length)) }
        } else {
            expected = FileManager.default.contents(atPath: path(other)).map { [UInt8]($0) }
        }
        try require(bytes != nil && bytes == expected, "the files differ")
    }

    private func require(_ isAsItShouldBe: Bool, _ message: String) throws {
        guard isAsItShouldBe else { throw ScriptFailure(description: message) }
    }

    // MARK: Words

    private func word(_ index: Int, _ words: [String]) throws -> String {
        guard words.indices.contains(index) else { throw ScriptFailure(description: "too few words") }
        return words[index]
    }

    private func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(directory)/\(name)" }

    private func expand(_ word: String) -> String {
        variables.reduce(word) { $0.replacingOccurrences(of: "$\($1.key)", with: $1.value) }
    }
}
