// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

@Suite(
    "File store on a full or read-only disk",
    .enabled(if: SmallFileSystem.isUsable, "mounting a small file system needs root"),
    .timeLimit(.minutes(10))
)
struct FullDiskTests {
    @Test("says before the first byte how much space is missing")
    func allocating() async throws {
        try await SmallFileSystem.with { directory, _ in
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 3 << 20)
                let error = try await expectFailure(.diskFull) { try await store.allocate(length: 3 << 20) }
                #expect(error.failure.message.contains("3.00 MiB more needed"))
                #expect(error.failure.message.contains("iB available"))
            }
        }
    }

    @Test("reports a full disk in a write, and resumes from what was written once there is space")
    func writing() async throws {
        try await SmallFileSystem.with { directory, _ in
            let bytes = pattern(1 << 19)
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 2 << 20)
                try store.write(bytes, at: 0)
                try store.append(.written([ByteRange(0, 1 << 19)]))
                let error = try await expectFailure(.diskFull) { try store.write(pattern(1 << 20), at: 1 << 19) }
                let reason = "no space left on device: free some space and run the same command again to resume"
                #expect(error.failure.message == "cannot write \(directory)/big.bin.part: \(reason)")
                #expect(error.operation == "write")
                #expect(error.errorNumber != 0)
            }
            try await withStore(.directory(directory)) { store in
                let found = try await store.prepare(name: "big.bin", create: true, replacing: false)
                guard case .found(let replay) = found else {
                    Issue.record("the partial was not found")
                    return
                }
                #expect(replay.held == RangeSet([ByteRange(0, 1 << 19)]))
                #expect(TestFiles.read("\(directory)/big.bin.part")?.prefix(1 << 19).elementsEqual(bytes) == true)
            }
        }
    }

    @Test("tears no record when the disk is full, so that the journal can be read to its end")
    func journaling() async throws {
        try await SmallFileSystem.with { directory, _ in
            try await withStore(.directory(directory)) { store in
                try await store.start(length: 4 << 20)
                _ = try? store.write(pattern(1 << 20), at: 0)
                var records = 0
                let claim = (0..<200).map { ByteRange($0 * 10, $0 * 10 + 5) }
                let error = try await expectFailure(.diskFull) {
                    while true {
                        try store.append(.written(claim))
                        records += 1
                    }
                }
                #expect(error.path.hasSuffix(".journal"))
                let journal = try #require(TestFiles.read("\(directory)/big.bin.part.journal"))
                #expect(journal.last == UInt8(ascii: "\n"))
                #expect(journal.count { $0 == UInt8(ascii: "\n") } == 4 + records)
            }
        }
    }

    @Test("reports a disk that is read-only from the start")
    func readOnly() async throws {
        try await SmallFileSystem.with { directory, freeze in
            try freeze()
            try await withStore(.directory(directory)) { store in
                #expect(try await store.prepare(name: "big.bin", create: false, replacing: false) == .fresh)
                let error = try await expectFailure(.permissionDenied) { try await store.start(length: 1) }
                #expect(error.failure.message.contains("read-only"))
            }
        }
    }

    @Test("makes no directory on a read-only disk, and says so")
    func readOnlyDirectory() async throws {
        try await SmallFileSystem.with { directory, freeze in
            try freeze()
            try await withStore(.file("\(directory)/a/b")) { store in
                try await expectFailure(.permissionDenied) { try await store.start(length: 1) }
            }
        }
    }
}
