// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

extension LibraryTests {
    @Suite("Stopping and going on")
    struct Stopping {
        private static let slow = "rate=1M&total=4M"

        /// Whether a third of the file is there.
        private static let isHalfway: @Sendable (TransferNotice, TransferProgress) -> Bool = { notice, progress in
            guard case .segment = notice, let length = progress.length else { return false }
            return progress.bytes >= length / 3
        }

        @Test("a cancelled download leaves a partial, and the next run resumes it")
        func cancellation() async throws {
            try await Download.with(.throttled, "6MiB.bin", query: Self.slow) { download in
                download.options.segmentSize = 128 << 10
                let error = try download.expectFailure(try await download.runUntil(Self.isHalfway), [.cancelled])
                #expect(error.partialPath == download.target + ".part")
                #expect(try download.names() == ["6MiB.bin.part", "6MiB.bin.part.journal"])
                let outcome = await download.run()
                try download.expectBytes(outcome)
                #expect((outcome.result?.resumedBytes ?? 0) >= 2 << 20)
                #expect(download.server.statistics.bytesSent < 8 << 20)
            }
        }

        @Test("a cancelled download of unknown length leaves nothing")
        func cancellationWithoutLength() async throws {
            try await Download.with(.noLength, "6MiB.bin", query: "rate=4M") { download in
                let outcome = try await download.runUntil { notice, _ in
                    if case .started = notice { return true }
                    return false
                }
                try download.expectFailure(outcome, [.cancelled])
                #expect(try download.names() == [])
            }
        }

        @Test("a partial can be ignored")
        func noResume() async throws {
            try await Download.with(.throttled, "3MiB.bin", query: Self.slow) { download in
                download.options.segmentSize = 128 << 10
                try download.expectFailure(try await download.runUntil(Self.isHalfway), [.cancelled])
                download.options.resume = false
                let outcome = await download.run()
                try download.expectBytes(outcome)
                #expect(outcome.result?.resumedBytes == 0)
            }
        }

        @Test(
            "a partial of a version that cannot be recognised is resumed only if the digest is known",
            arguments: [true, false]
        )
        func withoutValidator(knowsDigest: Bool) async throws {
            try await Download.with(.throttled, "6MiB.bin", query: Self.slow + "&etag=none&lastmod=0") { download in
                download.options.segmentSize = 128 << 10
                if knowsDigest { download.options.expectedDigest = try await download.digest() }
                try download.expectFailure(try await download.runUntil(Self.isHalfway), [.cancelled])
                let outcome = await download.run()
                try download.expectBytes(outcome)
                #expect(((outcome.result?.resumedBytes ?? 0) > 0) == knowsDigest)
                #expect(outcome.result?.isVerified == knowsDigest)
            }
        }

        @Test("a partial that belongs to another URL is left alone")
        func foreign() async throws {
            try await Download.with(.throttled, "6MiB.bin", query: Self.slow) { download in
                download.options.segmentSize = 128 << 10
                try download.expectFailure(try await download.runUntil(Self.isHalfway), [.cancelled])
                let partial = TestFiles.read(download.target + ".part")
                let url = download.url
                download.url = download.server.url(.plain, "7MiB.bin")
                try download.expectFailure(await download.run(), [.foreignPartial])
                #expect(TestFiles.read(download.target + ".part") == partial)
                download.url = url
                let outcome = await download.run()
                try download.expectBytes(outcome)
                #expect((outcome.result?.resumedBytes ?? 0) > 0)
            }
        }

        @Test("a second download to the same file is told of the first")
        func locked() async throws {
            try await Download.with(.throttled, "3MiB.bin", query: Self.slow) { download in
                let (starts, start) = AsyncStream.makeStream(of: Void.self)
                let monitor = TransferMonitor { notice, _ in
                    if case .started = notice { start.finish() }
                }
                async let first = download.run(monitor: monitor)
                for await _ in starts {}
                try download.expectFailure(await download.run(), [.locked])
                try download.expectBytes(await first)
            }
        }

        @Test(
            "a file that changed since the partial was made is fetched anew",
            arguments: ["", "&delta=1000", "&delta=-1M", "&etag=none", "&etag=weak"]
        )
        func changedSince(query: String) async throws {
            try await Download.with(.throttled, "6MiB.bin", query: Self.slow + query) { download in
                download.options.segmentSize = 128 << 10
                try download.expectFailure(try await download.runUntil(Self.isHalfway), [.cancelled])
                download.server.bumpVersion(.throttled, "6MiB.bin")
                let notices = NoticeLog()
                let outcome = await download.run(monitor: TransferMonitor { notice, _ in notices.add(notice) })
                let growth: Int64 = query.contains("delta=1000") ? 1_000 : query.contains("delta=-1M") ? -1 << 20 : 0
                try download.expectBytes(outcome, version: 2, length: 6 << 20 + growth)
                #expect(outcome.result?.resumedBytes == 0)
                #expect(notices.saysWhyItStartedAgain)
            }
        }

        @Test("a file that changed since is refused with --on-change fail, the partial kept")
        func changeSinceFails() async throws {
            try await Download.with(.throttled, "6MiB.bin", query: Self.slow) { download in
                download.options.segmentSize = 128 << 10
                try download.expectFailure(try await download.runUntil(Self.isHalfway), [.cancelled])
                download.server.bumpVersion(.throttled, "6MiB.bin")
                download.options.onChange = .fail
                try download.expectFailure(await download.run(), [.changed])
                #expect(try download.names() == ["6MiB.bin.part", "6MiB.bin.part.journal"])
            }
        }
    }
}
