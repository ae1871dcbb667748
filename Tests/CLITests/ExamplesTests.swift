// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

/// Runs what `Examples/` has for batch systems, as those would: four processes at a time, each with its variables.
@Suite("Examples for batch systems", .takingTurns, .serialized, .timeLimit(.minutes(10)))
struct ExamplesTests {
    private static let shares = 4
    private static let files = 20

    private static func example(_ path: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Examples/\(path)").path
    }

    @Test("a Kubernetes Indexed Job")
    func kubernetes() async throws {
        let text = try String(contentsOfFile: Self.example("kubernetes/indexed-job.yaml"), encoding: .utf8)
        let count = try #require(text.firstMatch(of: /SWOOP_SHARD_COUNT, value: "(\d+)"/)?.1)
        #expect(text.contains("completions: \(count)\n"))
        let lines = text.split(separator: "\n").drop { !$0.hasSuffix("args:") }.dropFirst()
        let arguments = lines.prefix { $0.contains("- --") }.map {
            $0.trimmingCharacters(in: .whitespaces).dropFirst(2)
        }
        try #require(arguments.count == 5)
        try await check { place, index in
            let values = ["$(LIST)": place.list, "$(DATA)": place.data]
            let words = arguments.map { word in
                values.reduce(String(word)) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
            }
            return (
                [ScriptRun.program] + words,
                ["JOB_COMPLETION_INDEX": "\(index)", "SWOOP_SHARD_COUNT": String(count), "LIST": "", "DATA": ""]
            )
        }
    }

    @Test("a Slurm array job")
    func slurm() async throws {
        let script = Self.example("slurm/array.sh")
        #expect(try String(contentsOfFile: script, encoding: .utf8).contains("#SBATCH --array=0-\(Self.shares - 1)\n"))
        try await check { place, index in
            (
                ["bash", script],
                [
                    "SLURM_ARRAY_TASK_ID": "\(index)", "SLURM_ARRAY_TASK_COUNT": "\(Self.shares)",
                    "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "\(Self.shares - 1)",
                    "SLURM_ARRAY_TASK_STEP": "1", "SWOOP": ScriptRun.program, "LIST": place.list, "DATA": place.data,
                ]
            )
        }
    }

    @Test("an AWS Batch array job")
    func batch() async throws {
        let data = try Data(contentsOf: URL(filePath: Self.example("aws-batch/job-definition.json")))
        let definition = try JSONDecoder().decode(JobDefinition.self, from: data)
        try await check { place, index in
            let words = definition.containerProperties.command.dropFirst().map { word in
                guard word.hasPrefix("Ref::") else { return word }
                let value = definition.parameters[String(word.dropFirst(5))] ?? word
                return value.replacingOccurrences(of: "/data/urls.txt", with: place.list)
                    .replacingOccurrences(of: "/data", with: place.data)
            }
            return (
                [ScriptRun.program] + words,
                ["AWS_BATCH_JOB_ARRAY_INDEX": "\(index)", "AWS_BATCH_JOB_ARRAY_SIZE": "\(Self.shares)"]
            )
        }
    }

    private struct JobDefinition: Decodable {
        struct Container: Decodable { let command: [String] }
        let parameters: [String: String]
        let containerProperties: Container
    }

    private struct Place {
        let list: String
        let data: String
        let scratch: String
    }

    /// Runs every share twice, and looks at what came of it.
    private func check(_ process: (Place, Int) throws -> ([String], [String: String])) async throws {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with { chaos in
                let place = Place(list: directory + "/urls.txt", data: directory + "/data", scratch: directory)
                try FileManager.default.createDirectory(atPath: place.data, withIntermediateDirectories: true)
                let names = (1...Self.files).map { "\(1000 + $0).bin" }
                let urls = names.map { chaos.url(.plain, $0) }
                try urls.joined(separator: "\n").write(toFile: place.list, atomically: false, encoding: .utf8)
                let said = try await runShares(place, process)
                let fetched = try manifestLines(place)
                #expect(fetched.allSatisfy { $0.status == .done })
                let paths = fetched.compactMap(\.path)
                #expect(paths.sorted() == names.map { place.data + "/" + $0 }.sorted())
                for (name, path) in zip(names, paths.sorted()) {
                    let expected = try #require(chaos.content(name))
                    let bytes = try #require(FileManager.default.contents(atPath: path)).map { $0 }
                    #expect(bytes == expected.bytes(ByteRange(0, expected.length)))
                }
                let each = Self.files / Self.shares
                #expect(said.allSatisfy { $0.contains("\n\(each) files, ") }, "\(said)")
                let again = try await runShares(place, process)
                #expect(again.allSatisfy { $0.contains("0 files, \(each) skipped") }, "\(again)")
                #expect(try manifestLines(place).count == Self.files)
            }
        }
    }

    /// What the shares said, each in its own process, all at the same time.
    private func runShares(
        _ place: Place,
        _ process: (Place, Int) throws -> ([String], [String: String])
    ) async throws -> [String] {
        let children = try (0..<Self.shares).map { index in
            let (command, variables) = try process(place, index)
            let base = ScriptRun.environment(home: place.scratch)
            return try ChildProcess(
                command,
                directory: place.scratch,
                scratch: place.scratch,
                environment: base.merging(variables) { $1 }
            )
        }
        var said: [String] = []
        for child in children {
            let status = await child.exitStatus()
            #expect(status == 0, "\(child.error)")
            said.append(child.error)
        }
        return said
    }

    private func manifestLines(_ place: Place) throws -> [ManifestLine] {
        let names = try FileManager.default.contentsOfDirectory(atPath: place.data).filter { $0.hasSuffix(".ndjson") }
        return try names.flatMap { name in
            try String(contentsOfFile: "\(place.data)/\(name)", encoding: .utf8)
                .split(separator: "\n")
                .map { try #require(ManifestLine.parse($0)) }
        }
    }
}
