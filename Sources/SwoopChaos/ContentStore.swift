// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import SwoopCore

/// Where the bytes of a version of a file come from.
enum BodySource: Hashable, Sendable {
    /// Made-up bytes: of `first` below the offset `difference`, of `other` from there on.
    case synthetic(SyntheticContent, other: SyntheticContent, difference: Int64)
    case file(FileContent)
    indirect case gzipped(GzipStream)

    /// Reads bytes; of a file on disk this takes as long as the disk does.
    func read(_ count: Int, at offset: Int64) throws -> ByteBuffer {
        switch self {
        case .synthetic(let first, let other, let difference):
            let shared = Int(max(0, min(Int64(count), difference - offset)))
            return .filled(count) { bytes in
                first.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<shared]), at: offset)
                other.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[shared...]), at: offset + Int64(shared))
            }
        case .file(let file):
            return try file.read(count, at: offset)
        case .gzipped(let stream):
            return try stream.read(count, at: offset)
        }
    }

    /// Whether reading does not wait for anything.
    var isImmediate: Bool { if case .synthetic = self { true } else { false } }
}

/// Finds files by name, as the configuration says.
struct ContentStore: Sendable {
    let configuration: ChaosConfiguration

    /// What is known of a file, or nil if there is none of that name. A name has passed ``ChaosRequest/name``.
    func find(_ name: String) -> Resource? {
        switch configuration.content {
        case .directory(let path):
            FileContent.identity(path + "/" + name).map { resource(name, $0) }
        case .synthetic(let lengths):
            (lengths[name] ?? Self.length(inName: name)).map { synthetic(name, $0) }
        }
    }

    /// The bytes of a version of a file, which differ from those of the first from the offset `difference` on.
    func source(_ resource: Resource, version: Int, difference: Int64 = 0) -> BodySource {
        switch configuration.content {
        case .directory(let path):
            let path = path + "/" + resource.name
            var content = FileContent(path: path, fingerprint: resource.fingerprint, version: version)
            content.difference = difference
            return .file(content)
        case .synthetic:
            let first = SyntheticContent(seed: seed(resource.name, version: 1), length: Int64.max)
            let other = SyntheticContent(seed: seed(resource.name, version: version), length: Int64.max)
            return .synthetic(first, other: other, difference: difference)
        }
    }

    /// The seed of a version of a synthetic file.
    func seed(_ name: String, version: Int) -> UInt64 {
        Mixing.mix(configuration.seed ^ Mixing.hash(name) &+ UInt64(truncatingIfNeeded: version))
    }

    private func resource(_ name: String, _ identity: FileIdentity) -> Resource {
        let nanoseconds = identity.seconds &* Moment.nanosecondsPerSecond &+ identity.nanoseconds
        return Resource(
            name: name,
            length: identity.length,
            fingerprint: identity.fingerprint,
            modified: nanoseconds / Moment.nanosecondsPerSecond
        )
    }

    /// Synthetic files were all made on 1 January 2024, long enough ago for their date to be a strong validator.
    private func synthetic(_ name: String, _ length: Int64) -> Resource {
        let fingerprint = seed(name, version: 0) ^ Mixing.mix(UInt64(bitPattern: length))
        return Resource(name: name, length: max(0, length), fingerprint: fingerprint, modified: 1_704_067_200)
    }

    private static func length(inName name: String) -> Int64? {
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        return stem == "empty" ? 0 : ByteCount.parse(stem).map { min($0, 1 << 60) }
    }
}

/// What tells one state of a file on disk from another.
struct FileIdentity: Hashable, Sendable {
    let length: Int64
    let seconds: Int64
    let nanoseconds: Int64
    let inode: UInt64

    init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        length = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
        inode = UInt64(status.st_ino)
    }

    var fingerprint: UInt64 {
        [UInt64(bitPattern: length), UInt64(bitPattern: seconds), UInt64(bitPattern: nanoseconds), inode]
            .reduce(0) { Mixing.mix($0 &+ Mixing.increment ^ $1) }
    }
}

/// A version of a file on disk. Version 1 is the file; in later ones every byte differs, and zeros follow its end.
struct FileContent: Hashable, Sendable {
    let path: String
    let fingerprint: UInt64
    let version: Int
    /// Where the bytes of later versions begin to differ.
    var difference: Int64 = 0

    /// Why a chunk could not be read: the file is gone, or is another one by now.
    struct Changed: Error {}

    static func identity(_ path: String) -> FileIdentity? {
        var status = stat()
        return stat(path, &status) == 0 ? FileIdentity(status) : nil
    }

    /// Reads `count` bytes from `offset`; opens and closes the file each time, so that no descriptor outlives a chunk.
    func read(_ count: Int, at offset: Int64) throws -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Changed() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, FileIdentity(status)?.fingerprint == fingerprint else { throw Changed() }
        return .filled(count) { chunk in
            Self.fill(chunk, from: descriptor, at: offset)
            mask(chunk, at: offset)
        }
    }

    private static func fill(_ chunk: UnsafeMutableRawBufferPointer, from descriptor: CInt, at offset: Int64) {
        var filled = 0
        while filled < chunk.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: chunk[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + Int64(filled)))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        for index in filled..<chunk.count { chunk[index] = 0 }
    }

    private func mask(_ chunk: UnsafeMutableRawBufferPointer, at offset: Int64) {
        guard version > 1 else { return }
        let mask = UInt8(truncatingIfNeeded: version % 255 + 1)
        let start = Int(max(0, min(Int64(chunk.count), difference - offset)))
        for index in start..<chunk.count { chunk[index] ^= mask }
    }
}

extension ByteBuffer {
    /// A buffer of `count` bytes that `fill` writes.
    fileprivate static func filled(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]))
            return count
        }
        return buffer
    }
}
