// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopTestKit
import Testing

/// A program on this machine.
enum Tool {
    /// Where a program is, looked for in `PATH` and where Debian keeps servers.
    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin"]
        return directories.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program to its end.
    static func run(_ executable: String, _ arguments: [String]) async throws -> RunResult {
        try await ChildProcess.with(executable, arguments) { await $0.result() }
    }

    /// Runs a program by name, which must exit with 0, and returns its standard output.
    @discardableResult
    static func check(_ name: String, _ arguments: [String]) async throws -> String {
        guard let executable = find(name) else { throw Failure(description: "\(name) is not installed") }
        let result = try await run(executable, arguments)
        guard result.ending == .exited(0) else {
            throw Failure(description: "\(name) \(arguments.joined(separator: " ")): \(result.ending) \(result.error)")
        }
        return result.output
    }

    /// Makes a file of random bytes.
    static func makeFile(_ path: String, length: Int64) async throws {
        let size = ["bs=1M", "count=\(length)", "iflag=count_bytes"]
        try await check("dd", ["if=/dev/urandom", "of=\(path)", "status=none"] + size)
    }

    static func sha256(_ path: String) async throws -> String {
        String(try await check("sha256sum", [path]).prefix(64))
    }

    /// Whether two files have the same bytes.
    static func isSame(_ first: String, _ second: String) async throws -> Bool {
        guard let compare = find("cmp") else { throw Failure(description: "cmp is not installed") }
        return try await run(compare, ["-s", first, second]).ending == .exited(0)
    }
}

/// The built `swoop`.
enum SwoopProgram {
    /// It lies beside the test runner.
    static var executable: String {
        get throws {
            let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let path = URL(filePath: runner).deletingLastPathComponent().appending(path: "swoop").path
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw Tool.Failure(description: "\(path) is missing: run swift build")
            }
            return path
        }
    }

    /// Runs it to its end.
    static func get(_ arguments: [String]) async throws -> RunResult {
        let result = try await Tool.run(executable, ["get"] + arguments)
        #expect(PlantedSecret.found(in: result.output + result.error) == nil)
        return result
    }

    /// Runs it with `--json` beside `body`, and kills it if it is still running then.
    static func with<R>(_ arguments: [String], _ body: (ChildProcess) async throws -> R) async throws -> R {
        try await ChildProcess.with(executable, ["get", "--json"] + arguments, streaming: true, body)
    }
}
