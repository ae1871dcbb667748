// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

/// A file of the user's that is read whole before anything begins: netrc, cookies, checksums.
public enum SmallFile {
    /// The longest that is read, in bytes.
    public static let maximumBytes = 64 << 20

    /// Reads a file.
    ///
    /// - Returns: its text; bytes that are not UTF-8 become replacement characters.
    /// - Throws: ``StoreError`` if it cannot be read, is a directory, or is longer than ``maximumBytes``.
    public static func text(_ path: String) throws(StoreError) -> String {
        do throws(Errno) {
            let file = try OwnedDescriptor(opening: FilePath(path), .readOnly)
            guard try file.status().type != .directory else { throw .isDirectory }
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try withErrno { try chunk.withUnsafeMutableBytes { try file.descriptor.read(into: $0) } }
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += chunk[..<count]
                guard bytes.count <= maximumBytes else { throw .fileTooLarge }
            }
        } catch {
            throw StoreError(error, reading: path)
        }
    }
}
