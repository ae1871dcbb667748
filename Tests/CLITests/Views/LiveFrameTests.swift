// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Live frame")
struct LiveFrameTests {
    private func lines(_ progress: TransferProgress, columns: Int = 80, style: TerminalStyle = .plain) -> [String] {
        LiveFrame.lines(progress, name: progress.name ?? "", columns: columns, style: style)
    }

    @Test("shows what the contract shows")
    func contract() {
        let shown = lines(.contract)
        #expect(shown[0] == "debian-12.iso  63 %  2.41 of 3.81 GiB  212 MiB/s  8 connections  7 s left")
        #expect(shown[1] == "|███████████████████████████████████████0▓█1▓█2▓█3▓█4▓█5▓█6▓█7▓░░░░░░░░░░░░░░░|")
    }

    @Test("shows the same in ASCII where the locale has no more")
    func ascii() {
        let shown = lines(.contract, style: .ascii)
        #expect(shown[1] == "|#######################################0=#1=#2=#3=#4=#5=#6=#7=...............|")
    }

    @Test(
        "drops fields in order when the window is narrow",
        arguments: [
            (70, "debian-12.iso  63 %  2.41 of 3.81 GiB  212 MiB/s  7 s left"),
            (50, "debian-12.iso  63 %  212 MiB/s  7 s left"),
            (35, "debian-12.iso  63 %  212 MiB/s"),
            (25, "debian-12.iso  63 %"),
            (20, "debian-12.iso  63 %"),
        ]
    )
    func narrow(columns: Int, line: String) {
        #expect(lines(.contract, columns: columns)[0] == line)
    }

    @Test("shows the percentage and nothing else below twenty columns", arguments: [5, 10, 19])
    func tiny(columns: Int) {
        #expect(lines(.contract, columns: columns) == ["63 %"])
    }

    @Test("never fills the window to its last column", arguments: 1...200)
    func neverWraps(columns: Int) {
        var progress = TransferProgress.contract
        progress.name = "上海市地图上海市地图-a-long-name-indeed.tar.zst"
        for phase in [TransferProgress.Phase.connecting, .transferring, .waiting, .verifying, .publishing, .finished] {
            progress.phase = phase
            for length in [nil, progress.length] {
                progress.length = length
                for line in lines(progress, columns: columns, style: .coloured) {
                    #expect(DisplayText.width(LiveScreen.withoutEscapes(line)) <= max(1, columns - 1))
                }
            }
        }
    }

    @Test("shortens a long name before it drops a field")
    func longName() {
        var progress = TransferProgress.contract
        progress.name = "a-very-long-name-that-nobody-can-want.tar.zst"
        #expect(lines(progress)[0] == "a-very-lo…t.tar.zst  63 %  2.41 of 3.81 GiB  212 MiB/s  8 connections  7 s left")
    }

    @Test("lets no control character of a name through")
    func hostileName() {
        var progress = TransferProgress.contract
        progress.name = "a\u{1B}]0;x\u{07}b"
        #expect(lines(progress)[0].hasPrefix("a?]0;x?b  63 %"))
    }

    @Test(
        "says in words what it is doing when no bytes flow",
        arguments: [
            (TransferProgress.Phase.connecting, "connecting"), (.waiting, "waiting"), (.verifying, "verifying"),
            (.publishing, "saving"),
        ]
    )
    func phases(phase: TransferProgress.Phase, word: String) {
        var progress = TransferProgress.sample(length: 4096, held: [ByteRange(0, 1024)], phase: phase)
        progress.throughput = 1000
        #expect(lines(progress)[0] == "debian-12.iso  25 %  1.00 of 4.00 KiB  \(word)")
    }

    @Test("says how many bytes of an unknown length there are")
    func unknownLength() {
        let segment = TransferProgress.Segment(connection: 0, range: ByteRange(0, .max), position: 2048)
        var progress = TransferProgress.sample(length: nil, held: [ByteRange(0, 2048)], segments: [segment])
        progress.throughput = 1024
        #expect(lines(progress)[0] == "debian-12.iso  2.00 KiB  1.00 KiB/s  1 connection")
        #expect(lines(progress, columns: 12) == ["2.00 KiB"])
    }

    @Test("has something to show before anything is known")
    func beginning() {
        let shown = LiveFrame.lines(TransferProgress(), name: "x.bin", columns: 30, style: .ascii)
        #expect(shown == ["x.bin  connecting", "|...........................|"])
    }
}
