// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Segment map")
struct SegmentMapTests {
    private func drawn(_ progress: TransferProgress, width: Int, style: TerminalStyle = .ascii) -> String {
        String(MapLine.render(SegmentMap.cells(progress, width: width), style: style).dropFirst().dropLast())
    }

    @Test("has exactly as many cells as asked for", arguments: [0, 1, 10, 80], [0, 1, 7, 4096, 1 << 60] as [Int64])
    func count(width: Int, length: Int64) {
        let progress = TransferProgress.sample(length: length, held: [ByteRange(0, length / 2)])
        #expect(SegmentMap.cells(progress, width: width).count == width)
    }

    @Test("shows all of a complete file as held", arguments: [1, 10, 80], [0, 1, 9, 1 << 60, .max] as [Int64])
    func complete(width: Int, length: Int64) {
        let progress = TransferProgress.sample(length: length, held: [ByteRange(0, length)], phase: .verifying)
        #expect(SegmentMap.cells(progress, width: width).allSatisfy { $0.state == .held })
    }

    @Test("shows nothing of an untouched file as held", arguments: [1, 10, 80], [1, 9, 1 << 60, .max] as [Int64])
    func untouched(width: Int, length: Int64) {
        let progress = TransferProgress.sample(length: length)
        #expect(SegmentMap.cells(progress, width: width).allSatisfy { $0.state == .missing })
    }

    @Test("decides a cell by the majority of its bytes")
    func majority() {
        let held = [ByteRange(0, 10), ByteRange(10, 15), ByteRange(20, 24)]
        #expect(drawn(.sample(length: 40, held: held), width: 4) == "##..")
    }

    @Test("shows a cell as in flight as soon as one of its bytes is")
    func inFlight() {
        let segment = TransferProgress.Segment(connection: 3, range: ByteRange(0, 21), position: 10)
        #expect(drawn(.sample(length: 40, held: [ByteRange(0, 10)], segments: [segment]), width: 4) == "#3=.")
    }

    @Test("tells neighbouring segments apart without colour")
    func neighbours() {
        let segments = [
            TransferProgress.Segment(connection: 0, range: ByteRange(0, 30), position: 0),
            TransferProgress.Segment(connection: 11, range: ByteRange(30, 60), position: 40),
        ]
        let progress = TransferProgress.sample(length: 80, held: [ByteRange(30, 40)], segments: segments)
        #expect(drawn(progress, width: 8) == "0==#b=..")
        #expect(drawn(progress, width: 8, style: .plain) == "0▓▓█b▓░░")
    }

    @Test("gives each live segment one colour, received bytes included")
    func colours() {
        let segments = [
            TransferProgress.Segment(connection: 0, range: ByteRange(20, 40), position: 30),
            TransferProgress.Segment(connection: 1, range: ByteRange(40, 60), position: 40),
        ]
        let progress = TransferProgress.sample(
            length: 80,
            held: [ByteRange(0, 20), ByteRange(20, 30)],
            segments: segments
        )
        #expect(drawn(progress, width: 8, style: .coloured) == "██\u{1B}[36m█▓\u{1B}[33m▓▓\u{1B}[39m░░")
    }

    @Test("says that bytes of an unknown length arrive by a block that moves")
    func unknownLength() {
        let segment = TransferProgress.Segment(connection: 0, range: ByteRange(0, .max), position: 5)
        var progress = TransferProgress.sample(length: nil, held: [ByteRange(0, 5)], segments: [segment])
        #expect(drawn(progress, width: 10) == "0=........")
        progress.elapsed = .milliseconds(300)
        #expect(drawn(progress, width: 10) == "...0=.....")
        progress.elapsed = .milliseconds(1000)
        #expect(drawn(progress, width: 10) == "......0=..")
        progress.phase = .waiting
        #expect(drawn(progress, width: 10) == "..........")
    }

    @Test("survives an unknown length at every width", arguments: [1, 2, 4, 5, 80])
    func unknownLengthWidths(width: Int) {
        let segment = TransferProgress.Segment(connection: 0, range: ByteRange(0, .max), position: 5)
        var progress = TransferProgress.sample(length: nil, segments: [segment])
        for step in 0..<200 {
            progress.elapsed = .milliseconds(step * 100)
            #expect(SegmentMap.cells(progress, width: width).count == width)
        }
    }

    @Test("survives a segment that does not know its end")
    func openSegment() {
        let segment = TransferProgress.Segment(connection: 0, range: ByteRange(0, .max), position: 20)
        #expect(drawn(.sample(length: 40, held: [ByteRange(0, 20)], segments: [segment]), width: 4) == "##0=")
    }
}
