// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import NIOCore
public import SwoopCore
internal import SystemPackage

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// A file or pipe whose bytes are uploaded. Reading may block, so it is done on threads of the process's own.
public final class SourceFile: Sendable {
    /// Bytes that are read and hashed at a time: they stay in the processor's cache in between.
    private static let stride = 256 << 10

    /// Some bytes of the source.
    public struct Piece: Sendable {
        /// The bytes.
        public let bytes: ByteBuffer
        /// Their SHA-256.
        public let digest: SwoopCore.Digest
        /// Whether the source ended before the range did.
        public let isShort: Bool
    }

    /// What tells this file, as it was when opened, from any other one and from what it may become.
    public struct Identity: Hashable, Sendable {
        /// Length in bytes; `nil` for a pipe.
        public let length: Int64?
        /// Device, inode, length and time of the last change.
        public let text: String
    }

    /// The path, or what to call it.
    public let name: String
    /// The file as it was when it was opened.
    public let identity: Identity

    /// The path from the root, links followed: the same file has the same one, wherever we are.
    public var absolutePath: String {
        guard let path = realpath(name, nil) else { return name }
        defer { free(path) }
        return String(cString: path)
    }

    private let file: OwnedDescriptor
    private let pools: [BlockingPool]

    /// Opens a file; `nil` is standard input.
    ///
    /// - Throws: ``StoreError`` if it cannot be read, or is a directory.
    public init(_ path: String?) throws(StoreError) {
        name = path ?? "standard input"
        do throws(Errno) {
            if let path {
                file = try OwnedDescriptor(opening: FilePath(path), .readOnly)
            } else {
                file = OwnedDescriptor(try withErrno { try FileDescriptor.standardInput.duplicate() })
            }
            let status = try file.status()
            guard status.type != .directory else { throw .isDirectory }
            identity = Identity(status, isFile: status.type == .regular && path != nil)
        } catch {
            throw StoreError(error, reading: path ?? "standard input")
        }
        // Reads of a file overlap; those of a pipe must not.
        let count = identity.length == nil ? 1 : 4
        pools = (0..<count).map { _ in BlockingPool(on: BlockingPool.diskThreads) }
    }

    /// Whether the file is the one that was opened, unchanged.
    private var isUnchanged: Bool {
        guard identity.length != nil, let status = try? file.status() else { return true }
        return Identity(status, isFile: true) == identity
    }

    /// Reads bytes into memory and hashes them on the way, once.
    ///
    /// - Parameters:
    ///   - range: which; for a pipe, as many as this has, from wherever it stands.
    ///   - lane: reads of one lane come one after another.
    /// - Returns: the bytes; fewer than asked for only where the source ends.
    /// - Throws: ``StoreError`` if they cannot be read.
    public func read(_ range: ByteRange, lane: Int) async throws(StoreError) -> Piece {
        let pool = pools[abs(lane % pools.count)]
        let result: Result<Piece, StoreError>? = await pool.run {
            do throws(Errno) {
                return .success(try self.readNow(range))
            } catch {
                return .failure(StoreError(error, reading: self.name))
            }
        }
        guard let piece = try result?.get() else { throw .closed("read") }
        // Bytes of two states of a file make an object that never was.
        guard isUnchanged else {
            let why = "\(name) changed while it was being uploaded: send it again when nobody writes it"
            throw StoreError(.changed, why, "read", name)
        }
        return piece
    }

    /// Whether a range has this SHA-256 now.
    ///
    /// - Throws: ``StoreError`` if it cannot be read.
    public func has(_ digest: SwoopCore.Digest, in range: ByteRange, lane: Int) async throws(StoreError) -> Bool {
        try await read(range, lane: lane).digest == digest
    }

    private func readNow(_ range: ByteRange) throws(Errno) -> Piece {
        let wanted = Int(clamping: range.count)
        var bytes = ByteBufferAllocator().buffer(capacity: identity.length == nil ? 0 : wanted)
        var hash = SHA256()
        while bytes.readableBytes < wanted {
            let room = min(Self.stride, wanted - bytes.readableBytes)
            let offset = range.lower + Int64(bytes.readableBytes)
            let (file, isFile) = (file, identity.length != nil)
            let count: Int = try withErrno {
                try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
                    let space = UnsafeMutableRawBufferPointer(rebasing: space[..<room])
                    let count =
                        try isFile
                        ? file.descriptor.read(fromAbsoluteOffset: offset, into: space)
                        : file.descriptor.read(into: space)
                    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: space[..<count]))
                    return count
                }
            }
            if count == 0 { break }
        }
        guard let digest = SwoopCore.Digest(algorithm: .sha256, bytes: Array(hash.finalize())) else { throw .ioError }
        return Piece(bytes: bytes, digest: digest, isShort: bytes.readableBytes < wanted)
    }
}

extension SourceFile.Identity {
    fileprivate init(_ status: Stat, isFile: Bool) {
        length = isFile ? status.size : nil
        let changed = status.st_mtim
        text =
            "\(status.deviceID.rawValue).\(status.inode.rawValue).\(status.size).\(changed.tv_sec).\(changed.tv_nsec)"
    }
}
