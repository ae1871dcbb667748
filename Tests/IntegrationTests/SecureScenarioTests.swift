// SPDX-License-Identifier: Apache-2.0

import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

/// Origins that speak TLS, when the user has said whose certificates to trust.
@Suite("Scenarios over TLS", .takingTurns, .timeLimit(.minutes(10)))
struct SecureScenarioTests {
    private func download(
        _ scenario: Scenario,
        isSecure: Bool = false,
        isTrusted: Bool = true,
        trustsAll: Bool = false,
        _ body: (Download, Download.Outcome) throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with(.init(isSecure: isSecure)) { server in
                let authority = "\(directory)/authority.pem"
                try TestFiles.write(Array(server.authority.utf8), to: authority)
                try await withTemporaryDirectory { directory in
                    let name = "9MiB.bin"
                    var download = Download(
                        server: server,
                        directory: directory,
                        name: name,
                        url: server.url(scenario, name),
                        options: Download.impatient
                    )
                    download.http.authorityFile = isTrusted ? authority : nil
                    download.http.acceptsAnyCertificate = trustsAll
                    try body(download, await download.run())
                }
            }
        }
    }

    @Test(
        "faults are dealt with as they are without",
        arguments: [.plain, .shortBody, .reset, .changesMidway, .redirectOtherOrigin, .noRange, .tooMany] as [Scenario]
    )
    func faults(scenario: Scenario) async throws {
        try await download(scenario, isSecure: true) { download, outcome in
            #expect(download.url.hasPrefix("https://"))
            try download.expectBytes(outcome, version: scenario == .changesMidway ? 2 : 1)
        }
    }

    @Test(
        "a certificate that is not right is refused, and what is wrong with it is said",
        arguments: [
            (.tlsExpired, "expired"), (.tlsWrongHost, "another host"), (.tlsSelfSigned, "not trusted"),
            (.tlsOld, "TLS 1.2"),
        ] as [(Scenario, String)]
    )
    func refused(scenario: Scenario, words: String) async throws {
        try await download(scenario) { download, outcome in
            let error = try download.expectFailure(outcome, [.tlsRefused])
            #expect("\(error)".contains(words), "\(error)")
            #expect(try download.names().isEmpty)
        }
    }

    @Test(
        "it is accepted where the user says so",
        arguments: [.tlsExpired, .tlsWrongHost, .tlsSelfSigned] as [Scenario]
    )
    func accepted(scenario: Scenario) async throws {
        try await download(scenario, isTrusted: false, trustsAll: true) { download, outcome in
            try download.expectBytes(outcome)
        }
    }

    @Test("what was secure does not go on without TLS", arguments: [false, true])
    func downgrade(isSecure: Bool) async throws {
        try await download(.redirectHTTPSHTTP, isSecure: isSecure) { download, outcome in
            try download.expectFailure(outcome, [.redirectRefused])
        }
    }
}
