// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SystemPackage

/// The directories whose file systems wait for no other machine, so that a few calls on them are cheaper than a change of
/// threads. Finding out may block; remembering does not.
final class LocalDirectories: Sendable {
    static let ofProcess = LocalDirectories()

    /// Directories remembered; more are forgotten and found out again.
    private static let mostKnown = 256

    private let known = Mutex<[FilePath: Bool]>([:])

    /// Whether the directory is known to be local.
    func contains(_ directory: FilePath) -> Bool { known.withLock { $0[directory] ?? false } }

    /// Finds out about a directory that exists.
    func learn(_ directory: FilePath) {
        guard known.withLock({ $0[directory] == nil }), let fileSystem = try? Libc.fileSystem(at: directory) else {
            return
        }
        known.withLock { known in
            if known.count >= Self.mostKnown { known = [:] }
            known[directory] = fileSystem.isLocal
        }
    }
}
