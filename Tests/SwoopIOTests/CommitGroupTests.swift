// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("Small files", .timeLimit(.minutes(10)))
struct CommitGroupTests {
    private func begin(_ store: FileStore, _ name: String, length: Int64 = 4) async throws {
        _ = try await store.prepare(name: name, create: true, replacing: false)
        try await store.begin(PartialPlan(length: length, journal: nil))
    }

    /// Writes and publishes `count` files at once; answers the names of those that were refused, and why.
    private func publish(
        _ count: Int,
        in directory: String,
        sync: Bool = true,
        spoil: @escaping @Sendable (Int) throws -> Void = { _ in }
    ) async throws -> [String: TransferFailure.Code] {
        try await withThrowingTaskGroup(of: (String, TransferFailure.Code)?.self) { group in
            for number in 0..<count {
                group.addTask {
                    let name = "file\(number)"
                    var refusal: TransferFailure.Code?
                    try await withStore(.directory(directory), sync: sync) { store in
                        try await begin(store, name)
                        try store.write(Array("\(1000 + number)".utf8), at: 0)
                        try spoil(number)
                        do {
                            try await store.publish(replacing: false)
                        } catch let error as StoreError {
                            refusal = error.failure.code
                        }
                    }
                    return refusal.map { (name, $0) }
                }
            }
            var refusals: [String: TransferFailure.Code] = [:]
            for try await refusal in group { refusals[refusal?.0 ?? ""] = refusal?.1 }
            return refusals
        }
    }

    @Test("are published together, and each has its own bytes", arguments: [true, false])
    func together(sync: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let refusals = try await publish(200, in: directory, sync: sync)
            #expect(refusals == [:])
            for number in 0..<200 {
                #expect(TestFiles.read("\(directory)/file\(number)") == Array("\(1000 + number)".utf8))
            }
            #expect(try TestFiles.names(in: directory).count == 200)
        }
    }

    @Test("that cannot be published do not hold up the others")
    func refusals() async throws {
        try await withTemporaryDirectory { directory in
            let refusals = try await publish(60, in: directory) { number in
                switch number {
                case 7: try TestFiles.write([1], to: "\(directory)/file7")
                case 11: try #require(truncate("\(directory)/file11.part", 2) == 0)
                default: break
                }
            }
            #expect(refusals == ["file7": .targetExists, "file11": .inputOutput])
            #expect(TestFiles.read("\(directory)/file7") == [1])
            #expect(TestFiles.read("\(directory)/file7.part") == Array("1007".utf8))
            #expect(TestFiles.read("\(directory)/file8") == Array("1008".utf8))
        }
    }

    @Test("leave no lock behind once they are published")
    func unlocked() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { first in
                try await begin(first, "x")
                try first.write([1, 2, 3, 4], at: 0)
                try await first.publish(replacing: false)
                try await withStore(.directory(directory)) { second in
                    _ = try await second.prepare(name: "x", create: true, replacing: true)
                }
                try await expectFailure(.bug) { try await first.publish(replacing: false) }
            }
            #expect(TestFiles.read("\(directory)/x") == [1, 2, 3, 4])
        }
    }

    @Test("in a directory that is known to be local still find what an earlier run left")
    func knownDirectory() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { store in try await store.start("a", length: 10) }
            try await withStore(.directory(directory)) { store in
                #expect(try await store.prepare(name: "b", create: false, replacing: false) == .fresh)
                let found = try await store.prepare(name: "a", create: false, replacing: false)
                #expect(
                    found
                        == .found(JournalReplay(identity: identity(length: 10), held: RangeSet(), durable: RangeSet()))
                )
            }
        }
    }

    @Test("in a directory that is known to be local do not trust a journal without its partial")
    func orphanedJournal() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { store in try await store.start("a", length: 4) }
            try #require(unlink("\(directory)/a.part") == 0)
            try await withStore(.directory(directory)) { store in
                let found = try await store.prepare(name: "a", create: true, replacing: false)
                #expect(found == .fresh)
                let names = try TestFiles.names(in: directory)
                #expect(names == ["a.part"])
            }
            #expect(try TestFiles.names(in: directory) == [])
        }
    }

    @Test("in a directory that is known to be local are refused a name that is taken", arguments: [true, false])
    func takenName(creates: Bool) async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { store in try await store.start("a", length: 4) }
            try TestFiles.write([1], to: "\(directory)/b")
            try #require(mkdir("\(directory)/c", 0o755) == 0)
            try await withStore(.directory(directory)) { store in
                #expect(try await store.prepare(name: "b", create: creates, replacing: false) == .targetExists)
                try await expectFailure(.badTarget) {
                    _ = try await store.prepare(name: "c", create: creates, replacing: true)
                }
            }
            #expect(try TestFiles.names(in: directory).filter { $0.hasSuffix(".part") } == ["a.part"])
        }
    }
}
