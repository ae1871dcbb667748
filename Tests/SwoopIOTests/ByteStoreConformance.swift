// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopIO
import Testing

/// What every ``ByteStore`` does, so that the test doubles behave like the real one.
@Suite("Every byte store", .timeLimit(.minutes(10)))
struct ByteStoreConformance {
    typealias Kind = StorePlace.Kind

    @Test("finds nothing in an empty place, and looking makes nothing", arguments: Kind.allCases)
    func looking(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            let found = try await place.run { try await $0.prepare(name: "big.bin", create: false, replacing: false) }
            #expect(found == .fresh)
            #expect(try place.names() == [])
        }
    }

    @Test("leaves no empty partial behind if the download never began", arguments: Kind.allCases)
    func neverBegan(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                _ = try await store.prepare(name: "big.bin", create: true, replacing: false)
                #expect(try place.names() == ["big.bin.part"])
            }
            #expect(try place.names() == [])
        }
    }

    @Test("publishes bytes that were written in any order, and nothing else remains", arguments: Kind.allCases)
    func publishing(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            let bytes = pattern(300_000)
            try await place.run { store in
                try await store.start(length: 300_000)
                try await store.allocate(length: 300_000)
                try store.write(Array(bytes[200_000...]), at: 200_000)
                try store.write(Array(bytes[..<100_000]), at: 0)
                try store.write(Array(bytes[100_000..<200_000]), at: 100_000)
                #expect(place.contents("big.bin") == nil)
                try await store.publish(replacing: false)
            }
            #expect(place.contents("big.bin") == bytes)
            #expect(try place.names() == ["big.bin"])
        }
    }

    @Test("publishes an empty representation", arguments: Kind.allCases)
    func empty(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run(digests: [.md5]) { store in
                try await store.start(length: 0, journaled: false)
                #expect(try await store.digests(length: 0).map(\.hex) == ["d41d8cd98f00b204e9800998ecf8427e"])
                try await store.publish(replacing: false)
            }
            #expect(place.contents("big.bin") == [])
        }
    }

    @Test("publishes what was written if the length was never known", arguments: Kind.allCases)
    func unknownLength(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try place.place(pattern(5_000, seed: 9), as: "big.bin.part")
            try await place.run { store in
                try await store.start(length: nil)
                try store.write(pattern(1_000), at: 0)
                try await store.publish(replacing: false)
            }
            #expect(place.contents("big.bin") == pattern(1_000))
        }
    }

    @Test("computes the digests asked for, in their order", arguments: Kind.allCases)
    func digests(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            let digests = try await place.run(digests: [.sha1, .sha256, .md5, .sha512]) { store in
                try await store.start(length: 3)
                try store.write(Array("c".utf8), at: 2)
                try store.write(Array("ab".utf8), at: 0)
                store.hash(upTo: 3)
                return try await store.digests(length: 3)
            }
            #expect(digests.map(\.algorithm) == [.sha1, .sha256, .md5, .sha512])
            #expect(digests[0].hex == "a9993e364706816aba3e25717850c26c9cd0d89d")
            #expect(digests[1].hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(digests[2].hex == "900150983cd24fb0d6963f7d28e17f72")
            #expect(digests[3].hex.hasPrefix("ddaf35a193617abacc417349ae204131"))
        }
    }

    @Test("starts its digests over when it begins again", arguments: Kind.allCases)
    func digestsStartOver(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run(digests: [.md5]) { store in
                try await store.start(length: 3)
                try store.write(Array("xyz".utf8), at: 0)
                store.hash(upTo: 3)
                try await store.begin(PartialPlan(length: 3, journal: identity(length: 3)))
                try store.write(Array("abc".utf8), at: 0)
                let digests = try await store.digests(length: 3)
                #expect(digests.map(\.hex) == ["900150983cd24fb0d6963f7d28e17f72"])
            }
        }
    }

    @Test("says that the target exists, touching nothing", arguments: Kind.allCases)
    func targetExists(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try place.place([1], as: "big.bin")
            let found = try await place.run { try await $0.prepare(name: "big.bin", create: true, replacing: false) }
            #expect(found == .targetExists)
            #expect(try place.names() == ["big.bin"])
        }
    }

    @Test("replaces the target if asked to", arguments: Kind.allCases)
    func replacing(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try place.place([1], as: "big.bin")
            try await place.run { store in
                #expect(try await store.prepare(name: "big.bin", create: true, replacing: true) == .fresh)
                try await store.begin(PartialPlan(length: 2, journal: nil))
                try store.write([7, 8], at: 0)
                try await store.publish(replacing: true)
            }
            #expect(place.contents("big.bin") == [7, 8])
        }
    }

    @Test("keeps the partial if the target appeared meanwhile", arguments: Kind.allCases)
    func targetAppears(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                try await store.start(length: 2)
                try store.write([7, 8], at: 0)
                try place.place([1], as: "big.bin")
                try await expectFailure(.targetExists) { try await store.publish(replacing: false) }
            }
            #expect(place.contents("big.bin") == [1])
            #expect(place.contents("big.bin.part") == [7, 8])
            #expect(place.contents("big.bin.part.journal") != nil)
        }
    }

    @Test("lets one store at a time work on a partial", arguments: Kind.allCases)
    func locking(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { first in
                try await first.start(length: 2)
                try await place.run { second in
                    try await expectFailure(.locked) {
                        _ = try await second.prepare(name: "big.bin", create: true, replacing: false)
                    }
                    try await expectFailure(.locked) {
                        _ = try await second.prepare(name: "big.bin", create: false, replacing: false)
                    }
                }
                #expect(place.contents("big.bin.part") == [0, 0])
            }
            try await place.run { third in
                _ = try await third.prepare(name: "big.bin", create: true, replacing: false)
            }
        }
    }

    @Test("may be prepared twice for one name", arguments: Kind.allCases)
    func preparedTwice(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                #expect(try await store.prepare(name: "big.bin", create: false, replacing: false) == .fresh)
                #expect(try await store.prepare(name: "big.bin", create: true, replacing: false) == .fresh)
                #expect(try await store.prepare(name: "big.bin", create: true, replacing: false) == .fresh)
                try await store.begin(PartialPlan(length: 1, journal: nil))
                try store.write([7], at: 0)
            }
            #expect(place.contents("big.bin.part") == [7])
        }
    }

    @Test("lets go of one name's partial when prepared for another", arguments: Kind.allCases)
    func anotherName(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                _ = try await store.prepare(name: "guess", create: true, replacing: false)
                _ = try await store.prepare(name: "big.bin", create: true, replacing: false)
                #expect(try place.names() == ["big.bin.part"])
                try await place.run { _ = try await $0.prepare(name: "guess", create: true, replacing: false) }
            }
        }
    }

    @Test("finds what an earlier run's journal proves", arguments: Kind.allCases)
    func resuming(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                try await store.start(length: 1_000)
                try store.write(pattern(400), at: 0)
                try await store.sync()
                try store.append(.durable([ByteRange(0, 300)]))
                try store.append(.written([ByteRange(300, 400), ByteRange(900, 5_000)]))
            }
            let found = try await place.run { try await $0.prepare(name: "big.bin", create: false, replacing: false) }
            let expected = JournalReplay(
                identity: identity(length: 1_000),
                held: RangeSet([ByteRange(0, 400), ByteRange(900, 1_000)]),
                durable: RangeSet([ByteRange(0, 300)])
            )
            #expect(found == .found(expected))
        }
    }

    @Test("carries claims over into the next run's journal", arguments: Kind.allCases)
    func claimsCarriedOver(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            let held = RangeSet([ByteRange(0, 60)])
            let durable = RangeSet([ByteRange(10, 20)])
            try await place.run { try await $0.start(length: 100, held: held, durable: durable) }
            let found = try await place.run { try await $0.prepare(name: "big.bin", create: true, replacing: false) }
            #expect(found == .found(JournalReplay(identity: identity(length: 100), held: held, durable: durable)))
        }
    }

    @Test("believes no journal if told not to resume, but locks the partial", arguments: Kind.allCases)
    func notResuming(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                try await store.start(length: 10)
                try store.append(.durable([ByteRange(0, 10)]))
            }
            try await place.run(resume: false) { store in
                #expect(try await store.prepare(name: "big.bin", create: false, replacing: false) == .fresh)
                try await place.run { other in
                    try await expectFailure(.locked) {
                        _ = try await other.prepare(name: "big.bin", create: false, replacing: false)
                    }
                }
            }
        }
    }

    @Test("believes no journal of a partial that has another length", arguments: Kind.allCases)
    func otherLength(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                try await store.start(length: 10)
                try store.append(.durable([ByteRange(0, 10)]))
            }
            try place.place([1, 2, 3], as: "big.bin.part")
            let found = try await place.run { try await $0.prepare(name: "big.bin", create: true, replacing: false) }
            #expect(found == .fresh)
        }
    }

    @Test("believes no partial without a journal", arguments: Kind.allCases)
    func noJournal(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try place.place([1, 2, 3], as: "big.bin.part")
            try await place.run { store in
                let found = try await store.prepare(name: "big.bin", create: true, replacing: false)
                #expect(found == .fresh)
            }
            #expect(place.contents("big.bin.part") == [1, 2, 3])
        }
    }

    @Test("keeps the bytes that it was told to keep", arguments: Kind.allCases)
    func keeping(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try place.place(Array("abcdef".utf8), as: "big.bin.part")
            try await place.run { store in
                try await store.start(length: 6, held: RangeSet([ByteRange(1, 3)]))
                #expect(place.contents("big.bin.part")?.dropFirst().prefix(2).elementsEqual("bc".utf8) == true)
            }
        }
    }

    @Test("lets no stale byte survive when nothing is kept", arguments: Kind.allCases)
    func forgetting(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try place.place(Array("abcdef".utf8), as: "big.bin.part")
            try await place.run { store in
                try await store.start(length: 4)
                #expect(place.contents("big.bin.part") == [0, 0, 0, 0])
            }
        }
    }

    @Test("removes a stale journal when it is to keep none", arguments: Kind.allCases)
    func noJournalWanted(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { try await $0.start(length: 4) }
            #expect(try place.names() == ["big.bin.part", "big.bin.part.journal"])
            try await place.run { store in
                try await store.start(length: 4, journaled: false)
                try store.append(.durable([ByteRange(0, 4)]))
            }
            #expect(try place.names() == ["big.bin.part"])
        }
    }

    @Test("removes the partial and its journal when told to", arguments: Kind.allCases)
    func discarding(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                try await store.start(length: 4)
                try await store.discardPartial()
                #expect(try place.names() == [])
                try await store.discardPartial()
            }
        }
    }

    @Test(
        "refuses a name that leads elsewhere",
        arguments: Kind.allCases,
        ["", ".", "..", "a/b", "/etc/passwd", "../x", "a\0b", "a/\u{301}b"]
    )
    func badNames(kind: Kind, name: String) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run { store in
                try await expectFailure(.badTarget) {
                    _ = try await store.prepare(name: name, create: true, replacing: true)
                }
            }
            #expect(try place.names() == [])
        }
    }

    @Test("fails, and does not trap, when called out of order or after it was closed", arguments: Kind.allCases)
    func outOfOrder(kind: Kind) async throws {
        try await StorePlace.with(kind) { place in
            try await place.run(digests: [.md5]) { store in
                #expect(throws: StoreError.self) { try store.write([1], at: 0) }
                store.hash(upTo: 10)
                try await expectFailure(.bug) { try await store.begin(PartialPlan(length: 1, journal: nil)) }
                try await expectFailure(.bug) { _ = try await store.digests(length: 1) }
                try await expectFailure(.bug) { try await store.publish(replacing: true) }
                try await store.start(length: 4)
                await store.close()
                await store.close()
                store.hash(upTo: 10)
                #expect(throws: StoreError.self) { try store.write([1], at: 0) }
                await #expect(throws: StoreError.self) { try await store.sync() }
            }
        }
    }
}
