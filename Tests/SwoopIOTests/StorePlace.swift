// SPDX-License-Identifier: Apache-2.0

import NIOCore
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

/// Somewhere that stores of one kind can be made, again and again, as a program that is run again would.
struct StorePlace: Sendable {
    enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case file, memory, faultless

        var testDescription: String { rawValue }
    }

    private enum Medium {
        case directory(String)
        case disk(SimulatedDisk, throughFaults: Bool)
    }

    private let medium: Medium

    /// Makes a place, and removes it when `body` is done.
    static func with(_ kind: Kind, _ body: (StorePlace) async throws -> Void) async throws {
        guard kind == .file else {
            return try await body(StorePlace(medium: .disk(SimulatedDisk(), throughFaults: kind == .faultless)))
        }
        try await withTemporaryDirectory { try await body(StorePlace(medium: .directory($0))) }
    }

    /// Makes a store and closes it when `body` is done.
    @discardableResult
    func run<Value>(
        digests: [DigestAlgorithm] = [],
        resume: Bool = true,
        _ body: (any ByteStore) async throws -> Value
    ) async throws -> Value {
        let store = store(digests: digests, resume: resume)
        do {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    private func store(digests: [DigestAlgorithm], resume: Bool) -> any ByteStore {
        switch medium {
        case .directory(let path):
            return FileStore(destination: .directory(path), digests: digests, resume: resume, sync: true)
        case .disk(let disk, let throughFaults):
            let store = MemoryStore(on: disk, digests: digests, resume: resume)
            return throughFaults ? FaultyStore(store) : store
        }
    }

    func contents(_ name: String) -> [UInt8]? {
        switch medium {
        case .directory(let path): TestFiles.read("\(path)/\(name)")
        case .disk(let disk, _): disk.contents(name)
        }
    }

    func place(_ bytes: [UInt8], as name: String) throws {
        switch medium {
        case .directory(let path): try TestFiles.write(bytes, to: "\(path)/\(name)")
        case .disk(let disk, _): disk.place(bytes, as: name)
        }
    }

    func names() throws -> [String] {
        switch medium {
        case .directory(let path): try TestFiles.names(in: path)
        case .disk(let disk, _): disk.names
        }
    }
}

extension ByteStore {
    /// Prepares `name`, making the partial, and begins.
    func start(
        _ name: String = "big.bin",
        length: Int64?,
        journaled: Bool = true,
        held: RangeSet = RangeSet(),
        durable: RangeSet = RangeSet()
    ) async throws {
        _ = try await prepare(name: name, create: true, replacing: false)
        let journal = journaled ? length.map { identity(length: $0) } : nil
        try await begin(PartialPlan(length: length, journal: journal, held: held, durable: durable))
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws {
        try write(ByteBuffer(bytes: bytes), at: offset)
    }
}

func identity(length: Int64) -> JournalIdentity {
    JournalIdentity(url: "https://example.org/big.bin", queryFingerprint: 7, length: length, entityTag: "\"a b%\"")
}

/// Bytes that differ from place to place, so that a byte at the wrong offset is noticed.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

/// Runs `body`, which must throw a `StoreError` of this code, and answers the error.
@discardableResult
func expectFailure(
    _ code: TransferFailure.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async throws -> StoreError {
    do {
        try await body()
    } catch let error as StoreError {
        #expect(error.failure.code == code, "\(error.failure.message)", sourceLocation: sourceLocation)
        #expect(!error.failure.message.hasSuffix("."), sourceLocation: sourceLocation)
        return error
    }
    Issue.record("nothing failed, expected \(code)", sourceLocation: sourceLocation)
    throw CancellationError()
}
