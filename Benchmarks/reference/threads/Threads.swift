// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The synchronous counterpart of Swoop's transfer loop: one OS thread and one blocking socket for each connection,
/// 32 MiB ranges off a shared counter, a 512 KiB read buffer, `pwrite` at the offset. No event loop, no `async`, no
/// journal, no digest. It is here to show what asynchrony costs or earns.
@main
enum Threads {
    static func main() {
        do {
            try run(CommandLine.arguments)
        } catch {
            stop(error)
        }
    }

    private static func run(_ arguments: [String]) throws {
        guard arguments.count == 4, let count = Int(arguments[3]), (1...256).contains(count) else {
            throw Failure("usage: threads URL OUT CONNECTIONS(1...256)")
        }
        let target = try Target(url: arguments[1])
        let length = try Connection(to: target).length()
        let file = open(arguments[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0, ftruncate(file, length) == 0 else { throw systemFailure(arguments[2]) }
        try Job(target: target, length: length, file: file).run(threads: count)
        guard close(file) == 0 else { throw systemFailure(arguments[2]) }
    }

    /// Prints why and ends the process: a reference that fails has nothing to keep.
    static func stop(_ error: any Error) -> Never {
        let line = Array("threads: \((error as? Failure)?.message ?? "\(error)")\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}

/// What all threads share: the next range to take is the only thing that changes.
final class Job: Sendable {
    private static let rangeSize = 32 << 20

    private let target: Target
    private let length: Int
    private let file: Int32
    private let next = Atomic<Int>(0)

    init(target: Target, length: Int, file: Int32) {
        self.target = target
        self.length = length
        self.file = file
    }

    func run(threads count: Int) throws {
        var threads: [pthread_t] = []
        for _ in 0..<count {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self).toOpaque()
            let code = pthread_create(&thread, nil, threadMain, context)
            guard code == 0 else { throw Failure("cannot start a thread: \(String(cString: strerror(code)))") }
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    fileprivate func work() throws {
        guard var range = takeRange() else { return }
        let connection = try Connection(to: target)
        while true {
            try connection.fetch(range, into: file)
            guard let another = takeRange() else { return }
            range = another
        }
    }

    private func takeRange() -> Range<Int>? {
        let lower = next.add(Self.rangeSize, ordering: .relaxed).oldValue
        return lower < length ? lower..<min(lower + Self.rangeSize, length) : nil
    }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    do {
        try Unmanaged<Job>.fromOpaque(context).takeRetainedValue().work()
    } catch {
        Threads.stop(error)
    }
    return nil
}
