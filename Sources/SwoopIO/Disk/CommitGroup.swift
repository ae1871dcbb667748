// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import SwoopCore
internal import Synchronization
internal import SystemPackage

/// Publishes small files together, so that thousands of them wait for the disk a few times and not once each.
///
/// Publishers queue, a line for each device. Whoever finds its line unattended has a thread attend to it, which takes all
/// that wait, at most ``largestBatch``, and does for all of them what ``Publication/commit()`` does for one, in the same
/// order: nothing gets its name before its data are durable, and nobody is answered before the name is. What comes
/// meanwhile is the next batch. The more files wait, the larger the batches, the fewer the waits.
final class CommitGroup: Sendable {
    /// One for the process, because what it spares is the process's: disks and descriptors.
    static let ofProcess = CommitGroup()

    /// Files that are published together at most.
    private static let largestBatch = 512
    /// Files from which syncing their file system is better than syncing each.
    private static let smallestSyncedTogether = 8
    /// Descriptors that the process asks the system for.
    private static let wantedOpenFiles = 8192

    private struct Entry: Sendable {
        let store: FileStore
        let replaces: Bool
        let continuation: CheckedContinuation<Result<Void, StoreError>, Never>
    }

    private struct Line {
        var waiting: [Entry] = []
        var isAttended = false
    }

    private struct State {
        var lines: [UInt64: Line] = [:]
        /// Files that wait, or are being published.
        var count = 0
        /// Who waits for `count` to become less.
        var outside: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Files that may wait; each keeps a descriptor open.
    private let mostWaiting: Int

    /// Makes a group in which nobody waits.
    init() {
        let openFiles = Libc.raiseOpenFileLimit(to: Self.wantedOpenFiles)
        mostWaiting = max(16, min(2 * Self.largestBatch, openFiles / 4))
    }

    /// Waits until a file more may be written: those that wait to be published have descriptors open.
    func room() async {
        while state.withLock({ $0.count >= mostWaiting }) {
            await withCheckedContinuation { continuation in
                let isRoom = state.withLock { state in
                    if state.count >= mostWaiting { state.outside.append(continuation) }
                    return state.count < mostWaiting
                }
                if isRoom { continuation.resume() }
            }
        }
    }

    /// Publishes what `store` holds, together with what others hold.
    func commit(_ store: FileStore, replacing: Bool) async throws(StoreError) {
        let device = store.device
        let outcome = await withCheckedContinuation { continuation in
            let entry = Entry(store: store, replaces: replacing, continuation: continuation)
            let starts = state.withLock { state in
                state.count += 1
                state.lines[device, default: Line()].waiting.append(entry)
                defer { state.lines[device]?.isAttended = true }
                return state.lines[device]?.isAttended == false
            }
            if starts { BlockingPool.diskThreads.submit { _ in self.attend(to: device) } }
        }
        try outcome.get()
    }

    // MARK: On a disk thread

    private func attend(to device: UInt64) {
        while let batch = nextBatch(of: device) {
            let outcomes = Self.commit(batch)
            let outside = state.withLock { state in
                state.count -= batch.count
                defer { state.outside = [] }
                return state.outside
            }
            for (entry, outcome) in zip(batch, outcomes) { entry.continuation.resume(returning: outcome) }
            for waiter in outside { waiter.resume() }
        }
    }

    private func nextBatch(of device: UInt64) -> [Entry]? {
        state.withLock { state in
            guard var line = state.lines[device], !line.waiting.isEmpty else {
                state.lines[device] = nil
                return nil
            }
            let batch = Array(line.waiting.prefix(Self.largestBatch))
            line.waiting.removeFirst(batch.count)
            state.lines[device] = line
            return batch
        }
    }

    private static func commit(_ batch: [Entry]) -> [Result<Void, StoreError>] {
        var works = batch.map { Work($0.store, replacing: $0.replaces) }
        for index in works.indices { works[index].apply(Publication.checkUntouched) }
        syncData(&works)
        for index in works.indices { works[index].apply(Publication.giveName) }
        syncNames(&works)
        for (index, work) in works.enumerated() where work.failure == nil {
            work.publication?.removeJournal()
            batch[index].store.letGoOfPublished()
        }
        return works.map { work in work.failure.map { .failure($0) } ?? .success(()) }
    }

    /// One file of a batch: what is to be published, or why it cannot be.
    private struct Work {
        var publication: Publication?
        var failure: StoreError?

        init(_ store: FileStore, replacing: Bool) {
            do throws(StoreError) {
                publication = try store.publication(replacing: replacing)
            } catch {
                failure = error
            }
        }

        /// Whether the file has come so far and is to wait for the disk.
        var syncs: Bool { failure == nil && publication?.syncs == true }

        mutating func perform(_ step: (Publication) throws(StoreError) -> Void) {
            guard failure == nil, let publication else { return }
            do throws(StoreError) {
                try step(publication)
            } catch {
                failure = error
            }
        }

        mutating func apply(_ step: (Publication) -> () throws(StoreError) -> Void) {
            perform { publication throws(StoreError) in try step(publication)() }
        }
    }

    /// Makes the bytes of a batch durable: each file by itself, or all at once if they are many.
    private static func syncData(_ works: inout [Work]) {
        let syncing = works.indices.filter { works[$0].syncs }
        let isTogether = syncing.count >= smallestSyncedTogether && isSynced(works[syncing[0]])
        for index in syncing {
            works[index].perform { publication throws(StoreError) in
                // The file system's sync does not say whose bytes it could not write; each file knows.
                if isTogether, (try? Libc.waitForWriteBack(publication.partial.descriptor)) != nil { return }
                try publication.syncData()
            }
        }
    }

    /// Syncs the file system of a file, which is that of all in its line; `false` if that failed or cannot be relied on.
    private static func isSynced(_ work: Work) -> Bool {
        guard let partial = work.publication?.partial else { return false }
        return (try? Libc.syncFileSystem(of: partial.descriptor)) != nil
    }

    /// Makes the final names durable: each directory once.
    private static func syncNames(_ works: inout [Work]) {
        var outcomes: [FilePath: Result<Void, Errno>] = [:]
        for index in works.indices where works[index].syncs {
            works[index].perform { publication throws(StoreError) in
                let directory = publication.paths.directory
                let outcome =
                    outcomes[directory] ?? Result { () throws(Errno) in try JournalFile.syncDirectory(directory) }
                outcomes[directory] = outcome
                if case .failure(let error) = outcome { throw publication.unpublished(error) }
            }
        }
    }
}
