// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopTestKit

/// A proxy from the distribution, started for one test on a free port.
struct RealProxy: Sendable {
    enum Program: String, CaseIterable, Sendable {
        case squid, microsocks, haproxy
    }

    let program: Program
    let port: LoopbackPort
    let directory: String

    static var areInstalled: Bool { Program.allCases.allSatisfy { Tool.find($0.rawValue) != nil } }

    var url: String { "\(program == .microsocks ? "socks5" : "http")://127.0.0.1:\(port.number)" }

    /// Runs a proxy for as long as `body` runs.
    ///
    /// - Parameters:
    ///   - program: which one.
    ///   - rules: squid's `http_access` and what they need, where `$CHECK` stands for a program that knows `ann` by
    ///     `s3cret`; haproxy's rules about requests, and its `server`; of microsocks, options.
    ///   - body: uses it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or why the proxy did not start.
    static func with<R>(
        _ program: Program,
        rules: String = "http_access allow all",
        _ body: (RealProxy) async throws -> R
    ) async throws -> R {
        guard let executable = Tool.find(program.rawValue) else {
            throw Tool.Failure(description: "\(program.rawValue) is missing: run scripts/install-test-servers")
        }
        return try await withTemporaryDirectory { directory in
            // Squid, which is another user, asks it line by line.
            let check = "#!/bin/sh\nwhile read line; do [ \"$line\" = 'ann s3cret' ] && echo OK || echo ERR; done\n"
            try TestFiles.write(Array(check.utf8), to: "\(directory)/check")
            for path in [directory, "\(directory)/check"] { chmod(path, 0o755) }
            for _ in 0..<5 {
                guard let port = LoopbackPort.findFree() else { break }
                let proxy = RealProxy(program: program, port: port, directory: directory)
                let rules = rules.replacing("$CHECK", with: "\(directory)/check")
                if let result = try await proxy.run(executable, rules, body) { return result }
            }
            throw Tool.Failure(description: "\(executable) found no free port")
        }
    }

    /// Starts the program; `nil` if it ends before it listens.
    private func run<R>(
        _ executable: String,
        _ rules: String,
        _ body: (RealProxy) async throws -> R
    ) async throws -> R? {
        let configuration = "\(directory)/proxy.conf"
        try Data((program == .haproxy ? haproxy(rules) : squid(rules)).utf8).write(to: URL(filePath: configuration))
        let arguments =
            switch program {
            case .squid: ["-N", "-f", configuration]
            case .haproxy: ["-db", "-f", configuration]
            case .microsocks:
                ["-i", "127.0.0.1", "-p", "\(port.number)"] + rules.split(separator: " ").map(String.init)
            }
        return try await ChildProcess.with(executable, arguments) { child in
            while !port.answers {
                guard child.ending == nil else { return nil }
                try await Task.sleep(for: .milliseconds(5))
            }
            let result = try await body(self)
            child.signal(SIGKILL)
            await child.wait()
            return result
        }
    }

    private func haproxy(_ rules: String) -> String {
        """
        global
            maxconn 200
        defaults
            mode http
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        listen front
            bind 127.0.0.1:\(port.number)
            stick-table type ip size 1k expire 60s store conn_cur
            tcp-request connection track-sc0 src
            \(rules)

        """
    }

    private func squid(_ rules: String) -> String {
        """
        http_port 127.0.0.1:\(port.number)
        pid_filename none
        cache_log /dev/null
        access_log none
        cache deny all
        cache_mem 8 MB
        coredump_dir /tmp
        netdb_filename none
        \(rules)

        """
    }
}
