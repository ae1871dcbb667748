// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopCore
import SwoopTestKit
import Testing

@testable import Swoop
@testable import SwoopCLI

@Suite("Manifest", .timeLimit(.minutes(10)))
struct ManifestLogTests {
    private func item(_ url: String) -> DownloadItem { DownloadItem(number: 1, request: TransferRequest(url)) }

    private func result(skipped: Bool = false) -> TransferResult {
        TransferResult(
            path: "x",
            length: 5,
            digests: Digest(algorithm: .md5, bytes: Array(0..<16)).map { [$0] } ?? [],
            verified: nil,
            wasSkipped: skipped,
            resumedBytes: 0,
            elapsed: .milliseconds(1500),
            connections: []
        )
    }

    @Test("has what a download came to, without its secrets")
    func line() {
        var item = item("http://me:secret@h/x?token=secret")
        item.request.mirrors = ["http://m/x?sig=secret"]
        let line = ManifestLog.line(item, .success(result()), TransferProgress())
        #expect(!line.text.contains("secret"))
        #expect(line.url == "http://h/x?token=…")
        #expect(line.mirrors == ["http://m/x?sig=…"])
        #expect(line.status == .done && line.exit == 0 && line.bytes == 5 && line.seconds == 1.5)
        #expect(line.digest == "md5:000102030405060708090a0b0c0d0e0f")
        #expect(ManifestLog.line(item, .success(result(skipped: true)), TransferProgress()).status == .skipped)
        let error = TransferError(
            failure: TransferFailure(.status, "gone: give up", status: 404),
            url: "",
            partialPath: nil
        )
        let failed = ManifestLog.line(item, .failure(error), TransferProgress())
        #expect(failed.status == .failed && failed.exit == 3 && failed.error == "gone: give up" && failed.path == nil)
    }

    @Test("knows again what is done, and nothing else, whatever else is in the file")
    func reads() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m"
            let items = (0..<4).map { item("http://h/\($0)") }
            let (first, before) = try await ManifestLog.open(path)
            #expect(before.isEmpty)
            first.append(items[0], .success(result()), TransferProgress())
            let error = TransferError(failure: TransferFailure(.cancelled, "stopped"), url: "", partialPath: nil)
            first.append(items[1], .failure(error), TransferProgress())
            first.append(items[2], .success(result(skipped: true)), TransferProgress())
            try await first.close()
            let half = ManifestLog.line(items[3], .success(result()), TransferProgress()).text.dropLast(20)
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data("nonsense\n\n\(half)".utf8))
            try file.close()
            let (second, done) = try await ManifestLog.open(path)
            #expect(done == [items[0].key])
            second.append(items[1], .success(result()), TransferProgress())
            try await second.close()
            #expect(try await ManifestLog.open(path).done == [items[0].key, items[1].key])
        }
    }
}
