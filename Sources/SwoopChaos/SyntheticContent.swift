// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Bytes that look random and are a pure function of seed and offset, so that any range of any length costs no storage.
///
/// Each aligned block of eight bytes is a mix of the seed and the block's number, so that a byte written at the wrong
/// offset or taken from another version does not go unnoticed.
public struct SyntheticContent: Hashable, Sendable {
    /// Which bytes; another seed gives others.
    public let seed: UInt64
    /// How many bytes there are.
    public let length: Int64

    /// Content of `length` bytes; a negative length is none.
    public init(seed: UInt64, length: Int64) {
        self.seed = seed
        self.length = max(0, length)
    }

    /// The bytes of `range`, clipped to the content's length.
    public func bytes(_ range: ByteRange) -> [UInt8] {
        let clipped = range.intersection(ByteRange(0, length))
        return [UInt8](unsafeUninitializedCapacity: Int(clipped.count)) { buffer, count in
            fill(UnsafeMutableRawBufferPointer(buffer), at: clipped.lower)
            count = buffer.count
        }
    }

    /// Writes the bytes from `offset` on over all of `buffer`, past the length too.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) {
        let start = UInt64(bitPattern: offset)
        let head = min(buffer.count, Int((8 - start % 8) % 8))
        for index in 0..<head { buffer[index] = byte(start &+ UInt64(index)) }
        var index = head
        var block = (start &+ UInt64(head)) / 8
        while buffer.count - index >= 8 {
            buffer.storeBytes(of: word(block).littleEndian, toByteOffset: index, as: UInt64.self)
            index += 8
            block &+= 1
        }
        while index < buffer.count {
            buffer[index] = byte(start &+ UInt64(index))
            index += 1
        }
    }

    private func byte(_ offset: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: word(offset / 8) >> (8 * (offset % 8)))
    }

    private func word(_ block: UInt64) -> UInt64 {
        Mixing.mix(seed &+ (block &+ 1) &* Mixing.increment)
    }
}

/// Numbers that look random, made from numbers and texts.
enum Mixing {
    /// The golden ratio's odd fraction of 2^64, SplitMix64's counter step.
    static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// SplitMix64's finaliser: every input bit moves every output bit.
    @inline(__always)
    static func mix(_ input: UInt64) -> UInt64 {
        var value = input
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A number for a text: FNV-1a over its UTF-8, then mixed.
    static func hash(_ text: String) -> UInt64 {
        mix(text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 })
    }

    /// The generator for the `index`-th draw under a seed, independent of every other index.
    static func generator(seed: UInt64, index: Int) -> SplitMix64 {
        SplitMix64(seed: mix(seed &+ mix(UInt64(truncatingIfNeeded: index) &+ increment)))
    }
}
