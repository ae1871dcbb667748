// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// What a program came to.
struct RunResult: Sendable {
    let ending: ChildProcess.Ending
    let output: String
    let error: String
}

/// Starting a program and waiting for it, by the system's own calls.
enum Spawning {
    /// Closes every descriptor but the standard ones, then becomes the program. NIO's sockets would be inherited: a
    /// connection that a test's origin closes would stay open for as long as the program runs.
    private static let shim = """
        for file in /proc/self/fd/*; do
            number=${file##*/}
            if ((number > 2)); then eval "exec $number>&-"; fi
        done
        exec "$@"
        """

    /// Starts a program in a process group of its own, without standard input and with no other descriptors.
    static func start(_ executable: String, _ arguments: [String], output: CInt, error: CInt) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var words: [UnsafeMutablePointer<CChar>?] =
            (["bash", "-c", shim, "bash", executable] + arguments)
            .map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier: pid_t = 0
        let failure = posix_spawn(&identifier, "/bin/bash", &actions, &attributes, &words, environ)
        guard failure == 0 else {
            throw Tool.Failure(description: "cannot start \(executable): \(String(cString: strerror(failure)))")
        }
        return identifier
    }

    /// Blocks until a program has ended.
    static func wait(for identifier: pid_t) -> ChildProcess.Ending {
        var status: CInt = 0
        while waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else { return .exited(-1) }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(by: signal)
    }
}

/// A file without a name that a program writes into. Unlike a pipe it never makes the program wait.
final class CapturedText: Sendable {
    let descriptor: CInt

    init() throws {
        let template = FileManager.default.temporaryDirectory.appending(path: "swoop-text-XXXXXX").path
        var path = Array(template.utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Tool.Failure(description: "cannot make \(template)") }
        unlink(path)
    }

    deinit { close(descriptor) }

    var text: String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}

/// A pipe that a program writes lines into.
struct LinePipe: Sendable {
    private let reading: CInt
    let writing: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Tool.Failure(description: "cannot make a pipe") }
        (reading, writing) = (ends[0], ends[1])
    }

    /// Its lines until the last writer is gone. To be called once, when the program has its end of the pipe.
    func lines() -> AsyncStream<String> {
        close(writing)
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread { [reading] in
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(reading, &buffer, buffer.count)
                guard count > 0 else { break }
                rest += buffer[..<count]
                let parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                for part in parts.dropLast() { line.yield(String(decoding: part, as: UTF8.self)) }
                rest = Array(parts.last ?? [])
            }
            close(reading)
            line.finish()
        }
        return lines
    }
}
