// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

/// Where a download is to go.
public enum StoreDestination: Hashable, Sendable {
    /// This very path; missing directories above it are made.
    case file(String)
    /// A file in this directory, under the name given to `prepare`; missing directories are made.
    case directory(String)
}

/// The names that one download uses, all in one directory.
struct TargetPaths: Hashable, Sendable {
    /// The final name.
    let target: FilePath
    /// The directory that holds all of them.
    let directory: FilePath
    /// Bytes that are not published yet: `NAME.part`.
    var partial: FilePath { FilePath(target.string + ".part") }
    /// What the partial is known to hold: `NAME.part.journal`.
    var journal: FilePath { FilePath(target.string + Self.journalSuffix) }
    /// A journal that is not complete yet: `NAME.part.new`.
    var newJournal: FilePath { FilePath(target.string + ".part.new") }

    /// The longest of the suffixes.
    private static let journalSuffix = ".part.journal"
    /// What almost every file system allows, for a directory that does not exist yet.
    private static let usualLongestName = 255
    /// What file systems allow that are in use; those that allow less refuse the partial's name by themselves.
    private static let surelyAllowedName = 143

    /// Decides the names.
    ///
    /// - Throws: `.badTarget` for a destination that names no file, and for a name that leads out of its directory: names
    ///   are made safe elsewhere, and this makes sure of it.
    init(_ destination: StoreDestination, name: String) throws(StoreError) {
        switch destination {
        case .file(let path):
            let isFile = !path.isEmpty && !path.utf8.contains(0) && !path.hasSuffix("/")
            target = FilePath(isFile ? path : ".")
        case .directory(let directory):
            let isName = !name.isEmpty && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
            guard isName, !directory.utf8.contains(0) else { throw Self.noFile(name) }
            let isHere = directory.isEmpty || directory == "."
            target = isHere ? FilePath(name) : FilePath(directory).appending(name)
        }
        guard let last = target.lastComponent, last.kind == .regular else { throw Self.noFile(target.string) }
        let parent = target.removingLastComponent()
        directory = parent.isEmpty ? "." : parent
    }

    /// Refuses a name to which `.part.journal` cannot be added.
    func checkLength() throws(StoreError) {
        let length = (target.lastComponent?.string.utf8.count ?? 0) + Self.journalSuffix.utf8.count
        guard length > Self.surelyAllowedName else { return }
        let longest = (try? Libc.fileSystem(at: directory))?.longestName ?? Self.usualLongestName
        guard length > longest else { return }
        throw StoreError(
            .badTarget,
            "cannot use the name \(target.string): with \(Self.journalSuffix) it is longer than \(longest) bytes: "
                + "choose a shorter one",
            "prepare",
            target.string
        )
    }

    /// Makes the directory, and those above it, unless it exists.
    func makeDirectory() throws(StoreError) {
        do {
            try Self.make(directory)
        } catch {
            throw StoreError(error, "make the directory", directory)
        }
    }

    private static func make(_ directory: FilePath) throws(Errno) {
        do {
            try Libc.makeDirectory(directory)
        } catch {
            let parent = directory.removingLastComponent()
            if error == .noSuchFileOrDirectory, !parent.isEmpty, parent != directory {
                try make(parent)
                return try make(directory)
            }
            // Whatever mkdir says of a directory that is there ("exists", "read-only", "permission denied") is no harm.
            let existing = try? directory.stat()
            if existing?.type == .directory { return }
            throw existing == nil ? error : .notDirectory
        }
    }

    private static func noFile(_ path: String) -> StoreError {
        StoreError(.badTarget, "cannot download to \(path): it names no file: choose a file name", "prepare", path)
    }
}
