// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
internal import SystemPackage

/// The file that remembers origins between runs. It is a cache: whatever goes wrong with it costs what it held, no more.
public struct OriginMemoryFile: Sendable {
    private let path: FilePath

    /// Names the file; nothing is touched.
    public init(path: String) { self.path = FilePath(path) }

    /// Reads the file.
    ///
    /// - Parameter seconds: wall-clock time in seconds since 1970.
    /// - Returns: what is remembered and still believed.
    public func load(seconds: Int64) -> [Origin: OriginMemory] {
        guard let file = try? OwnedDescriptor(opening: path, .readOnly, options: [.nonBlocking]),
            let status = try? file.status(), status.type == .regular
        else { return [:] }
        var bytes = [UInt8](repeating: 0, count: Int(min(status.size, Int64(OriginMemoryText.longestText))))
        let count = try? withErrno { try bytes.withUnsafeMutableBytes { try file.readFully(into: $0, at: 0) } }
        return OriginMemoryText.parse(String(decoding: bytes.prefix(count ?? 0), as: UTF8.self), nowSeconds: seconds)
    }

    /// Adds what was learned to what the file holds by now, and replaces it in one step.
    public func save(_ learned: [Origin: OriginMemory], seconds: Int64) {
        let merged = load(seconds: seconds).merging(learned) { $0.seconds > $1.seconds ? $0 : $1 }
        guard !learned.isEmpty, (try? makeDirectories(path.removingLastComponent())) != nil else { return }
        var temporary = path
        temporary.extension = "\(UInt64.random(in: .min ... .max)).new"
        do {
            let file = try OwnedDescriptor(
                opening: temporary,
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow],
                permissions: [.ownerReadWrite]
            )
            let text = Array(OriginMemoryText.format(merged).utf8)
            try withErrno { try text.withUnsafeBytes { try file.writeFully($0, at: 0) } }
            try Libc.rename(temporary, to: path)
        } catch {
            try? Libc.unlink(temporary)
        }
    }

    /// `$XDG_CACHE_HOME` may not exist on a fresh machine.
    private func makeDirectories(_ directory: FilePath) throws(Errno) {
        guard !directory.isEmpty, directory.lastComponent != nil else { return }
        do throws(Errno) {
            try Libc.makeDirectory(directory)
        } catch {
            guard error != .fileExists else { return }
            guard error == .noSuchFileOrDirectory else { throw error }
            try makeDirectories(directory.removingLastComponent())
            try Libc.makeDirectory(directory)
        }
    }
}
