// SPDX-License-Identifier: Apache-2.0

import SwoopCore

@testable import SwoopCLI

extension TerminalStyle {
    static let plain = TerminalStyle(usesUnicode: true, usesColour: false, canRedraw: true)
    static let coloured = TerminalStyle(usesUnicode: true, usesColour: true, canRedraw: true)
    static let ascii = TerminalStyle(usesUnicode: false, usesColour: false, canRedraw: true)
}

extension TransferProgress {
    /// A transfer of `length` bytes with some held and some leased.
    static func sample(
        length: Int64?,
        held: [ByteRange] = [],
        segments: [Segment] = [],
        phase: Phase = .transferring
    ) -> TransferProgress {
        var progress = TransferProgress()
        progress.phase = phase
        progress.name = "debian-12.iso"
        progress.length = length
        progress.held = RangeSet(held)
        progress.bytes = progress.held.count
        progress.segments = segments
        return progress
    }

    /// The example of the command line's contract: 63 % of 3.81 GiB over eight connections.
    static var contract: TransferProgress {
        let length: Int64 = 4_090_972_570
        let lease: Int64 = 160_000_000
        let done: Int64 = 2_010_000_000
        let segments = (0..<8).map { index in
            let lower = done + Int64(index) * lease
            return Segment(connection: index, range: ByteRange(lower, lower + lease), position: lower + 72_000_000)
        }
        var progress = sample(length: length, held: [ByteRange(0, done)], segments: segments)
        for segment in segments { progress.held.insert(ByteRange(segment.range.lower, segment.position)) }
        progress.bytes = progress.held.count
        progress.throughput = 222_298_112
        return progress
    }
}
