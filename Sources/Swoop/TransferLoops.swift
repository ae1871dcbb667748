// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The event loops of a client. A transfer keeps to one of them; many transfers share out the processor's cores.
final class TransferLoops: Sendable {
    /// Loops that a client uses at most: more would spread connections that could be used again.
    private static let most = 4

    /// One event loop, and the same as an executor of tasks.
    struct Loop: Sendable {
        let ordinal: Int
        let loop: any EventLoop
        let executor: LoopExecutor
    }

    private let loops: [Loop]
    /// Transfers on each loop.
    private let transfers: Mutex<[Int]>

    /// Takes loops of the process's group.
    init() {
        let count = min(Self.most, System.coreCount)
        loops = (0..<count).map { ordinal in
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            return Loop(ordinal: ordinal, loop: loop, executor: LoopExecutor(loop))
        }
        transfers = Mutex(Array(repeating: 0, count: count))
    }

    /// Runs a transfer's tasks on the loop that has the fewest transfers, on the first of these.
    func withLoop<Value: Sendable>(_ body: (any EventLoop) async -> Value) async -> Value {
        let chosen = transfers.withLock { transfers in
            let ordinal = transfers.indices.min { transfers[$0] < transfers[$1] } ?? 0
            transfers[ordinal] += 1
            return loops[ordinal]
        }
        defer { transfers.withLock { $0[chosen.ordinal] -= 1 } }
        return await withTaskExecutorPreference(chosen.executor) { await body(chosen.loop) }
    }
}

/// Runs a transfer's tasks on the event loop of its connections, so that a small file costs no change of threads but those
/// that its disk needs.
///
/// Nothing that runs here may block: stores leave the thread by themselves.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
