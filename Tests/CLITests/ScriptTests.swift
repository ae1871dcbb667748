// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopChaos
import SwoopTestKit
import Testing

@Suite("Scripts against the built program", .takingTurns, .serialized, .timeLimit(.minutes(10)))
struct ScriptTests {
    /// Scripts that mount a file system need a privilege; in CI they must have it.
    private static let runnable = Script.all.filter { !$0.needsMount || geteuid() == 0 || getenv("CI") != nil }

    @Test("the program is built and the scripts are found")
    func isReady() {
        #expect(FileManager.default.isExecutableFile(atPath: ScriptRun.program))
        #expect(Script.all.count > 10)
    }

    @Test("does what it says", arguments: runnable)
    func script(_ script: Script) async throws {
        try await withTemporaryDirectory { directory in
            try await withTemporaryDirectory { scratch in
                try await StatusServer.with { status in
                    try await ChaosServer.with { chaos in
                        var run = try ScriptRun(
                            script,
                            directory: directory,
                            scratch: scratch,
                            chaos: chaos,
                            status: status
                        )
                        try await run.run()
                    }
                }
            }
        }
    }
}
