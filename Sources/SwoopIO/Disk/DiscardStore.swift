// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore
internal import Synchronization
internal import SystemPackage

/// Downloads to nowhere: bytes are hashed if somebody asked for digests, and kept no longer than that takes.
///
/// Segments arrive in any order and a hash takes bytes in one only, so that bytes wait in a file without a name until the
/// digests have passed them; then their blocks are given back. Without digests nothing is written at all.
public final class DiscardStore: ByteStore {
    private struct State {
        var file: OwnedDescriptor?
        var follower: DigestFollower?
    }

    /// Hashed bytes that are given back at once.
    private static let punchStep: Int64 = 8 << 20

    private let algorithms: [DigestAlgorithm]
    private let state = Mutex(State())
    /// The directories that may hold the file, best first.
    private let directories: [FilePath]

    /// Makes a store that keeps nothing.
    ///
    /// - Parameter digests: algorithms to compute while bytes arrive, each at most once.
    public convenience init(digests: [DigestAlgorithm]) {
        let wanted = [Libc.environment("TMPDIR") ?? "", "/var/tmp", "/tmp"]
        self.init(digests: digests, directories: wanted.filter { !$0.isEmpty })
    }

    /// As the public one, with the file in the first of `directories` that takes it.
    package init(digests: [DigestAlgorithm], directories: [String]) {
        algorithms = digests
        self.directories = directories.map { FilePath($0) }
    }

    public var path: String? { nil }

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        .fresh
    }

    public func begin(_ plan: PartialPlan) async throws(StoreError) {
        await close()
        let algorithms = plan.algorithms(asked: algorithms)
        guard !algorithms.isEmpty else { return }
        let (file, directory) = try openUnnamed()
        let punched = Mutex<Int64>(0)
        let follower = DigestFollower(file, path: directory, algorithms: algorithms) { hashed in
            punched.withLock { punched in
                guard hashed - punched >= Self.punchStep else { return }
                // A file system that cannot do this costs space, not the download.
                try? Libc.punchHole(file.descriptor, offset: punched, length: hashed - punched)
                punched = hashed
            }
        }
        state.withLock { $0 = State(file: file, follower: follower) }
    }

    public func allocate(length: Int64) async throws(StoreError) {}

    public func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
        guard let file = state.withLock({ $0.file }) else {
            if algorithms.isEmpty { return }
            throw .outOfOrder("write")
        }
        do throws(Errno) {
            try bytes.withUnsafeReadableBytes { bytes throws(Errno) in try file.writeFully(bytes, at: offset) }
        } catch {
            throw StoreError(error, "write", "a temporary file")
        }
    }

    public func append(_ record: JournalRecord) throws(StoreError) {}

    public func sync() async throws(StoreError) {}

    public func hash(upTo frontier: Int64) {
        state.withLock { $0.follower }?.advance(to: frontier)
    }

    public func digests(length: Int64) async throws(StoreError) -> [Digest] {
        guard let follower = state.withLock({ $0.follower }) else {
            if algorithms.isEmpty { return [] }
            throw .outOfOrder("verify")
        }
        return try await follower.finish(length: length)
    }

    public func publish(replacing: Bool) async throws(StoreError) {}

    public func discardPartial() async throws(StoreError) {}

    public func close() async {
        let follower = state.withLock { state in
            defer { state = State() }
            return state.follower
        }
        await follower?.close()
    }

    private func openUnnamed() throws(StoreError) -> (OwnedDescriptor, FilePath) {
        var last = StoreError(.noSuchFileOrDirectory, "make a temporary file in", "/tmp")
        for directory in directories {
            do {
                return (OwnedDescriptor(try Libc.openUnnamed(in: directory)), directory)
            } catch {
                last = StoreError(error, "make a temporary file in", directory)
            }
        }
        throw last
    }
}
