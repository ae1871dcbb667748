// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopChaos
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("The library against a chaos origin")
struct LibraryTests {
    @Suite("What the origin sees")
    struct OriginsView {
        @Test("every byte is asked for once, over several connections", .timeLimit(.minutes(2)))
        func parallel() async throws {
            try await Download.with(.plain, "16MiB.bin", query: "rate=8M") { download in
                try download.expectBytes(await download.run())
                #expect(download.server.statistics.maximumConnections == 4)
                let asked = download.requests.compactMap(\.range?.count).reduce(0, +)
                #expect(download.requests.allSatisfy { $0.status == 206 })
                #expect(asked >= 16 << 20)
            }
        }

        @Test("as many connections are used as asked for", .timeLimit(.minutes(2)), arguments: [1, 2, 16])
        func connections(count: Int) async throws {
            try await Download.with(.plain, "24MiB.bin", query: "rate=4M&total=32M") { download in
                download.options.connections = count
                let outcome = await download.run()
                try download.expectBytes(outcome)
                #expect(download.server.statistics.maximumRequests <= count)
                #expect(outcome.result?.connections.map(\.connection) == Array(0..<count))
            }
        }

        @Test("no HEAD and no conditional request before the first answer", .timeLimit(.minutes(2)))
        func firstRequest() async throws {
            try await Download.with(.plain, "6MiB.bin") { download in
                try download.expectBytes(await download.run())
                #expect(download.requests.allSatisfy { $0.method == "GET" })
                let first = try #require(download.requests.first)
                #expect(first.field("range") != nil)
                #expect(first.field("if-range") == nil)
                #expect(download.requests.dropFirst().allSatisfy { $0.field("if-range") != nil })
                #expect(download.requests.allSatisfy { $0.field("accept-encoding") == "identity" })
            }
        }

        @Test("an origin without ranges is asked once, over one connection", .timeLimit(.minutes(2)))
        func noRange() async throws {
            try await Download.with(.noRange, "9MiB.bin") { download in
                try download.expectBytes(await download.run())
                #expect(download.requests.count == 1)
            }
        }

        @Test("an origin that ignores If-Range still serves several connections", .timeLimit(.minutes(2)))
        func ifRangeIgnored() async throws {
            try await Download.with(.ifRangeIgnored, "16MiB.bin", query: "rate=8M") { download in
                let outcome = await download.run()
                try download.expectBytes(outcome)
                let delivering = outcome.result?.connections.count { $0.bytes > 0 } ?? 0
                #expect(delivering == 4)
                #expect(download.requests.count { $0.status == 200 } <= 4)
            }
        }

        @Test(
            "what arrived before a connection closed is not asked for again",
            .timeLimit(.minutes(2)),
            arguments: ["", "bytes=1000", "bytes=20K", "bytes=600K"]
        )
        func shortBodies(query: String) async throws {
            let length: Int64 = query == "bytes=1000" ? 50_000 : 9 << 20
            try await Download.with(.shortBody, "\(length).bin", query: query) { download in
                // Fixed, so that no tail is given away while it arrives.
                download.options.segmentSize = 1 << 20
                try download.expectBytes(await download.run())
                #expect(download.server.statistics.bytesSent == length)
            }
        }

        @Test(
            "secrets go to the named origin and never to another",
            .timeLimit(.minutes(2)),
            arguments: ["302", "307", "308"]
        )
        func secrets(status: String) async throws {
            try await Download.with(.redirectOtherOrigin, "9MiB.bin", query: "status=\(status)") { download in
                for (name, value) in [("X-Api-Key", "k3y"), ("Cookie", "session=s3cret"), ("Accept-Language", "de")] {
                    download.http.fields.add(name, value)
                }
                download.http.credentials = .init(user: "ann", password: "s3cret")
                download.http.referer = "http://intranet.example/s3cret"
                try download.expectBytes(await download.run())
                let named = download.requests.filter { $0.listener == .main }
                let other = download.requests.filter { $0.listener == .other }
                let secrets = ["Authorization", "Cookie", "X-Api-Key", "Referer", "Accept-Language"]
                #expect(!named.isEmpty && !other.isEmpty)
                #expect(named.allSatisfy { request in secrets.allSatisfy { request.field($0) != nil } })
                #expect(other.allSatisfy { request in secrets.allSatisfy { request.field($0) == nil } })
                #expect(!other.contains { request in request.fields.contains { $0.value.contains("s3cret") } })
            }
        }

        @Test("a name and password in the URL do not follow a redirect elsewhere", .timeLimit(.minutes(2)))
        func userInformation() async throws {
            try await Download.with(.redirectOtherOrigin, "6MiB.bin") { download in
                download.url = download.url.replacing("http://", with: "http://ann:s3cret@")
                try download.expectBytes(await download.run())
                let named = download.requests.filter { $0.listener == .main }
                let other = download.requests.filter { $0.listener == .other }
                #expect(Set(named.map { $0.field("authorization") }) == ["Basic YW5uOnMzY3JldA=="])
                #expect(Set(other.map { $0.field("authorization") }) == [nil])
            }
        }

        @Test(
            "an origin that asks to wait is left alone until then",
            .timeLimit(.minutes(2)),
            arguments: ["form=seconds", "form=date", "n=1&seconds=2", "n=3&form=date"]
        )
        func retryAfter(query: String) async throws {
            try await Download.with(.retryAfter, "9MiB.bin", query: query) { download in
                try download.expectBytes(await download.run())
                #expect(download.requests.compactMap(\.violation) == [])
                #expect(download.requests.contains { $0.status == 503 })
            }
        }

        @Test(
            "an origin that admits two connections turns few away",
            .timeLimit(.minutes(2)),
            arguments: ["503", "429", "403", "refuse", "reset"]
        )
        func ceiling(kind: String) async throws {
            try await Download.with(.tooMany, "24MiB.bin", query: "n=2&rate=4M&kind=\(kind)") { download in
                download.options.connections = 8
                try download.expectBytes(await download.run())
                let turnedAway = download.requests.count { $0.status != 206 }
                // A connection lost without a word may be just that, and is tried again a few times.
                let isSilent = kind == "refuse" || kind == "reset"
                #expect(turnedAway <= (isSilent ? 64 : 8), "turned away \(turnedAway) times")
            }
        }
    }

    @Suite("Stopping and going on")
    struct Stopping {
        private static let slow = "rate=1M&total=4M"

        /// Whether a third of the file is there.
        private static let isHalfway: @Sendable (TransferNotice, TransferProgress) -> Bool = { notice, progress in
            guard case .segment = notice, let length = progress.length else { return false }
            return progress.bytes >= length / 3
        }

        @Test("a cancelled download leaves a partial, and the next run resumes it", .timeLimit(.minutes(2)))
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

        @Test("a cancelled download of unknown length leaves nothing", .timeLimit(.minutes(2)))
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

        @Test("a partial can be ignored", .timeLimit(.minutes(2)))
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
            .timeLimit(.minutes(2)),
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

        @Test("a partial that belongs to another URL is left alone", .timeLimit(.minutes(2)))
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

        @Test("a second download to the same file is told of the first", .timeLimit(.minutes(2)))
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
            .timeLimit(.minutes(2)),
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

        @Test("a file that changed since is refused with --on-change fail, the partial kept", .timeLimit(.minutes(2)))
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

    @Suite("What the user demands")
    struct Demands {
        @Test("a file that changes during the download is refused with --on-change fail", .timeLimit(.minutes(2)))
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

        @Test("bytes that are fetched only to be hashed leave no file", .timeLimit(.minutes(2)))
        func discarded() async throws {
            try await Download.with(.plain, "9MiB.bin") { download in
                let expected = try await download.digest()
                var request = TransferRequest(download.url, to: .discard, options: download.options)
                request.options.digestAlgorithm = .sha256
                let result = try await TransferClient().download(request)
                #expect(result.digests == [expected])
                #expect(result.path == nil)
                #expect(try download.names() == [])
            }
        }

        @Test("bytes with the right digest are verified", .timeLimit(.minutes(2)))
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
            .timeLimit(.minutes(2)),
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
            .timeLimit(.minutes(2)),
            arguments: [Scenario.plain, .noRange, .noLength]
        )
        func justSmallEnough(scenario: Scenario) async throws {
            try await Download.with(scenario, "5MiB.bin") { download in
                download.options.maximumLength = 5 << 20
                try download.expectBytes(await download.run())
            }
        }

        @Test("what is there already is left alone, skipped or replaced, as asked", .timeLimit(.minutes(2)))
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
