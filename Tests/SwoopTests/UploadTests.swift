// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Swoop
import SwoopCore
import SwoopIO
import SwoopTestKit
import Synchronization
import Testing

@Suite("Uploads to an object store", .timeLimit(.minutes(5)))
struct UploadTests {
    private typealias Changes = [@Sendable (inout UploadRequest) -> Void]
    private static let part: Int64 = 5 << 20

    /// What becomes of an upload of so many bytes; `body` sees the store afterwards.
    private func upload(
        _ length: Int,
        to store: StoreDouble,
        runs: Int = 1,
        changing: Changes = [],
        monitor: TransferMonitor = TransferMonitor(),
        _ body: (Result<TransferResult, TransferError>, [UInt8], StoreDouble.State) throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let bytes = SyntheticBytes.make(length)
            try TestFiles.write(bytes, to: "\(directory)/file.bin")
            try await store.run { url in
                var request = UploadRequest(.file("\(directory)/file.bin"), to: "s3://bucket/dir/file.bin")
                request.store.endpoint = url
                request.store.environment = ["AWS_ACCESS_KEY_ID": "planted", "AWS_SECRET_ACCESS_KEY": "s3cret"]
                request.options.retryWait = .milliseconds(5)
                request.options.stallTimeout = .seconds(5)
                request.partSize = Self.part
                request.stateDirectory = "\(directory)/state"
                for change in changing { change(&request) }
                var outcome: Result<TransferResult, TransferError>?
                for _ in 0..<runs {
                    do throws(TransferError) {
                        outcome = .success(
                            try await TransferClient.withClient { client async throws(TransferError) in
                                try await client.upload(request, monitor: monitor)
                            }
                        )
                    } catch {
                        outcome = .failure(error)
                    }
                }
                let state = store.now
                #expect(state.wrongDigests == 0)
                #expect(!"\(String(describing: outcome))".contains("s3cret"))
                if let outcome { try body(outcome, bytes, state) }
            }
        }
    }

    private static let path = "/bucket/dir/file.bin"

    @Test("An object is what the file is, whole or in parts", arguments: [0, 1, 5 << 20, (5 << 20) + 1, 23 << 20])
    func sizes(length: Int) async throws {
        try await upload(length, to: StoreDouble()) { outcome, bytes, state in
            let result = try outcome.get()
            #expect(result.length == Int64(length))
            #expect(state.objects[Self.path] == bytes)
            #expect(state.uploads.isEmpty)
            #expect((state.calls[.create] ?? 0) == (length > 5 << 20 ? 1 : 0))
            #expect(state.accessKeys == ["planted"])
        }
    }

    @Test(
        "A storm of 503, a 500 in the middle, connections that close: the object is exact all the same",
        arguments: [
            .refuse(503, "SlowDown"), .refuse(500, "InternalError"), .refuse(400, "RequestTimeout"),
            .close(after: false),
            .close(after: true),
        ] as [StoreDouble.Fault]
    )
    func storms(fault: StoreDouble.Fault) async throws {
        let store = StoreDouble { call, count in call == .head || count % 3 == 0 ? nil : fault }
        try await upload(23 << 20, to: store) { outcome, bytes, state in
            _ = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
        }
    }

    @Test("An error inside the 200 of Complete is no success: it is asked again, or told")
    func errorInside() async throws {
        let passing = StoreDouble { call, count in call == .complete && count <= 2 ? .errorInside("InternalError") : nil
        }
        try await upload(11 << 20, to: passing) { outcome, bytes, state in
            _ = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
            #expect(state.calls[.complete] == 3)
        }
        let lasting = StoreDouble { call, _ in call == .complete ? .errorInside("InternalError") : nil }
        try await upload(11 << 20, to: lasting, changing: [{ $0.options.retries = 2 }]) { outcome, _, state in
            guard case .failure(let error) = outcome else {
                Issue.record("it was to fail")
                return
            }
            #expect(error.isTransient)
            #expect(error.partialPath != nil, "what is left is told")
            #expect(state.objects.isEmpty && state.uploads.count == 1)
        }
    }

    @Test("The answer to Complete is lost, and so is the upload by then: the object is looked at")
    func lostCompletion() async throws {
        let store = StoreDouble { call, count in call == .complete && count == 1 ? .close(after: true) : nil }
        try await upload(11 << 20, to: store) { outcome, bytes, state in
            _ = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
            #expect(state.calls[.create] == 1)
        }
    }

    @Test("An upload that somebody removed is begun again")
    func removed() async throws {
        let store = StoreDouble { call, count in call == .part && count == 2 ? .refuse(404, "NoSuchUpload") : nil }
        try await upload(23 << 20, to: store) { outcome, bytes, state in
            _ = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
            #expect(state.calls[.create] == 2)
        }
    }

    @Test(
        "What the store refuses for good ends the upload, and nothing is left there",
        arguments: [
            ("EntityTooLarge", StoreDouble.Call.part), ("AccessDenied", .create), ("InvalidAccessKeyId", .create),
        ]
    )
    func refused(code: String, call: StoreDouble.Call) async throws {
        let store = StoreDouble { asked, _ in asked == call ? .refuse(403, code) : nil }
        try await upload(11 << 20, to: store) { outcome, _, state in
            guard case .failure(let error) = outcome else {
                Issue.record("it was to fail")
                return
            }
            #expect(error.message.contains(code))
            #expect(!error.isTransient)
            #expect(state.objects.isEmpty && state.uploads.isEmpty)
        }
    }

    @Test("Credentials that have expired are fetched anew")
    func expired() async throws {
        let store = StoreDouble { call, count in call == .part && count == 2 ? .refuse(400, "ExpiredToken") : nil }
        try await upload(23 << 20, to: store) { outcome, bytes, state in
            _ = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
        }
    }

    @Test("A clock that is wrong is set by the store's")
    func skewed() async throws {
        let fields = [("Date", "Tue, 01 Dec 2026 06:30:00 GMT")]
        let store = StoreDouble { call, count in
            call == .create && count == 1 ? .refuse(403, "RequestTimeTooSkewed", fields: fields) : nil
        }
        try await upload(11 << 20, to: store) { outcome, _, state in
            _ = try outcome.get()
            #expect(state.calls[.create] == 2)
        }
    }

    @Test("The bucket's region is named")
    func region() async throws {
        let fields = [("x-amz-bucket-region", "eu-west-9")]
        let store = StoreDouble { _, _ in .refuse(301, "PermanentRedirect", fields: fields) }
        try await upload(11 << 20, to: store) { outcome, _, _ in
            guard case .failure(let error) = outcome else {
                Issue.record("it was to fail")
                return
            }
            #expect(error.message.contains("--region eu-west-9"))
        }
    }

    @Test("An object that is there stays, if so asked", arguments: [3, 11 << 20])
    func ifNotExists(length: Int) async throws {
        let store = StoreDouble { call, _ in call == .complete ? .refuse(412, "PreconditionFailed") : nil }
        store.state.withLock { $0.objects[Self.path] = [1] }
        try await upload(length, to: store, changing: [{ $0.ifNotExists = true }]) { outcome, _, state in
            guard case .failure(let error) = outcome else {
                Issue.record("it was to fail")
                return
            }
            #expect(error.code == .targetExists)
            #expect(state.objects[Self.path] == [1])
            #expect(state.uploads.isEmpty)
        }
    }

    @Test("An upload that failed is gone on with: what the store has is not sent again")
    func resumes() async throws {
        // The first run ends at the fourth part, the second one sends what is missing.
        let store = StoreDouble { call, count in call == .part && count == 4 ? .refuse(403, "AccessDenied") : nil }
        try await upload(23 << 20, to: store, runs: 2, changing: [{ $0.options.connections = 1 }]) {
            outcome,
            bytes,
            state in
            let result = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
            #expect(result.resumedBytes == 15 << 20)
            #expect(state.calls[.part] == 6)
            #expect(state.calls[.create] == 1)
        }
    }

    @Test("A HEAD that is forbidden does not undo what the store acknowledged")
    func unseen() async throws {
        let noticed = Mutex(false)
        let monitor = TransferMonitor { notice, _ in if case .uploadUnseen = notice { noticed.withLock { $0 = true } } }
        let store = StoreDouble { call, _ in call == .head ? .refuse(403, "") : nil }
        try await upload(11 << 20, to: store, monitor: monitor) { outcome, bytes, state in
            _ = try outcome.get()
            #expect(state.objects[Self.path] == bytes)
        }
        #expect(noticed.withLock { $0 })
    }
}

/// Bytes of which no two MiB are the same.
private enum SyntheticBytes {
    static func make(_ length: Int) -> [UInt8] {
        let block = (0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length + block.count)
        for index in 0..<length / block.count + 1 {
            bytes += block
            bytes[bytes.count - 1] = UInt8(truncatingIfNeeded: index)
        }
        return Array(bytes[..<length])
    }
}
