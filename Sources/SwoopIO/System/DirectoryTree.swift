// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The files below a directory.
public enum DirectoryTree {
    /// A file below the directory that was asked about.
    public struct Entry: Hashable, Sendable {
        /// Where it is, with the directory's own path in front.
        public let path: String
        /// The same without the directory, parts separated by `/`.
        public let name: String
    }

    /// Deeper trees are mistakes.
    private static let deepest = 128

    /// Lists every regular file, in the order of the bytes of their names. Links to files count as files; links to directories
    /// are not followed, so that no loop has an end to be found.
    ///
    /// - Throws: ``StoreError`` if a directory cannot be read.
    public static func files(in directory: String) throws(StoreError) -> [Entry] {
        var found: [Entry] = []
        try collect(directory, "", depth: 0, into: &found)
        return found
    }

    private static func collect(
        _ path: String,
        _ prefix: String,
        depth: Int,
        into found: inout [Entry]
    ) throws(StoreError) {
        guard depth < deepest else { throw StoreError(.tooManySymbolicLinkLevels, reading: path) }
        for name in try names(in: path) {
            let (below, key) = ("\(path)/\(name)", prefix + name)
            guard let status = try? FilePath(below).stat(followTargetSymlink: false) else { continue }
            switch status.type {
            case .directory: try collect(below, key + "/", depth: depth + 1, into: &found)
            case .regular: found.append(Entry(path: below, name: key))
            case .symbolicLink where (try? FilePath(below).stat())?.type == .regular:
                found.append(Entry(path: below, name: key))
            default: continue
            }
        }
    }

    private static func names(in path: String) throws(StoreError) -> [String] {
        guard let directory = opendir(path) else { throw StoreError(Errno(rawValue: errno), reading: path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
