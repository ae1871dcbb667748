// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopTestKit
import Testing

/// An object store that others wrote, started for one test on free ports, with one bucket.
struct RealStore: Sendable {
    enum Program: String, CaseIterable, Sendable {
        case seaweedfs, moto

        var executable: String? { Tool.find(self == .moto ? "moto_server" : "weed") }
    }

    static let bucket = "test-bucket"
    /// What every program here is told; the stores take any key.
    static let credentials = [
        "AWS_ACCESS_KEY_ID=planted-key", "AWS_SECRET_ACCESS_KEY=s3cret", "AWS_REGION=us-east-1",
        "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
    ]

    let program: Program
    let directory: String
    let ports: [LoopbackPort]

    var url: String { "http://127.0.0.1:\(ports[0].number)" }

    /// Whether every program is there that the tests start.
    static var areInstalled: Bool {
        Program.allCases.allSatisfy { $0.executable != nil } && Tool.find("aws") != nil && Tool.find("s5cmd") != nil
    }

    /// Runs a store for as long as `body` runs.
    static func with<R>(_ program: Program, _ body: (RealStore) async throws -> R) async throws -> R {
        guard let executable = program.executable else {
            throw Tool.Failure(description: "\(program.rawValue) is missing: run scripts/install-test-servers")
        }
        return try await withTemporaryDirectory { directory in
            for _ in 0..<5 {
                let ports = (0..<8).compactMap { _ in LoopbackPort.findFree() }
                guard Set(ports.map(\.number)).count == 8 else { continue }
                let store = RealStore(program: program, directory: directory, ports: ports)
                if let result = try await store.run(executable, body) { return result }
            }
            throw Tool.Failure(description: "\(executable) found no free ports")
        }
    }

    /// Starts the program; `nil` if it ends before it answers.
    private func run<R>(_ executable: String, _ body: (RealStore) async throws -> R) async throws -> R? {
        try await ChildProcess.with(executable, arguments) { child in
            repeat {
                guard child.ending == nil else { return nil }
                try await Task.sleep(for: .milliseconds(50))
            } while try await !makeBucket()
            return try await body(self)
        }
    }

    private var arguments: [String] {
        let numbers = ports.map { String($0.number) }
        guard program == .seaweedfs else { return ["-H", "127.0.0.1", "-p", numbers[0]] }
        return [
            "server", "-s3", "-dir=\(directory)", "-ip=127.0.0.1", "-s3.port=\(numbers[0])",
            "-s3.port.grpc=\(numbers[1])", "-master.port=\(numbers[2])", "-master.port.grpc=\(numbers[3])",
            "-volume.port=\(numbers[4])", "-volume.port.grpc=\(numbers[5])", "-filer.port=\(numbers[6])",
            "-filer.port.grpc=\(numbers[7])", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=20",
            "-master.volumeSizeLimitMB=256",
        ]
    }

    /// Whether it made the bucket: then it is ready.
    private func makeBucket() async throws -> Bool {
        guard ports[0].answers else { return false }
        return try await aws(["s3api", "create-bucket", "--bucket", Self.bucket]).ending == .exited(0)
    }

    /// `s3://BUCKET/KEY`.
    func object(_ key: String) -> String { "s3://\(Self.bucket)/\(key)" }

    /// Runs swoop with the store's URL and somebody's credentials.
    func swoop(_ arguments: [String]) async throws -> RunResult {
        let result = try await Tool.run("/usr/bin/env", environment + [try SwoopProgram.executable] + arguments)
        #expect(!(result.output + result.error).contains("s3cret"))
        return result
    }

    /// The words in front of a command that is to be started beside a test.
    var environment: [String] {
        Self.credentials + ["AWS_ENDPOINT_URL=\(url)", "XDG_STATE_HOME=\(directory)/state", "HOME=\(directory)"]
    }

    /// Runs Amazon's own program.
    @discardableResult
    func aws(_ arguments: [String]) async throws -> RunResult {
        try await Tool.run("/usr/bin/env", environment + ["aws", "--endpoint-url", url] + arguments)
    }

    /// Runs s5cmd.
    func s5cmd(_ arguments: [String]) async throws -> RunResult {
        try await Tool.run("/usr/bin/env", environment + ["s5cmd", "--endpoint-url", url] + arguments)
    }
}
