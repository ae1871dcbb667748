// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Runs calls that block, one after another, on threads of their own, so that they stall neither an event loop nor the
/// cooperative pool.
///
/// Each store has a pool; the threads are the process's, because making and joining some for each of thousands of small
/// files costs more than everything else that is done to them (measured: 0.45 ms a file instead of 0.2 ms). A cancelled
/// task's jobs run too: a transfer that is being
/// cancelled still has to write its journal and release its lock.
final class BlockingPool: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isRunning = false
        var isClosed = false
    }

    /// Enough that a slow disk's sync does not hold up another disk's. Never stopped: idle threads cost nothing.
    static let diskThreads = started(4)
    /// As many as cores, for digests, which never wait for long.
    static let digestThreads = started(System.coreCount)

    private let threads: NIOThreadPool
    private let state = Mutex(State())

    /// Makes an empty queue for some of the process's threads.
    init(on threads: NIOThreadPool) { self.threads = threads }

    /// Queues a job and returns; `false` if the pool is closed.
    @discardableResult
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (isAccepted, starts) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.jobs.append(job)
            defer { state.isRunning = true }
            return (true, !state.isRunning)
        }
        if starts { threads.submit { _ in self.work() } }
        return isAccepted
    }

    /// Runs a job after those queued before it and answers what it returned, or `nil` if the pool is closed.
    func run<Value: Sendable>(_ job: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            if !submit({ continuation.resume(returning: job()) }) {
                continuation.resume(returning: nil)
            }
        }
    }

    /// Waits for the jobs queued so far, does one last thing and takes no more. Idempotent.
    func close(_ last: @escaping @Sendable () -> Void = {}) async {
        _ = await run {
            last()
            self.state.withLock { $0.isClosed = true }
        }
    }

    /// Takes no more jobs from now on, if none is queued or running; otherwise answers `false`.
    func closeIfIdle() -> Bool {
        state.withLock { state in
            guard !state.isRunning else { return state.isClosed && state.jobs.isEmpty }
            state.isClosed = true
            return true
        }
    }

    private func work() {
        while let job = next() { job() }
    }

    /// The job to run next, or `nil` if there is none for now.
    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            state.isRunning = !state.jobs.isEmpty
            return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
        }
    }

    private static func started(_ count: Int) -> NIOThreadPool {
        let pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
        return pool
    }
}
