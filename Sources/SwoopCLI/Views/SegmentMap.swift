// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// The file as a row of cells: which bytes are here, which are on their way, which are missing.
enum SegmentMap {
    /// One cell of the map.
    struct Cell: Hashable, Sendable {
        enum State: Hashable, Sendable {
            /// Most of the cell's bytes are here.
            case held
            /// A connection is fetching at least one of the cell's bytes.
            case inFlight
            /// Most of the cell's bytes are neither here nor on their way.
            case missing
        }

        var state: State
        /// The connection whose live segment the cell belongs to, if any.
        var connection: Int?
        /// Whether this is the first cell in flight of its segment.
        var isFront = false
    }

    /// The map of `progress` in `width` cells.
    ///
    /// Every cell stands for at least one byte, so that a file shorter than the map fills it evenly. An unknown length
    /// has no map: a block that moves says that bytes arrive.
    /// - Complexity: O(width * (segments + log ranges)).
    static func cells(_ progress: TransferProgress, width: Int) -> [Cell] {
        guard width > 0 else { return [] }
        guard let length = progress.length else { return movingBlock(progress, width: width) }
        guard length > 0 else { return Array(repeating: Cell(state: .held), count: width) }
        var cells: [Cell] = []
        cells.reserveCapacity(width)
        for index in 0..<width {
            var cell = cell(bytes(of: index, width: width, length: length), in: progress)
            let continuesSegment = cells.last?.state == .inFlight && cells.last?.connection == cell.connection
            cell.isFront = cell.state == .inFlight && !continuesSegment
            cells.append(cell)
        }
        return cells
    }

    /// The bytes of cell `index`; `length / width` each, the remainder spread evenly. Cannot overflow: the products
    /// stay below `width * width` and `length`.
    private static func bytes(of index: Int, width: Int, length: Int64) -> ByteRange {
        let (quotient, remainder) = length.quotientAndRemainder(dividingBy: Int64(width))
        func bound(_ index: Int64) -> Int64 { quotient * index + remainder * index / Int64(width) }
        let lower = bound(Int64(index))
        return ByteRange(lower, max(lower + 1, bound(Int64(index) + 1)))
    }

    private static func cell(_ bytes: ByteRange, in progress: TransferProgress) -> Cell {
        let live = progress.segments
        if let segment = live.first(where: { !bytes.intersection($0.inFlight).isEmpty }) {
            return Cell(state: .inFlight, connection: segment.connection)
        }
        let held = progress.held.count(in: bytes)
        guard held >= bytes.count - held else { return Cell(state: .missing) }
        let owner = live.first { !bytes.intersection($0.received).isEmpty }
        return Cell(state: .held, connection: owner?.connection)
    }

    /// A block of a fifth of the width that runs to and fro, a step each tenth of a second.
    private static func movingBlock(_ progress: TransferProgress, width: Int) -> [Cell] {
        var cells = Array(repeating: Cell(state: .missing), count: width)
        guard progress.phase == .transferring, let segment = progress.segments.first else { return cells }
        let block = max(1, width / 5)
        let span = Int64(width - block)
        let step = Units.milliseconds(progress.elapsed) / 100 % max(1, span * 2)
        let start = Int(span == 0 ? 0 : min(step, span * 2 - step))
        for index in start..<start + block {
            cells[index] = Cell(state: .inFlight, connection: segment.connection, isFront: index == start)
        }
        return cells
    }
}

extension TransferProgress.Segment {
    fileprivate var inFlight: ByteRange { ByteRange(position, range.upper) }
    fileprivate var received: ByteRange { ByteRange(range.lower, min(position, range.upper)) }
}
