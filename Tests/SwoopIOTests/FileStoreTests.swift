// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite("File store", .timeLimit(.minutes(10)))
struct FileStoreTests {
    @Test("makes the directories that are missing above an explicit path")
    func missingDirectories() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.file("\(directory)/a/b/c.bin")) { store in
                #expect(try await store.prepare(name: "ignored", create: false, replacing: false) == .fresh)
                #expect(try TestFiles.names(in: directory) == [])
                try await store.start(length: 1)
                #expect(store.path == "\(directory)/a/b/c.bin")
                try store.write([9], at: 0)
                try await store.publish(replacing: false)
            }
            #expect(TestFiles.read("\(directory)/a/b/c.bin") == [9])
        }
    }

    @Test("gives the file the umask's permissions and the journal to its owner only")
    func permissions() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 1)
                #expect(try mode(of: "\(directory)/big.bin.part.journal") == 0o600)
                try TestFiles.write([], to: "\(directory)/ordinary")
                let ordinary = try mode(of: "\(directory)/ordinary")
                #expect(try mode(of: "\(directory)/big.bin.part") == ordinary)
            }
        }
    }

    @Test("refuses a directory, a device and a pipe as its target", arguments: ["directory", "null", "pipe"])
    func specialTargets(name: String) async throws {
        try await withTemporaryDirectory { directory in
            let target = "\(directory)/\(name)"
            switch name {
            case "directory": try #require(mkdir(target, 0o755) == 0)
            case "null": try #require(symlink("/dev/null", target) == 0)
            default: try #require(mkfifo(target, 0o644) == 0)
            }
            try await withStore(.file(target)) { store in
                try await expectFailure(.badTarget) { try await store.start(length: 1) }
            }
            #expect(try TestFiles.names(in: directory) == [name])
        }
    }

    @Test("refuses paths that name no file", arguments: ["", "/", ".", "..", "x/", "a\0b"])
    func noFile(path: String) async throws {
        try await withStore(.file(path)) { store in
            try await expectFailure(.badTarget) {
                _ = try await store.prepare(name: "n", create: true, replacing: true)
            }
        }
    }

    @Test("counts a link to nowhere as an existing target")
    func danglingLink() async throws {
        try await withTemporaryDirectory { directory in
            try #require(symlink("/nowhere/at/all", "\(directory)/big.bin") == 0)
            try await withStore(.directory(directory)) { store in
                let found = try await store.prepare(name: "big.bin", create: true, replacing: false)
                #expect(found == .targetExists)
            }
        }
    }

    @Test("says that a component of its path is no directory", arguments: [true, false])
    func componentIsFile(creates: Bool) async throws {
        try await withTemporaryDirectory { directory in
            try TestFiles.write([1], to: "\(directory)/file")
            try await withStore(.directory("\(directory)/file")) { store in
                let error = try await expectFailure(.badTarget) {
                    _ = try await store.prepare(name: "big.bin", create: creates, replacing: false)
                }
                #expect(error.failure.message.contains("no directory"))
            }
        }
    }

    @Test("follows no link and opens no pipe in the partial's place", arguments: ["link", "pipe", "directory"])
    func plantedPartial(kind: String) async throws {
        try await withTemporaryDirectory { directory in
            let partial = "\(directory)/big.bin.part"
            try TestFiles.write([1, 2, 3], to: "\(directory)/precious")
            switch kind {
            case "link": try #require(symlink("precious", partial) == 0)
            case "pipe": try #require(mkfifo(partial, 0o644) == 0)
            default: try #require(mkdir(partial, 0o755) == 0)
            }
            try await withStore(.directory(directory)) { store in
                let error = try await expectFailure(.badTarget) { try await store.start(length: 1) }
                #expect(error.path == partial)
            }
            #expect(TestFiles.read("\(directory)/precious") == [1, 2, 3])
        }
    }

    @Test("follows no symbolic link in the journal's place")
    func plantedJournal() async throws {
        try await withTemporaryDirectory { directory in
            try TestFiles.write([1, 2, 3], to: "\(directory)/precious")
            try #require(symlink("precious", "\(directory)/big.bin.part.journal") == 0)
            try #require(symlink("precious", "\(directory)/big.bin.part.new") == 0)
            try await withStore(.directory(directory)) { try await $0.start(length: 1) }
            #expect(TestFiles.read("\(directory)/precious") == [1, 2, 3])
        }
    }

    @Test("refuses a name to which the journal's suffix cannot be added")
    func longName() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { store in
                let longest = String(repeating: "n", count: 255 - 13)
                try await expectFailure(.badTarget) { try await store.start(longest + "n", length: 1) }
                try await store.start(longest, length: 1)
            }
        }
    }

    @Test("leaves out the directory in messages and path when it is the present one")
    func presentDirectory() async throws {
        try await withStore(.directory(".")) { store in
            _ = try await store.prepare(name: "surely-not-there.bin", create: false, replacing: false)
            #expect(store.path == "surely-not-there.bin")
        }
    }

    @Test("after a reboot believes only what was synced")
    func reboot() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), boot: "first") { store in
                try await store.start(length: 100)
                try store.append(.written([ByteRange(0, 50)]))
                try store.append(.durable([ByteRange(10, 20)]))
            }
            let durable = RangeSet([ByteRange(10, 20)])
            try await withStore(.directory(directory), boot: "second") { store in
                let found = try await store.prepare(name: "big.bin", create: true, replacing: false)
                #expect(found == .found(replay(held: durable, durable: durable)))
            }
            try await withStore(.directory(directory), boot: "first") { store in
                let found = try await store.prepare(name: "big.bin", create: true, replacing: false)
                let held = RangeSet([ByteRange(0, 50)])
                #expect(found == .found(replay(held: held, durable: durable)))
            }
        }
    }

    @Test("keeps claims after a record that was torn by a crash out of the next run", arguments: [false, true])
    func tornRecord(tornAtEnd: Bool) async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 100)
                try store.append(.durable([ByteRange(0, 10)]))
            }
            let journal = "\(directory)/big.bin.part.journal"
            let sound = try #require(TestFiles.read(journal))
            let line = JournalCodec.encode(.durable([ByteRange(50, 60)]))
            try TestFiles.write(sound + line.dropLast(tornAtEnd ? 1 : 5) + (tornAtEnd ? [] : line), to: journal)
            try await withStore(.directory(directory)) { store in
                let durable = RangeSet([ByteRange(0, 10)])
                let found = try await store.prepare(name: "big.bin", create: true, replacing: false)
                #expect(found == .found(replay(held: durable, durable: durable)))
            }
        }
    }

    @Test("does not publish a partial that another program exchanged, removed or resized", arguments: 0..<3)
    func tampering(how: Int) async throws {
        try await withTemporaryDirectory { directory in
            let partial = "\(directory)/big.bin.part"
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 2)
                try store.write([7, 8], at: 0)
                switch how {
                case 0: try #require(rename(partial, "\(directory)/moved") == 0)
                case 1:
                    try TestFiles.write([6, 6], to: "\(directory)/other")
                    try #require(rename("\(directory)/other", partial) == 0)
                default: try #require(truncate(partial, 1) == 0)
                }
                try await expectFailure(.inputOutput) { try await store.publish(replacing: true) }
                if how == 1 { try await store.discardPartial() }
            }
            #expect(TestFiles.read("\(directory)/big.bin") == nil)
            if how == 1 { #expect(TestFiles.read(partial) == [6, 6]) }
        }
    }

    @Test("says so when its directory was removed during the download")
    func directoryRemoved() async throws {
        try await withTemporaryDirectory { directory in
            let inner = "\(directory)/inner"
            try await withStore(.directory(inner)) { store in
                try await store.start(length: 1)
                for name in try TestFiles.names(in: inner) { try #require(unlink("\(inner)/\(name)") == 0) }
                try #require(rmdir(inner) == 0)
                try store.write([1], at: 0)
                try await expectFailure(.inputOutput) { try await store.publish(replacing: true) }
            }
        }
    }

    @Test("leaves alone a file that another store publishes while this one wants its lock")
    func publishedUnderLooker() async throws {
        try await withTemporaryDirectory { directory in
            for _ in 0..<20 {
                try await withStore(.directory(directory)) { first in
                    _ = try await first.prepare(name: "big.bin", create: true, replacing: true)
                    try await first.begin(PartialPlan(length: 1, journal: identity(length: 1)))
                    try first.write([7], at: 0)
                    async let published: Void = publish(first)
                    try await withStore(.directory(directory)) { second in
                        while await (try? second.prepare(name: "big.bin", create: true, replacing: true)) == nil {}
                        try await second.begin(PartialPlan(length: 2, journal: nil))
                    }
                    try await published
                }
                #expect(TestFiles.read("\(directory)/big.bin") == [7])
            }
        }
    }

    private func publish(_ store: FileStore) async throws {
        try await store.publish(replacing: true)
        await store.close()
    }

    @Test("keeps the transfer's promises without waiting for the disk")
    func withoutSync() async throws {
        try await withTemporaryDirectory { directory in
            try await withStore(.directory(directory), sync: false) { store in
                try await store.start(length: 3)
                try store.write([1, 2, 3], at: 0)
                try await store.publish(replacing: false)
            }
            #expect(TestFiles.read("\(directory)/big.bin") == [1, 2, 3])
            #expect(try TestFiles.names(in: directory) == ["big.bin"])
        }
    }
}

/// Makes a file store and closes it when `body` is done.
func withStore(
    _ destination: StoreDestination,
    digests: [DigestAlgorithm] = [],
    sync: Bool = true,
    boot: String = "boot",
    _ body: (FileStore) async throws -> Void
) async throws {
    let store = FileStore(destination: destination, digests: digests, resume: true, sync: sync, boot: boot)
    do {
        try await body(store)
        await store.close()
    } catch {
        await store.close()
        throw error
    }
}

private func replay(held: RangeSet, durable: RangeSet) -> JournalReplay {
    JournalReplay(identity: identity(length: 100), held: held, durable: durable)
}

/// The permission bits of a file.
func mode(of path: String) throws -> mode_t {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status.st_mode & 0o777
}
