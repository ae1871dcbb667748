// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("Discard store", .timeLimit(.minutes(10)))
struct DiscardStoreTests {
    @Test("hashes bytes that arrive in any order and leaves no file")
    func digests() async throws {
        try await withTemporaryDirectory { directory in
            let store = DiscardStore(digests: [.sha1], directories: ["/nowhere", directory])
            #expect(try await store.prepare(name: "x", create: true, replacing: false) == .fresh)
            try await store.begin(PartialPlan(length: 3, journal: nil))
            try store.write(Array("bc".utf8), at: 1)
            try store.write(Array("a".utf8), at: 0)
            #expect(try await store.digests(length: 3).map(\.hex) == ["a9993e364706816aba3e25717850c26c9cd0d89d"])
            try await store.publish(replacing: false)
            #expect(store.path == nil)
            #expect(try TestFiles.names(in: directory) == [])
            await store.close()
        }
    }

    @Test("starts over when it begins again")
    func startsOver() async throws {
        let store = DiscardStore(digests: [.sha1])
        for text in ["wrong", "abc"] {
            try await store.begin(PartialPlan(length: nil, journal: nil))
            try store.write(Array(text.utf8), at: 0)
            store.hash(upTo: Int64(text.utf8.count))
        }
        #expect(try await store.digests(length: 3).map(\.hex) == ["a9993e364706816aba3e25717850c26c9cd0d89d"])
        await store.close()
    }

    @Test("needs no file without digests")
    func noDigests() async throws {
        let store = DiscardStore(digests: [], directories: ["/nowhere"])
        try await store.begin(PartialPlan(length: 3, journal: nil))
        try store.write([1, 2, 3], at: 1 << 50)
        #expect(try await store.digests(length: 3) == [])
        await store.close()
    }

    @Test("says where it could not make its file")
    func nowhere() async throws {
        let store = DiscardStore(digests: [.md5], directories: ["/nowhere"])
        let error = try await expectFailure(.badTarget) { try await store.begin(PartialPlan(length: 3, journal: nil)) }
        #expect(error.failure.message.contains("/nowhere"))
    }

    @Test(
        "hashes more than the disk holds, because it gives back what is hashed",
        .enabled(if: SmallFileSystem.isUsable, "mounting a small file system needs root")
    )
    func bounded() async throws {
        try await SmallFileSystem.with(size: "32m") { directory, _ in
            let store = DiscardStore(digests: [.sha256], directories: [directory])
            try await store.begin(PartialPlan(length: 128 << 20, journal: nil))
            let block = [UInt8](repeating: 1, count: 1 << 20)
            var written = Int64(0)
            for _ in 0..<16 {
                for _ in 0..<8 {
                    try store.write(block, at: written)
                    written += 1 << 20
                }
                // Waits for the follower as a transfer that is slower than the hash would.
                _ = try await store.digests(length: written)
            }
            await store.close()
        }
    }
}
