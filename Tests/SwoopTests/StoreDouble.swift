// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import SwoopCore
import SwoopIO
import Synchronization

/// An object store in memory that speaks enough of S3 to be uploaded to, and fails as a test says.
final class StoreDouble: Sendable {
    /// What is asked of it.
    enum Call: String, Hashable, Sendable {
        case create, part, complete, list, head, abort, put
    }

    /// What goes wrong with a call.
    enum Fault: Sendable {
        /// It is refused with this status and code.
        case refuse(Int, String, fields: [(String, String)] = [])
        /// The connection closes before it is done, or after.
        case close(after: Bool)
        /// It is answered with 200 and an error.
        case errorInside(String)
    }

    struct State {
        var uploads: [String: [Int: [UInt8]]] = [:]
        var objects: [String: [UInt8]] = [:]
        var calls: [Call: Int] = [:]
        var received = 0
        var wrongDigests = 0
        var accessKeys: Set<String> = []
        var next = 1
    }

    let state = Mutex(State())
    /// Says what goes wrong with the nth call of a kind, from 1.
    private let fault: @Sendable (Call, Int) -> Fault?

    init(_ fault: @escaping @Sendable (Call, Int) -> Fault? = { _, _ in nil }) { self.fault = fault }

    var now: State { state.withLock { $0 } }

    /// Runs `body` with the store's URL.
    func run<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(store: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    struct Answer {
        var status = 200
        var fields: [(String, String)] = []
        var body = ""
        var closes = false
    }

    /// Does what is asked, or fails. `nil` closes the connection.
    func answer(_ head: HTTPRequestHead, _ body: [UInt8]) -> Answer? {
        let (path, query) = Self.parts(of: head.uri)
        guard let call = Self.call(head.method, query) else { return Answer(status: 405) }
        let count = state.withLock { state in
            state.calls[call, default: 0] += 1
            state.received += body.count
            if let digest = head.headers.first(name: "x-amz-content-sha256"), digest != Self.sha256(body) {
                state.wrongDigests += 1
            }
            if let text = head.headers.first(name: "authorization"), let key = text.split(separator: "/").first {
                state.accessKeys.insert(String(key.split(separator: "=").last ?? ""))
            }
            return state.calls[call, default: 0]
        }
        switch fault(call, count) {
        case .refuse(let status, let code, let fields):
            return Answer(
                status: status,
                fields: fields,
                body: "<Error><Code>\(code)</Code><Message>m</Message></Error>"
            )
        case .close(after: false): return nil
        case .close(after: true):
            _ = perform(call, path, query, head, body)
            return nil
        case .errorInside(let code): return Answer(body: "<Error><Code>\(code)</Code></Error>")
        case nil: return perform(call, path, query, head, body)
        }
    }

    private func perform(
        _ call: Call,
        _ path: String,
        _ query: [String: String],
        _ head: HTTPRequestHead,
        _ body: [UInt8]
    ) -> Answer {
        let gone = Answer(status: 404, body: "<Error><Code>NoSuchUpload</Code></Error>")
        let id = query["uploadId"] ?? ""
        return state.withLock { state in
            switch call {
            case .create:
                let id = "upload-\(state.next)"
                state.next += 1
                state.uploads[id] = [:]
                return Answer(
                    body: "<InitiateMultipartUploadResult><UploadId>\(id)</UploadId></InitiateMultipartUploadResult>"
                )
            case .part:
                guard state.uploads[id] != nil else { return gone }
                state.uploads[id]?[Int(query["partNumber"] ?? "") ?? 0] = body
                return Answer(fields: [("ETag", "\"\(Self.sha256(body).prefix(16))\"")])
            case .list:
                guard let parts = state.uploads[id] else { return gone }
                let elements = parts.sorted { $0.key < $1.key }.map { number, bytes in
                    "<Part><PartNumber>\(number)</PartNumber><ETag>\"\(Self.sha256(bytes).prefix(16))\"</ETag>"
                        + "<Size>\(bytes.count)</Size></Part>"
                }
                return Answer(body: "<ListPartsResult>\(elements.joined())</ListPartsResult>")
            case .complete:
                guard let parts = state.uploads.removeValue(forKey: id) else { return gone }
                state.objects[path] = parts.sorted { $0.key < $1.key }.flatMap(\.value)
                return Answer(body: "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>")
            case .abort:
                guard state.uploads.removeValue(forKey: id) != nil else { return gone }
                return Answer(status: 204)
            case .put:
                if head.headers.contains(name: "if-none-match"), state.objects[path] != nil {
                    return Answer(status: 412, body: "<Error><Code>PreconditionFailed</Code></Error>")
                }
                state.objects[path] = body
                return Answer(fields: [("ETag", "\"e\"")])
            case .head:
                guard let object = state.objects[path] else { return Answer(status: 404) }
                return Answer(fields: [("Content-Length", "\(object.count)"), ("ETag", "\"e\"")])
            }
        }
    }

    private static func call(_ method: HTTPMethod, _ query: [String: String]) -> Call? {
        let isUpload = query["uploadId"] != nil
        switch method {
        case .POST: return query["uploads"] != nil ? .create : isUpload ? .complete : nil
        case .PUT: return isUpload ? .part : .put
        case .GET: return isUpload ? .list : nil
        case .DELETE: return .abort
        case .HEAD: return .head
        default: return nil
        }
    }

    private static func parts(of uri: String) -> (String, [String: String]) {
        let halves = uri.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for item in halves.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = item.split(separator: "=", maxSplits: 1)
            query[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
        }
        return (String(halves.first ?? ""), query)
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        var digests = DigestSet([.sha256])
        bytes.withUnsafeBytes { digests.update($0) }
        return digests.digests().first?.hex ?? ""
    }
}

/// Gathers a request and answers it.
private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let store: StoreDouble
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(store: StoreDouble) { self.store = store }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, [])
        case .body(let bytes): body += bytes.readableBytesView
        case .end:
            guard let head, let answer = store.answer(head, body) else { return context.close(promise: nil) }
            var fields = HTTPHeaders(answer.fields)
            if !fields.contains(name: "Content-Length") {
                fields.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
            }
            let status = HTTPResponseStatus(statusCode: answer.status)
            context.write(
                wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: fields))),
                promise: nil
            )
            if !answer.body.isEmpty {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
