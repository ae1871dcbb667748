// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("List flags")
struct ListFlagsTests {
    private func flags(_ arguments: String...) throws -> ListFlags {
        try #require(try Program.parse(arguments) as? Get).list
    }

    @Test("reads lists, jobs, shares and manifests")
    func reads() throws {
        let flags = try flags("-i-", "-j16", "--shard", "2/5", "--manifest", "m", "http://h/x")
        #expect(flags.inputFile == "-")
        #expect(flags.jobs == 16)
        #expect(flags.shard?.description == "2/5")
        #expect(flags.manifest == "m")
        #expect(try self.flags("--input-file", "l", "--jobs", "1").inputFile == "l")
    }

    @Test("the environment shares out lists only, and the command line goes before it")
    func detection() throws {
        let environment = ["JOB_COMPLETION_INDEX": "1", "SWOOP_SHARD_COUNT": "4"]
        let listed = try flags("-i", "l").share { environment[$0] }
        #expect(listed.shard.description == "1/4" && listed.variable == "JOB_COMPLETION_INDEX")
        let typed = try flags("-i", "l", "--shard", "0/1").share { environment[$0] }
        #expect(typed.shard == .whole && typed.variable == nil)
        let url = try flags("http://h/x").share { environment[$0] }
        #expect(url.shard == .whole && url.variable == nil)
        #expect(try flags("-i", "l").share { _ in nil }.shard == .whole)
        #expect(throws: (any Error).self) { try flags("-i", "l").share { $0 == "JOB_COMPLETION_INDEX" ? "1" : nil } }
    }
}
