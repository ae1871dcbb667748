// SPDX-License-Identifier: Apache-2.0

internal import CSwoopSystem
internal import SwoopCore

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Runs another program to its end, or to a time-out.
public enum ChildProgram {
    /// How a program ended.
    public enum Ending: Hashable, Sendable {
        /// By itself, with this status.
        case exited(Int32)
        /// By this signal.
        case killed(Int32)
        /// Ended by us, because its time was over or our task was cancelled.
        case stopped
        /// It could not be started, in the system's words.
        case absent(String)
    }

    /// How often it is looked at.
    private static let interval: Duration = .milliseconds(10)

    /// Runs a program with nothing to read and nobody to listen to what it prints.
    ///
    /// - Parameters:
    ///   - words: the program, found by PATH, and its arguments.
    ///   - timeout: after which it and its children are killed.
    /// - Returns: how it ended.
    public static func run(_ words: [String], timeout: Duration) async -> Ending {
        let child: pid_t
        switch start(words) {
        case .failure(let problem): return .absent(problem.text)
        case .success(let identifier): child = identifier
        }
        let clock = ContinuousClock()
        let end = clock.now + timeout
        while clock.now < end, !Task.isCancelled {
            if let ending = look(at: child, waiting: false) { return ending }
            try? await Task.sleep(for: interval)
        }
        kill(-child, SIGKILL)
        _ = look(at: child, waiting: true)
        return .stopped
    }

    /// Runs a program and reads what it prints, which may be secret: it goes to a file that only we can read.
    ///
    /// - Returns: `nil` if it fails, or prints more than anybody would for an answer.
    public static func output(of words: [String], timeout: Duration = .seconds(60)) async -> String? {
        guard let directory = ScratchDirectory.make() else { return nil }
        defer { directory.remove() }
        let shell = ["sh", "-c", "umask 077; exec \"$@\" >\"$0\"", "\(directory.path)/output"]
        guard await run(shell + words, timeout: timeout) == .exited(0), let file = directory.file("output"),
            file.length <= 1 << 20
        else { return nil }
        return String(decoding: file.read(ByteRange(0, file.length)), as: UTF8.self)
    }

    private struct Problem: Error {
        let text: String
    }

    /// Starts a program in a session of its own, so that its children end with it.
    private static func start(_ words: [String]) -> Result<pid_t, Problem> {
        guard !words.isEmpty else { return .failure(Problem(text: "no program is named")) }
        let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        let child = swoop_spawn(copies)
        return child > 0 ? .success(child) : .failure(Problem(text: SystemText.describe(errno)))
    }

    /// How a child ended, or `nil` if it has not.
    private static func look(at child: pid_t, waiting: Bool) -> Ending? {
        var status: Int32 = 0
        var result = waitpid(child, &status, waiting ? 0 : WNOHANG)
        while result < 0, errno == EINTR { result = waitpid(child, &status, waiting ? 0 : WNOHANG) }
        guard result != 0 else { return nil }
        guard result > 0 else { return .exited(-1) }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
    }
}
