// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A file as a gzip stream that compresses nothing (RFC 1952, stored blocks of RFC 1951): many members of equal length, so that
/// any part of it can be made without those before it.
struct GzipStream: Hashable, Sendable {
    /// File bytes in each member but the last.
    private static let memberContent: Int64 = 32 << 10
    /// Header, block header and trailer.
    private static let overhead: Int64 = 10 + 5 + 8

    private let source: BodySource
    private let length: Int64

    init(of source: BodySource, length: Int64) {
        self.source = source
        self.length = length
    }

    /// Length of the stream of a file of `length` bytes; an empty one is an empty member.
    static func length(of length: Int64) -> Int64 {
        let members = max(1, (length + memberContent - 1) / memberContent)
        return length + members * overhead
    }

    /// Reads bytes of the stream.
    func read(_ count: Int, at offset: Int64) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        var position = offset
        while bytes.readableBytes < count {
            let size = Self.memberContent + Self.overhead
            let number = position / size
            guard number == 0 || number * Self.memberContent < length else { break }
            let member = try member(number)
            let part = member.dropFirst(Int(position % size)).prefix(count - bytes.readableBytes)
            guard !part.isEmpty else { break }
            bytes.writeBytes(part)
            position += Int64(part.count)
        }
        return bytes
    }

    private func member(_ number: Int64) throws -> [UInt8] {
        let start = number * Self.memberContent
        let content = Array(
            try source.read(Int(min(Self.memberContent, max(0, length - start))), at: start).readableBytesView
        )
        let count = UInt16(content.count)
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]
        let trailer = Self.littleEndian(CRC32.of(content)) + Self.littleEndian(UInt32(content.count))
        return header + Self.littleEndian(count) + Self.littleEndian(~count) + content + trailer
    }

    private static func littleEndian(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        stride(from: 0, to: value.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// The check that ends a gzip member (RFC 1952 section 8).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }
}
