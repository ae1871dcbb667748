// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// A program that runs beside a test, for as long as the test needs it.
///
/// Not Foundation's `Process`: that takes the end of a server for later than it is, as the server's own children keep
/// one of its descriptors. This one gives a program no descriptor but its three streams, and a process group of its own.
final class ChildProcess: Sendable {
    enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    private final class State: Sendable {
        let ending = Mutex<Ending?>(nil)
    }

    /// The lines of its standard output as they come, if asked for. One consumer.
    let lines: AsyncStream<String>
    private let identifier: pid_t
    private let state = State()
    private let ended: Task<Void, Never>
    private let output: CapturedText
    private let complaints: CapturedText

    /// Starts a program, and kills it and its children if they are still running when `body` is done. Its standard output
    /// is captured, or `streaming` read line by line.
    static func with<R>(
        _ executable: String,
        _ arguments: [String],
        streaming: Bool = false,
        _ body: (ChildProcess) async throws -> R
    ) async throws -> R {
        let child = try ChildProcess(executable, arguments, streaming: streaming)
        let result: Result<R, any Error>
        do {
            result = .success(try await body(child))
        } catch {
            result = .failure(error)
        }
        child.signal(SIGKILL)
        await child.wait()
        return try result.get()
    }

    private init(_ executable: String, _ arguments: [String], streaming: Bool) throws {
        output = try CapturedText()
        complaints = try CapturedText()
        let pipe = streaming ? try LinePipe() : nil
        identifier = try Spawning.start(
            executable,
            arguments,
            output: pipe?.writing ?? output.descriptor,
            error: complaints.descriptor
        )
        lines = pipe?.lines() ?? AsyncStream { $0.finish() }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        ended = Task { for await _ in ends {} }
        Thread.detachNewThread { [identifier, state] in
            let ending = Spawning.wait(for: identifier)
            state.ending.withLock { $0 = ending }
            end.finish()
        }
    }

    /// How it ended, if it has.
    var ending: Ending? { state.ending.withLock { $0 } }

    /// Sends a signal to it and to its children.
    func signal(_ number: Int32) {
        // Its number may be another's once it has ended, and its group's children end with it.
        if ending == nil { kill(-identifier, number) }
    }

    /// Waits for its end; cancelling the task brings it about.
    @discardableResult
    func wait() async -> Ending {
        await withTaskCancellationHandler {
            await ended.value
        } onCancel: {
            signal(SIGKILL)
        }
        return ending ?? .exited(-1)
    }

    /// What it came to, once it has ended.
    func result() async -> RunResult {
        RunResult(ending: await wait(), output: output.text, error: complaints.text)
    }
}
