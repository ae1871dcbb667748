// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
internal import SystemPackage

// Digests of pieces, read back from the page cache right after they were written.
extension FileStore {
    private static let pieceBlock = 256 << 10

    public func hasDigest(_ digest: Digest, in range: ByteRange) async throws(StoreError) -> Bool {
        try await blocking("verify a piece") { () throws(StoreError) in
            let (paths, partial) = try self.opened("verify a piece")
            do throws(Errno) {
                return try Self.digest(of: range, in: partial, by: digest.algorithm) == digest
            } catch {
                throw StoreError(error, "read", paths.partial)
            }
        }
    }

    /// The digest of a range, or `nil` if the file ends before it does.
    private static func digest(
        of range: ByteRange,
        in file: OwnedDescriptor,
        by algorithm: DigestAlgorithm
    ) throws(Errno) -> Digest? {
        var digests = DigestSet([algorithm])
        var buffer = [UInt8](repeating: 0, count: Int(min(Int64(pieceBlock), range.count)))
        var offset = range.lower
        while offset < range.upper {
            let count = Int(min(Int64(buffer.count), range.upper - offset))
            let isWhole = try withErrno {
                try buffer.withUnsafeMutableBytes { bytes in
                    let space = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
                    guard try file.readFully(into: space, at: offset) == count else { return false }
                    digests.update(UnsafeRawBufferPointer(space))
                    return true
                }
            }
            guard isWhole else { return nil }
            offset += Int64(count)
        }
        return digests.digests().first
    }
}
