// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

/// A small file of lines that one process at a time may have: an upload's memory. Losing its last lines in a crash costs
/// repeated work, never a wrong byte, so nothing waits for the disk.
public final class RecordFile: Sendable {
    private let file: OwnedDescriptor
    private let path: FilePath
    private let pool = BlockingPool(on: BlockingPool.diskThreads)

    /// Opens the file, or makes it and the directories above it, for its owner only.
    ///
    /// - Throws: ``StoreError``; its code is `.locked` if another process has the file.
    public init(directory: String, name: String) throws(StoreError) {
        path = FilePath(directory).appending(name)
        do throws(Errno) {
            try Self.makeDirectories(FilePath(directory))
            file = try OwnedDescriptor(
                opening: path,
                .readWrite,
                options: [.create, .append],
                permissions: [.ownerReadWrite]
            )
        } catch {
            throw StoreError(error, "write", path)
        }
        do throws(Errno) {
            try Libc.tryLock(file.descriptor)
        } catch {
            guard error == .wouldBlock else { throw StoreError(error, "lock", path) }
            let why = "another swoop is uploading the same file to the same place: wait for it, or stop it"
            throw StoreError(.locked, why, "lock", path.string)
        }
    }

    /// What the file holds.
    public func text() throws(StoreError) -> String { try SmallFile.text(path.string) }

    /// Adds a line, which ends in a line break; written later, in order. What cannot be written is not remembered.
    public func append(_ line: String) {
        pool.submit { self.write(line) }
    }

    /// Replaces everything by a line.
    public func replace(with line: String) {
        pool.submit {
            try? self.file.resize(to: 0)
            self.write(line)
        }
    }

    /// Removes the file.
    public func remove() {
        pool.submit {
            try? self.file.resize(to: 0)
            try? Libc.unlink(self.path)
        }
    }

    /// Waits for what was added, and removes the file if nothing is in it.
    public func close() async {
        await pool.close {
            if let status = try? self.file.status(), status.size == 0 { try? Libc.unlink(self.path) }
        }
    }

    private func write(_ line: String) {
        var line = line
        _ = try? withErrno { try line.withUTF8 { try file.descriptor.writeAll(UnsafeRawBufferPointer($0)) } }
    }

    /// Several transfers may make them at the same time.
    private static func makeDirectories(_ path: FilePath) throws(Errno) {
        do throws(Errno) {
            try Libc.makeDirectory(path)
        } catch .noSuchFileOrDirectory where !path.removingLastComponent().isEmpty {
            try makeDirectories(path.removingLastComponent())
            do throws(Errno) { try Libc.makeDirectory(path) } catch { guard error == .fileExists else { throw error } }
        } catch {
            guard error == .fileExists else { throw error }
        }
    }
}
