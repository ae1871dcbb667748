// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

/// An open journal. Each record is one append of one line, so that a crash loses or tears only the last ones.
struct JournalFile: Sendable {
    /// Longest beginning of a journal that is read back; what follows could only add claims.
    private static let readLimit = 16 << 20

    private let file: OwnedDescriptor
    private let path: FilePath

    /// Replaces the journal by one that starts with `records`, in one step: a reader sees the old one or the new one.
    ///
    /// If an old journal exists, the new one is on stable storage before this returns, because the caller is about to
    /// overwrite bytes that the old one vouches for. Without an old one nothing wrong can come back after a loss of
    /// power, so that there is nothing to wait for.
    static func replace(_ paths: TargetPaths, with records: [JournalRecord]) throws(StoreError) -> JournalFile {
        do {
            try? Libc.unlink(paths.newJournal)
            let file = try OwnedDescriptor(
                opening: paths.newJournal,
                .writeOnly,
                options: [.create, .exclusiveCreate, .append, .noFollow],
                permissions: [.ownerReadWrite]
            )
            let hadJournal = (try? paths.journal.stat(followTargetSymlink: false)) != nil
            try write(records.flatMap(JournalCodec.encode), to: file)
            if hadJournal { try Libc.syncData(file.descriptor) }
            try Libc.rename(paths.newJournal, to: paths.journal)
            if hadJournal { try syncDirectory(paths.directory) }
            return JournalFile(file: file, path: paths.journal)
        } catch {
            try? Libc.unlink(paths.newJournal)
            throw StoreError(error, "write", paths.journal)
        }
    }

    /// The bytes of the journal at `path`, or `nil` if there is none that can be read.
    static func read(_ path: FilePath) -> [UInt8]? {
        guard let file = try? OwnedDescriptor(opening: path, .readOnly, options: [.noFollow, .nonBlocking]),
            let status = try? file.status(), status.type == .regular
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(Int(clamping: status.size), readLimit))
        guard let count = try? bytes.withUnsafeMutableBytes({ try file.readFully(into: $0, at: 0) }) else { return nil }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Removes the journal, if there is one, and makes that durable: the caller is about to overwrite what it vouches for.
    static func removeDurably(_ paths: TargetPaths) throws(StoreError) {
        do {
            try Libc.unlink(paths.journal)
            try syncDirectory(paths.directory)
        } catch {
            if error != .noSuchFileOrDirectory { throw StoreError(error, "remove", paths.journal) }
        }
    }

    /// Makes the names in a directory durable; a file system that cannot do that for directories is no error.
    static func syncDirectory(_ directory: FilePath) throws(Errno) {
        let opened = try OwnedDescriptor(opening: directory, .readOnly, options: .directory)
        do {
            try Libc.sync(opened.descriptor)
        } catch {
            guard error == .invalidArgument || error == .notSupported else { throw error }
        }
    }

    /// Appends a record. A record that does not fit is taken back, so that later ones are not lost behind its remains.
    func append(_ record: JournalRecord) throws(StoreError) {
        do {
            try Self.write(JournalCodec.encode(record), to: file)
        } catch {
            throw StoreError(error, "write", path)
        }
    }

    private static func write(_ line: [UInt8], to file: OwnedDescriptor) throws(Errno) {
        let written = try withErrno { try line.withUnsafeBytes { try file.descriptor.write($0) } }
        guard written != line.count else { return }
        let length = try file.status().size
        try file.resize(to: max(0, length - Int64(written)))
        throw .noSpace
    }
}
