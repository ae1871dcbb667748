// SPDX-License-Identifier: Apache-2.0

internal import CSwoopSystem
internal import SystemPackage

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The C library's calls on files that swift-system lacks, and the environment.
///
/// Every call is repeated as long as a signal interrupts it, and fails with the system's error number.
enum Libc {
    /// What is known about a file system.
    struct FileSystem {
        /// Bytes that this user may still allocate, or `nil` if the file system does not count.
        var available: Int64?
        /// Longest file name in bytes.
        var longestName: Int
        /// Whether its files live in memory and never reach a device.
        var isInMemory: Bool
        /// Whether calls on it wait for no other machine and no other program.
        var isLocal: Bool
    }

    // MARK: Open files

    /// Waits until the file's data, and the metadata needed to read them, are on stable storage.
    static func syncData(_ file: FileDescriptor) throws(Errno) {
        try retrying { fdatasync(file.rawValue) }
    }

    /// Waits until the file or directory is on stable storage.
    static func sync(_ file: FileDescriptor) throws(Errno) {
        try retrying { fsync(file.rawValue) }
    }

    /// Allocates blocks for `range` of the file and extends the file if it is shorter.
    static func allocate(_ file: FileDescriptor, offset: Int64, length: Int64) throws(Errno) {
        try retrying { swoop_allocate(file.rawValue, offset, length) }
    }

    /// Gives blocks back; the file keeps its length.
    static func punchHole(_ file: FileDescriptor, offset: Int64, length: Int64) throws(Errno) {
        try retrying { swoop_punch_hole(file.rawValue, offset, length) }
    }

    /// Starts to write dirty pages to the device, without waiting for them.
    static func startWriteBack(_ file: FileDescriptor) throws(Errno) {
        try retrying { swoop_start_write_back(file.rawValue) }
    }

    /// Waits until the file's dirty pages have been written, without waiting for metadata or the device's cache.
    static func waitForWriteBack(_ file: FileDescriptor) throws(Errno) {
        try retrying { swoop_wait_for_write_back(file.rawValue) }
    }

    /// Makes everything durable that the file's file system holds; fails with `.notSupported` where that is not known to
    /// reach the device.
    static func syncFileSystem(of file: FileDescriptor) throws(Errno) {
        try retrying { swoop_sync_file_system(file.rawValue) }
    }

    /// Takes the exclusive lock of an open file, or fails with `.wouldBlock`.
    static func tryLock(_ file: FileDescriptor) throws(Errno) {
        try retrying { swoop_try_lock(file.rawValue) }
    }

    // MARK: Names

    /// Renames a file; fails with `.fileExists` if the new name is taken.
    static func renameExclusively(_ from: FilePath, to: FilePath) throws(Errno) {
        try retrying { withNames(from, to, swoop_rename_exclusive) }
    }

    /// Renames a file, replacing whatever has the new name.
    static func rename(_ from: FilePath, to: FilePath) throws(Errno) {
        try retrying { withNames(from, to) { renameat(AT_FDCWD, $0, AT_FDCWD, $1) } }
    }

    /// Gives a file a second name; fails with `.fileExists` if it is taken.
    static func link(_ from: FilePath, to: FilePath) throws(Errno) {
        try retrying { withNames(from, to) { linkat(AT_FDCWD, $0, AT_FDCWD, $1, 0) } }
    }

    /// Removes a name.
    static func unlink(_ path: FilePath) throws(Errno) {
        try retrying { path.withPlatformString { unlinkat(AT_FDCWD, $0, 0) } }
    }

    /// Makes a directory that everybody may use as far as the umask allows.
    static func makeDirectory(_ path: FilePath) throws(Errno) {
        try retrying { path.withPlatformString { mkdirat(AT_FDCWD, $0, 0o777) } }
    }

    /// Opens a file in `directory` that has no name and vanishes when closed.
    static func openUnnamed(in directory: FilePath) throws(Errno) -> FileDescriptor {
        var file: Int32 = -1
        try retrying {
            file = directory.withPlatformString { swoop_open_unnamed($0) }
            return file < 0 ? -1 : 0
        }
        return FileDescriptor(rawValue: file)
    }

    /// What the file system that holds `path` says about itself.
    static func fileSystem(at path: FilePath) throws(Errno) -> FileSystem {
        var answer = swoop_file_system()
        try retrying { path.withPlatformString { swoop_describe_file_system($0, &answer) } }
        let available = answer.total == 0 ? nil : Int64(clamping: answer.available)
        return FileSystem(
            available: available,
            longestName: Int(clamping: answer.name_max),
            isInMemory: answer.is_memory != 0,
            isLocal: answer.is_local != 0
        )
    }

    /// Raises the number of files that this process may have open towards `wanted`; answers what it is now.
    static func raiseOpenFileLimit(to wanted: Int) -> Int {
        Int(clamping: swoop_raise_open_file_limit(Int64(wanted)))
    }

    /// The value of an environment variable, or `nil`.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func withNames(
        _ first: FilePath,
        _ second: FilePath,
        _ call: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        first.withPlatformString { first in second.withPlatformString { second in call(first, second) } }
    }

    /// Makes a call that answers 0, or -1 with errno, until no signal interrupts it.
    private static func retrying(_ call: () -> Int32) throws(Errno) {
        while call() != 0 {
            let error = Errno(rawValue: errno)
            guard error == .interrupted else { throw error }
        }
    }
}
