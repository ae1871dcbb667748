// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// An open file that closes itself when its last user lets go.
///
/// Whoever is in the middle of a call holds a reference, so that `close` on one thread cannot hand the number of the
/// descriptor to another file while a second thread still writes through it.
final class OwnedDescriptor: Sendable {
    /// The descriptor; open as long as this object lives.
    let descriptor: FileDescriptor

    /// Takes over an open descriptor.
    init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Opens a path; never inherited by child processes.
    convenience init(
        opening path: FilePath,
        _ mode: FileDescriptor.AccessMode,
        options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions? = nil
    ) throws(Errno) {
        let opened = try withErrno {
            try FileDescriptor.open(path, mode, options: options.union(.closeOnExec), permissions: permissions)
        }
        self.init(opened)
    }

    deinit { try? descriptor.close() }

    /// Writes all of `bytes` at `offset`.
    func writeFully(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) {
        let written = try repeatedWrite(bytes, at: offset) { piece, position throws(Errno) in
            try withErrno { try self.descriptor.write(toAbsoluteOffset: position, piece) }
        }
        guard written == bytes.count else { throw .ioError }
    }

    /// Reads from `offset` until `buffer` is full or the file ends; answers how many bytes were read.
    func readFully(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let position = offset &+ Int64(filled)
            let count = try withErrno { try self.descriptor.read(fromAbsoluteOffset: position, into: rest) }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    /// Length of the file in bytes, blocks it occupies, and which file it is.
    func status() throws(Errno) -> Stat { try descriptor.stat() }

    /// Sets the length of the file; what is added reads as zeros.
    func resize(to length: Int64) throws(Errno) {
        try withErrno { try self.descriptor.resize(to: length) }
    }

    /// Whether `path` names this very file and no other.
    func isNamed(_ path: FilePath) -> Bool { (try? status())?.isNamed(path) ?? false }
}

extension Stat {
    /// Whether `path` names the very file of which this is the status.
    func isNamed(_ path: FilePath) -> Bool {
        guard let named = try? path.stat(followTargetSymlink: false) else { return false }
        return deviceID == named.deviceID && inode == named.inode
    }
}

/// Calls `write` for what is left of `bytes` until nothing is, or no byte was taken: a system call may write less than it
/// was given.
///
/// - Parameters:
///   - bytes: what to write.
///   - offset: where the first byte belongs.
///   - write: takes some bytes and their offset and answers how many of them, from the first, it wrote.
/// - Returns: the number of bytes written; less than `bytes.count` only if a call wrote none.
/// - Throws: what `write` throws.
package func repeatedWrite<Failure: Error>(
    _ bytes: UnsafeRawBufferPointer,
    at offset: Int64,
    write: (UnsafeRawBufferPointer, Int64) throws(Failure) -> Int
) throws(Failure) -> Int {
    var written = 0
    while written < bytes.count {
        let count = try write(UnsafeRawBufferPointer(rebasing: bytes[written...]), offset &+ Int64(written))
        guard count > 0 else { break }
        written += count
    }
    return written
}

/// Narrows what swift-system throws to what it is.
func withErrno<Value>(_ call: () throws -> Value) throws(Errno) -> Value {
    do {
        return try call()
    } catch let error as Errno {
        throw error
    } catch {
        throw .ioError
    }
}
