// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swoop
import SwoopCore
import SwoopTestKit
import Testing

extension ProgramTests {
    @Suite("Responses that are broken off", .realServers)
    struct BrokenOff {
        /// nginx does not listen while it sends: a connection that is closed with ceremony goes on to bring bytes.
        @Test("a connection over TLS that is closed brings nothing more")
        func overTLS() async throws {
            let plan = RealServer.Plan(
                program: .nginx,
                scheme: .https,
                rate: 16 << 20,
                extra: "access_log sent combined;"
            )
            try await RealServer.with(plan) { server in
                try await Tool.makeFile("\(server.files)/file.bin", length: 64 << 20)
                var request = TransferRequest(server.url("file.bin"), to: .discard)
                request.options.connections = 1
                request.http.acceptsAnyCertificate = true
                let (monitor, wanted) = (TransferMonitor(), request)
                let download = Task { try await TransferClient.download(wanted, monitor: monitor) }
                while monitor.progress.bytes == 0 { try await Task.sleep(for: .milliseconds(5)) }
                download.cancel()
                _ = await download.result
                let log = "\(server.directory)/sent"
                while try String(contentsOfFile: log, encoding: .utf8).isEmpty {
                    try await Task.sleep(for: .milliseconds(20))
                }
                // ... "GET /file.bin HTTP/1.1" 206 BYTES ...
                let line = try String(contentsOfFile: log, encoding: .utf8)
                let sent = try #require(
                    line.split(separator: " 206 ").last?.split(separator: " ").first.flatMap { Int($0) }
                )
                #expect(sent < 48 << 20, "\(line)")
            }
        }
    }
}
