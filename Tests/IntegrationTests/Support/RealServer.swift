// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopTestKit
import Testing

/// A server from the distribution, started for one test on a free port with a configuration of its own.
struct RealServer: Sendable {
    enum Program: String, CaseIterable, Sendable {
        case nginx, apache, lighttpd

        var executable: String? {
            switch self {
            case .nginx: Tool.find("nginx")
            case .apache: Tool.find("apache2") ?? Tool.find("httpd")
            case .lighttpd: Tool.find("lighttpd")
            }
        }
    }

    enum Scheme: String, CaseIterable, Sendable {
        case http, https
    }

    /// What is to be served.
    struct Plan: CustomTestStringConvertible, Sendable {
        var program: Program
        var scheme = Scheme.http
        /// Bytes per second on each connection; a multiple of 1024.
        var rate: Int64?
        /// What the certificate is for.
        var certificateNames = "IP:127.0.0.1,DNS:localhost"
        /// nginx only: more of its `server` block, with `$PORT` for its port.
        var extra = ""

        var testDescription: String { "\(program.rawValue), \(scheme.rawValue)" }
    }

    let plan: Plan
    let port: LoopbackPort
    /// Its configuration, its logs, and the test's own files.
    let directory: String
    let certificates: Certificates?

    /// What it serves.
    var files: String { "\(directory)/files" }

    func url(_ path: String, host: String = "127.0.0.1") -> String {
        "\(plan.scheme.rawValue)://\(host):\(port.number)/\(path)"
    }

    /// The options that make `swoop` and curl trust it.
    var trust: [String] { certificates.map { ["--cacert", $0.authority] } ?? [] }

    /// Whether every program is there that the tests start.
    static var areInstalled: Bool {
        Program.allCases.allSatisfy { $0.executable != nil } && Tool.find("openssl") != nil && RealProxy.areInstalled
            && RealStore.areInstalled
    }

    /// CI must not pass because the servers are missing.
    static var areExpected: Bool { areInstalled || ProcessInfo.processInfo.environment["CI"] != nil }

    /// Runs a server for as long as `body` runs.
    static func with<R>(_ plan: Plan, _ body: (RealServer) async throws -> R) async throws -> R {
        guard let executable = plan.program.executable else {
            throw Tool.Failure(description: "\(plan.program.rawValue) is missing: run scripts/install-test-servers")
        }
        return try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(atPath: "\(directory)/files", withIntermediateDirectories: false)
            let names = plan.certificateNames
            let certificates =
                plan.scheme == .https ? try await Certificates.make(in: directory, names: names) : nil
            for _ in 0..<5 {
                guard let port = LoopbackPort.findFree() else { break }
                let server = RealServer(plan: plan, port: port, directory: directory, certificates: certificates)
                if let result = try await server.run(executable, body) { return result }
            }
            throw Tool.Failure(description: "\(executable) found no free port")
        }
    }

    /// Starts the program; `nil` if it ends before it listens and its log blames the port.
    private func run<R>(_ executable: String, _ body: (RealServer) async throws -> R) async throws -> R? {
        let configuration = "\(directory)/\(plan.program.rawValue).conf"
        try Data(self.configuration.utf8).write(to: URL(filePath: configuration))
        return try await ChildProcess.with(executable, arguments(configuration)) { child in
            guard try await isReady(child) else {
                let complaint = await child.result().error + log
                if complaint.contains("ddress already in use") { return nil }
                throw Tool.Failure(description: "\(executable) did not start: \(complaint)")
            }
            let result = try await body(self)
            child.signal(SIGTERM)
            await child.wait()
            return result
        }
    }

    private func arguments(_ configuration: String) -> [String] {
        switch plan.program {
        case .nginx: ["-p", directory, "-c", configuration, "-e", "\(directory)/log"]
        case .apache: ["-f", configuration, "-DFOREGROUND"]
        case .lighttpd: ["-D", "-f", configuration]
        }
    }

    /// Waits until it can be connected to; false if it ends before.
    private func isReady(_ child: ChildProcess) async throws -> Bool {
        while !port.answers {
            guard child.ending == nil else { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
        return true
    }

    private var log: String {
        (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? ""
    }
}
