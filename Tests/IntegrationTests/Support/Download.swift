// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swoop
import SwoopChaos
import SwoopCore
import SwoopIO
import SwoopTestKit
import Testing

/// One library download from a chaos origin into a directory of its own, and what became of it.
struct Download: Sendable {
    enum Outcome: Sendable {
        case done(TransferResult)
        case failed(TransferError)

        var result: TransferResult? {
            if case .done(let result) = self { return result }
            return nil
        }

        var error: TransferError? {
            if case .failed(let error) = self { return error }
            return nil
        }
    }

    let server: ChaosServer
    let directory: String
    /// The file's name at the origin and in the directory.
    var name: String
    var url: String
    var options: TransferOptions
    var http = Download.planted

    /// The options of most tests: real ones, but with little patience.
    static var impatient: TransferOptions {
        var options = TransferOptions()
        options.connections = 4
        options.retryWait = .milliseconds(20)
        options.stallTimeout = .seconds(5)
        options.connectTimeout = .seconds(5)
        return options
    }

    /// Secrets in every place for them, so that every test of a download looks after them.
    static var planted: HTTPOptions {
        var options = HTTPOptions()
        options.fields.add("X-Planted", "s3cret")
        options.credentials = .init(user: "ann", password: "hunter2")
        options.referer = "http://intranet.example/s3cret"
        return options
    }

    /// Runs `body` with a fresh origin and a fresh directory.
    static func with<R>(
        _ scenario: Scenario,
        _ name: String,
        query: String = "",
        _ body: (inout Download) async throws -> R
    ) async throws -> R {
        try await withTemporaryDirectory { directory in
            try await ChaosServer.with { server in
                let url = server.url(scenario, name, query: query)
                var download = Download(server: server, directory: directory, name: name, url: url, options: impatient)
                return try await body(&download)
            }
        }
    }

    var target: String { "\(directory)/\(name)" }

    func run(monitor: TransferMonitor = TransferMonitor()) async -> Outcome {
        let request = TransferRequest(url, to: .file(target), options: options, http: http)
        let outcome: Outcome
        do throws(TransferError) {
            outcome = .done(try await TransferClient.download(request, monitor: monitor))
        } catch {
            outcome = .failed(error)
        }
        #expect(PlantedSecret.found(in: "\(outcome)") == nil)
        #expect(PlantedSecret.leaks(in: directory).isEmpty)
        return outcome
    }

    /// Runs until `isEnough` says so of a notice, then cancels.
    func runUntil(_ isEnough: @escaping @Sendable (TransferNotice, TransferProgress) -> Bool) async throws -> Outcome {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        let monitor = TransferMonitor { notice, progress in
            if isEnough(notice, progress) { signal.finish() }
        }
        let transfer = Task { await run(monitor: monitor) }
        return await withTaskCancellationHandler {
            for await _ in signals {}
            transfer.cancel()
            return await transfer.value
        } onCancel: {
            transfer.cancel()
        }
    }

    /// The SHA-256 of the origin's bytes, taken by another program.
    func digest() async throws -> Digest {
        let content = try #require(server.content(name))
        return try await withTemporaryDirectory { directory in
            let path = "\(directory)/copy"
            try TestFiles.write(content.bytes(ByteRange(0, content.length)), to: path)
            return try #require(Digest.parse("sha-256:" + (try await Tool.sha256(path))))
        }
    }

    /// The names in the directory.
    func names() throws -> [String] { try TestFiles.names(in: directory) }

    /// Expects the download to be done, and exactly these bytes under its name and nothing beside it.
    func expectBytes(
        _ outcome: Outcome,
        version: Int = 1,
        length: Int64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let published = try #require(server.content(name, version: version), sourceLocation: sourceLocation)
        let content = SyntheticContent(seed: published.seed, length: length ?? published.length)
        let result = try #require(outcome.result, "\(outcome)", sourceLocation: sourceLocation)
        #expect(result.length == content.length, sourceLocation: sourceLocation)
        #expect(result.path == target, sourceLocation: sourceLocation)
        let isSame = try Self.isSame(target, content)
        #expect(isSame, "the bytes differ", sourceLocation: sourceLocation)
        #expect(try names() == [name], sourceLocation: sourceLocation)
    }

    /// Expects exactly the bytes of version 1, or these with `more` bytes of version 2 appended.
    func expectGrown(_ outcome: Outcome, by more: Int64) throws {
        let first = try #require(server.content(name))
        let second = try #require(server.content(name, version: 2))
        let length = try #require(outcome.result, "\(outcome)").length
        #expect([first.length, first.length + more].contains(length))
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: target)))
        #expect(Int64(bytes.count) == length)
        #expect(bytes.prefix(Int(first.length)) == first.bytes(ByteRange(0, first.length))[...])
        let tail = SyntheticContent(seed: second.seed, length: first.length + more)
        #expect(bytes.dropFirst(Int(first.length)).elementsEqual(tail.bytes(ByteRange(first.length, length))))
        #expect(try names() == [name])
    }

    /// Expects the download to have failed in one of these ways, with nothing under its name.
    @discardableResult
    func expectFailure(
        _ outcome: Outcome,
        _ codes: Set<TransferFailure.Code>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> TransferError {
        let error = try #require(outcome.error, "\(outcome)", sourceLocation: sourceLocation)
        #expect(codes.contains(error.code), "\(error)", sourceLocation: sourceLocation)
        let names = try names()
        #expect(!names.contains(name), sourceLocation: sourceLocation)
        return error
    }

    /// Whether a file holds exactly this content; compared in pieces, so that large files need little memory.
    static func isSame(_ path: String, _ content: SyntheticContent) throws -> Bool {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        let step = 1 << 20
        for lower in stride(from: 0, through: content.length, by: step) {
            let read = try file.read(upToCount: step) ?? Data()
            if read != Data(content.bytes(ByteRange(lower, lower + Int64(step)))) { return false }
        }
        return true
    }

    /// Requests that the origin answered, in their order.
    var requests: [RequestRecord] { server.requests() }
}
