// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension ProgramTests {
    @Suite("Published files", .realServers)
    struct PublishedFiles {
        /// A server and a way to reach it.
        struct Place: CustomTestStringConvertible, Sendable {
            let program: RealServer.Program
            let scheme: RealServer.Scheme

            static let all = RealServer.Program.allCases.flatMap { program in
                RealServer.Scheme.allCases.map { Place(program: program, scheme: $0) }
            }

            var testDescription: String { "\(program.rawValue), \(scheme.rawValue)" }
        }

        @Test(
            "is exactly what the server has, with its digest",
            arguments: Place.all,
            [0, 1, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, 100 << 20] as [Int64]
        )
        func exactBytes(place: Place, length: Int64) async throws {
            try await RealServer.with(.init(program: place.program, scheme: place.scheme)) { server in
                let source = "\(server.files)/file.bin"
                let target = "\(server.directory)/fetched.bin"
                try await Tool.makeFile(source, length: length)
                let result = try await SwoopProgram.get(
                    ["-q", "-o", target, "--digest", "sha-256"] + server.trust + [server.url("file.bin")]
                )
                #expect(result.ending == .exited(0), "\(result.error)")
                #expect(result.error.isEmpty)
                #expect(result.output == "\(try await Tool.sha256(source))  \(target)\n")
                #expect(try await Tool.isSame(source, target))
                #expect(server.leftovers(of: "fetched.bin").isEmpty)
            }
        }
    }
}
