// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
public import SwoopCore
internal import SystemPackage

/// An empty directory of our own among the system's temporary files.
public struct ScratchDirectory: Sendable {
    /// Its absolute path, without a slash at its end.
    public let path: String

    /// Makes one; `nil` if the system lets us not.
    public static func make() -> ScratchDirectory? {
        let path = "\(FileManager.default.temporaryDirectory.path)/swoop-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            return ScratchDirectory(path: path)
        } catch {
            return nil
        }
    }

    /// Removes it with everything in it.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a text into it; answers the file's path, or `nil` if that cannot be done.
    public func write(_ text: String, as name: String) -> String? {
        let file = "\(path)/\(name)"
        return FileManager.default.createFile(atPath: file, contents: Data(text.utf8)) ? file : nil
    }

    /// A regular file in it; `nil` if there is none.
    public func file(_ name: String) -> ScratchFile? {
        let path = FilePath(path).appending(name)
        guard let file = try? OwnedDescriptor(opening: path, .readOnly), let status = try? file.status(),
            status.type == .regular
        else { return nil }
        return ScratchFile(file: file, length: status.size)
    }
}

/// A file that somebody else has written.
public struct ScratchFile: Sendable {
    let file: OwnedDescriptor
    /// In bytes.
    public let length: Int64

    /// The bytes of a range; fewer where the file ends.
    public func read(_ range: ByteRange) -> [UInt8] {
        let count = Int(range.count)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = (try? file.readFully(into: UnsafeMutableRawBufferPointer(buffer), at: range.lower)) ?? 0
        }
    }
}
