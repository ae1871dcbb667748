// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

extension LibraryTests {
    @Suite("What the user demands")
    struct Demands {
        @Test("a file that changes during the download is refused with --on-change fail")
        func changeFails() async throws {
            try await Download.with(.changesMidway, "9MiB.bin") { download in
                download.options.onChange = .fail
                try download.expectFailure(await download.run(), [.changed])
            }
        }

        @Test("bytes with another digest are not kept", .timeLimit(.minutes(2)), arguments: DigestAlgorithm.allCases)
        func wrongDigest(algorithm: DigestAlgorithm) async throws {
            try await Download.with(.plain, "5MiB.bin") { download in
                let length = algorithm.byteCount
                download.options.expectedDigest = Digest.parse(
                    "\(algorithm.rawValue):" + String(repeating: "ab", count: length)
                )
                try #require(download.options.expectedDigest != nil)
                try download.expectFailure(await download.run(), [.digestMismatch])
                #expect(try download.names() == [])
            }
        }

        @Test("bytes that are fetched only to be hashed leave no file")
        func discarded() async throws {
            try await Download.with(.plain, "9MiB.bin") { download in
                let expected = try await download.digest()
                var request = TransferRequest(download.url, to: .discard, options: download.options)
                request.options.digestAlgorithm = .sha256
                let result = try await TransferClient.download(request)
                #expect(result.digests == [expected])
                #expect(result.path == nil)
                #expect(try download.names() == [])
            }
        }

        @Test("bytes with the right digest are verified")
        func rightDigest() async throws {
            try await Download.with(.reset, "9MiB.bin") { download in
                download.options.digestAlgorithm = .sha256
                let first = await download.run()
                try download.expectBytes(first)
                #expect(first.result?.isVerified == false)
                download.options.expectedDigest = first.result?.digests.first
                try #require(download.options.expectedDigest != nil)
                download.options.existingTarget = .overwrite
                let second = await download.run()
                try download.expectBytes(second)
                #expect(second.result?.isVerified == true)
            }
        }

        @Test(
            "a file that is too large is refused, and nothing of it stays",
            arguments: [Scenario.plain, .noRange, .noLength, .redirects]
        )
        func tooLarge(scenario: Scenario) async throws {
            try await Download.with(scenario, "5MiB.bin") { download in
                download.options.maximumLength = 5 << 20 - 1
                try download.expectFailure(await download.run(), [.tooLarge])
                #expect(try download.names() == [])
            }
        }

        @Test(
            "a file that is just small enough is fetched",
            arguments: [Scenario.plain, .noRange, .noLength]
        )
        func justSmallEnough(scenario: Scenario) async throws {
            try await Download.with(scenario, "5MiB.bin") { download in
                download.options.maximumLength = 5 << 20
                try download.expectBytes(await download.run())
            }
        }

        @Test("what is there already is left alone, skipped or replaced, as asked")
        func existing() async throws {
            try await Download.with(.plain, "2MiB.bin") { download in
                try TestFiles.write(Array("mine".utf8), to: download.target)
                #expect(await download.run().error?.code == .targetExists)
                download.options.existingTarget = .skip
                #expect(await download.run().result?.wasSkipped == true)
                #expect(TestFiles.read(download.target) == Array("mine".utf8))
                #expect(download.requests.isEmpty)
                download.options.existingTarget = .overwrite
                try download.expectBytes(await download.run())
            }
        }
    }
}
