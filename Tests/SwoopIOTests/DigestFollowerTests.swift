// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("Digest follower", .timeLimit(.minutes(10)))
struct DigestFollowerTests {
    /// SHA-256 of a million times the letter a, from FIPS 180-2 appendix B.3.
    static let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

    @Test("hashes segments that arrive in any order", arguments: 0..<4)
    func anyOrder(seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), digests: [.sha256]) { store in
                try await store.start(length: 1_000_000)
                var random = SplitMix64(seed: seed)
                var done = RangeSet()
                for start in stride(from: Int64(0), to: 1_000_000, by: 12_500).shuffled(using: &random) {
                    try store.write([UInt8](repeating: UInt8(ascii: "a"), count: 12_500), at: start)
                    done.insert(ByteRange(start, start + 12_500))
                    store.hash(upTo: done.frontier)
                }
                #expect(try await store.digests(length: 1_000_000).map(\.hex) == [Self.million])
            }
        }
    }

    @Test("hashes everything at the end if nobody told it of a frontier")
    func noFrontier() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), digests: [.sha256]) { store in
                try await store.start(length: 1_000_000)
                try store.write([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), at: 0)
                #expect(try await store.digests(length: 1_000_000).map(\.hex) == [Self.million])
                #expect(try await store.digests(length: 1_000_000).map(\.hex) == [Self.million])
            }
        }
    }

    @Test("hashes what an earlier run wrote")
    func resumed() async throws {
        try await withTemporaryDirectory { directory in
            let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 500_000)
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 1_000_000)
                try store.write(letters, at: 0)
            }
            try await withStore(.directory(directory), digests: [.sha256]) { store in
                try await store.start(length: 1_000_000, held: RangeSet([ByteRange(0, 500_000)]))
                store.hash(upTo: 500_000)
                try store.write(letters, at: 500_000)
                #expect(try await store.digests(length: 1_000_000).map(\.hex) == [Self.million])
            }
        }
    }

    @Test("fails if another program shortened the file")
    func shortened() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), digests: [.sha256]) { store in
                try await store.start(length: 1_000)
                try TestFiles.write([1], to: "\(directory)/other")
                try #require(truncate("\(directory)/big.bin.part", 10) == 0)
                let error = try await expectFailure(.inputOutput) { _ = try await store.digests(length: 1_000) }
                #expect(error.failure.message.contains("shortened"))
            }
        }
    }

    @Test("tells whoever waits for digests that it was stopped")
    func stoppedWhileWaiting() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), digests: [.sha256]) { store in
                try await store.start(length: 1 << 40)
                async let closed: Void = store.close()
                try await expectFailure(.cancelled) { _ = try await store.digests(length: 1 << 40) }
                await closed
            }
        }
    }

    @Test("ends without hashing the rest when the store is closed")
    func closed() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), digests: [.sha256, .sha512]) { store in
                try await store.start(length: 1 << 40)
                store.hash(upTo: 1 << 40)
            }
        }
    }
}
