// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import Swoop
@testable import SwoopCLI

@Suite("Result text")
struct ResultTextTests {
    private func result(resumed: Int64 = 0, verified: Bool = false, skipped: Bool = false) throws -> TransferResult {
        let digest = try #require(Digest(algorithm: .sha256, hex: String(repeating: "ab", count: 32)))
        return TransferResult(
            path: "isos/debian-12.iso",
            length: 4_090_972_570,
            digests: verified ? [digest] : [],
            verified: verified ? .sha256 : nil,
            wasSkipped: skipped,
            resumedBytes: resumed,
            elapsed: .milliseconds(18_200),
            connections: (0..<9).map { index in
                var statistics = TransferResult.ConnectionStatistics(connection: index)
                statistics.bytes = index < 8 ? 1 : 0
                return statistics
            }
        )
    }

    @Test("is the line that the contract shows")
    func summary() throws {
        #expect(
            ResultText.summary(try result(verified: true), name: "debian-12.iso")
                == "debian-12.iso  3.81 GiB in 18.2 s, 214 MiB/s over 8 connections, sha-256 verified"
        )
    }

    @Test("says what an earlier run had done, and leaves it out of the rate")
    func resumed() throws {
        #expect(
            ResultText.summary(try result(resumed: 2_000_000_000), name: "x")
                == "x  3.81 GiB in 18.2 s, 110 MiB/s over 8 connections, resumed from 48 %"
        )
        let whole = try result(resumed: 4_090_972_570)
        #expect(ResultText.summary(whole, name: "x") == "x  3.81 GiB in 18.2 s, resumed from 100 %")
    }

    @Test("says that a target was left alone")
    func skipped() throws {
        #expect(ResultText.summary(try result(skipped: true), name: "x") == "x  exists already: skipped")
    }

    @Test("has a total in the words of the segment report")
    func total() throws {
        #expect(
            ResultText.total(try result())
                == "* Total downloaded in 18200 ms (size = 3.81 GiB; throughput = 214.37 MiB/s)"
        )
    }

    @Test(
        "says of a failure what is kept",
        arguments: [
            (TransferFailure.Code.cancelled, true, "interrupted: 41 % kept, the same command resumes"),
            (.cancelled, false, "interrupted: nothing kept"),
            (.connectionLost, true, "what happened: what to do (41 % kept, the same command resumes)"),
            (.connectionLost, false, "what happened: what to do"),
            (.diskFull, true, "what happened: what to do (41 % kept)"),
            (.digestMismatch, true, "what happened: what to do"),
        ]
    )
    func failure(code: TransferFailure.Code, isKept: Bool, text: String) {
        let error = TransferError(
            failure: TransferFailure(code, "what happened: what to do"),
            url: "http://h/x",
            partialPath: isKept ? "x.part" : nil
        )
        let progress = TransferProgress.sample(length: 100, held: [ByteRange(0, 41)])
        #expect(ResultText.failure(error, progress) == text)
    }

    @Test("promises no resuming that the next run would refuse", arguments: [TransferFailure.Code.cancelled, .stalled])
    func unrecognisable(code: TransferFailure.Code) {
        let error = TransferError(failure: TransferFailure(code, "x"), url: "http://h/x", partialPath: "x.part")
        var progress = TransferProgress.sample(length: 100, held: [ByteRange(0, 41)])
        progress.isResumable = false
        let text = ResultText.failure(error, progress)
        #expect(text.contains("41 % kept, but") && text.contains("only with --checksum"))
    }
}
