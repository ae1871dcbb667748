// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A process of a script, its output in files so that nobody has to read while it runs.
final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    private let outputPath: String
    private let errorPath: String
    private let exits: AsyncStream<Int32>

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - command: the program, found in `PATH` unless it is a path, and its arguments.
    ///   - directory: the working directory.
    ///   - scratch: a directory for the files with the output.
    ///   - environment: all of it.
    /// - Throws: if there is no such program.
    init(_ command: [String], directory: String, scratch: String, environment: [String: String]) throws {
        outputPath = "\(scratch)/\(UUID().uuidString).out"
        errorPath = "\(scratch)/\(UUID().uuidString).err"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(filePath: directory)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(outputPath)
        process.standardError = try Self.file(errorPath)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { ended in
            continuation.yield(ended.terminationReason == .exit ? ended.terminationStatus : -ended.terminationStatus)
            continuation.finish()
        }
        try process.run()
        exits = stream
        self.process = Mutex(process)
    }

    var output: String { Self.text(outputPath) }
    var error: String { Self.text(errorPath) }

    /// The exit status; negative for the signal that ended the process. Can be asked for once.
    func exitStatus() async -> Int32 {
        for await status in exits { return status }
        return -1
    }

    func signal(_ number: Int32) {
        let identifier = process.withLock { $0.processIdentifier }
        kill(identifier, number)
    }

    /// Ends the process if it is still there.
    func end() {
        process.withLock { if $0.isRunning { $0.terminate() } }
    }

    private static func file(_ path: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        return try FileHandle(forWritingTo: URL(filePath: path))
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
