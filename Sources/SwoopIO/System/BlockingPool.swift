// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import Synchronization

/// One thread for calls that block, so that they stall neither an event loop nor the cooperative pool.
///
/// The thread starts with the first job. Jobs run one after another, and a cancelled task's jobs run too: a transfer
/// that is being cancelled still has to write its journal and release its lock.
final class BlockingPool: Sendable {
    private enum State {
        case idle, running, closed
    }

    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State.idle)

    /// Queues a job and returns; `false` if the pool is closed.
    @discardableResult
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        guard start() else { return false }
        pool.submit { _ in job() }
        return true
    }

    /// Runs a job and answers what it returned, or `nil` if the pool is closed.
    func run<Value: Sendable>(_ job: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            if !submit({ continuation.resume(returning: job()) }) {
                continuation.resume(returning: nil)
            }
        }
    }

    /// Waits for the jobs queued so far and ends the thread. Idempotent.
    func close() async {
        let wasRunning = state.withLock { state in
            defer { state = .closed }
            return state == .running
        }
        guard wasRunning else { return }
        try? await pool.shutdownGracefully()
    }

    private func start() -> Bool {
        state.withLock { state in
            guard state != .closed else { return false }
            if state == .idle { pool.start() }
            state = .running
            return true
        }
    }
}
