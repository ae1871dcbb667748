// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Makes an empty directory for a test and removes it, and everything in it, when `body` is done.
///
/// - Parameter body: gets the directory's absolute path, without a slash at its end.
/// - Returns: what `body` returned.
/// - Throws: what `body` threw, or an error of the file system.
public func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let base = FileManager.default.temporaryDirectory.path
    let directory = "\(base)/swoop-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    do {
        let value = try await body(directory)
        try FileManager.default.removeItem(atPath: directory)
        return value
    } catch {
        try? FileManager.default.removeItem(atPath: directory)
        throw error
    }
}

/// Looks at real files on a test's behalf.
public enum TestFiles {
    /// The bytes of a file, or `nil` if there is none.
    public static func read(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }

    /// Makes a file, replacing an older one.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// The names in a directory, sorted.
    public static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}
