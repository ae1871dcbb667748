// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore

extension StreamStore {
    /// Bytes that wait for their turn, in blocks that are used again.
    ///
    /// Received buffers are not kept: one may be a MiB of memory that holds a few bytes. The block that was given back last
    /// is used next, so that a reader who keeps up costs a few blocks that stay in the processor's cache, and one who does
    /// not costs the window.
    ///
    /// Invariants
    ///   1. Every byte of `arrived` is either before `taken` or in its block.
    ///   2. No block is shared: whoever takes one owns it until it is given back.
    struct Ring {
        /// Bytes in a block: few enough for the processor's cache, enough that the system call does not matter.
        static let blockSize: Int64 = 256 << 10

        /// The blocks by their offset's multiple of ``blockSize``.
        private var blocks: [Int64: ByteBuffer] = [:]
        private var spare: [ByteBuffer] = []
        /// Everything that ever came.
        private var arrived = RangeSet()
        /// Everything before this offset has left.
        private(set) var taken: Int64 = 0

        /// Everything before this offset has come.
        var frontier: Int64 { arrived.frontier }
        /// Whether no byte waits behind a gap.
        var isInOrder: Bool { arrived.count == arrived.frontier }

        /// Adds what is new of `bytes`; what came before stays as it came.
        mutating func insert(_ bytes: ByteBuffer, at offset: Int64) {
            let range = ByteRange(offset, offset + Int64(bytes.readableBytes))
            for gap in arrived.gaps(in: range).ranges {
                var lower = gap.lower
                while lower < gap.upper {
                    let upper = min(gap.upper, (lower / Self.blockSize + 1) * Self.blockSize)
                    let start = bytes.readerIndex + Int(lower - offset)
                    if let piece = bytes.getSlice(at: start, length: Int(upper - lower)) { put(piece, at: lower) }
                    lower = upper
                }
            }
            arrived.insert(range)
        }

        /// Copies bytes that lie within one block.
        private mutating func put(_ piece: ByteBuffer, at offset: Int64) {
            let index = offset / Self.blockSize
            if blocks[index] == nil { blocks[index] = unusedBlock() }
            blocks[index]?.setBuffer(piece, at: Int(offset % Self.blockSize))
        }

        /// Takes the bytes whose turn it is, up to the end of a block; `nil` if they have not come.
        mutating func next() -> ByteBuffer? {
            let index = taken / Self.blockSize
            let end = min(frontier, (index + 1) * Self.blockSize)
            guard taken < end else { return nil }
            let (start, count) = (Int(taken % Self.blockSize), Int(end - taken))
            taken = end
            guard end % Self.blockSize == 0 else { return copy(start, count, of: index) }
            var block = blocks.removeValue(forKey: index)
            block?.moveReaderIndex(to: start)
            return block
        }

        /// Copies what has come of a block: its rest is still to be written into it.
        private mutating func copy(_ start: Int, _ count: Int, of index: Int64) -> ByteBuffer? {
            var copy = unusedBlock()
            copy.clear()
            guard let piece = blocks[index]?.getSlice(at: start, length: count) else { return nil }
            copy.writeImmutableBuffer(piece)
            return copy
        }

        /// Gives back what ``next()`` gave out.
        mutating func giveBack(_ block: ByteBuffer) { spare.append(block) }

        private mutating func unusedBlock() -> ByteBuffer {
            let size = Int(Self.blockSize)
            guard var block = spare.popLast() else {
                var block = ByteBufferAllocator().buffer(capacity: size)
                block.moveWriterIndex(to: size)
                return block
            }
            block.clear(minimumCapacity: size)
            block.moveWriterIndex(to: size)
            return block
        }
    }
}
