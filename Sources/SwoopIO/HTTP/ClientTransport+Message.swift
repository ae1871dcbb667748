// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
public import NIOCore
internal import NIOHTTP1
public import SwoopCore

// Requests that carry something up, and whose answers are small.
extension ClientTransport {
    /// Longest answer in bytes: a page of a store's list is below 2 MiB.
    private static let longestReply = 16 << 20
    /// Bytes handed to the connection at a time; each is reported.
    fileprivate static let slice = 256 << 10

    /// Sends a message and waits for its answer. Cancelling the task closes the connection.
    ///
    /// - Parameters:
    ///   - message: what to send.
    ///   - payload: the body in place of the message's, where it is part of a file.
    ///   - cancellation: ends the exchange from outside of the task.
    ///   - connection: which connection of the transfer's this is, from 0: they are spread over our addresses.
    ///   - wrote: told how many bytes of the body the connection has taken, on the transfer's event loop.
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``TransferFailure`` if there is none.
    public func send(
        _ message: HTTPMessage,
        payload: ByteBuffer? = nil,
        cancellation: Cancellation? = nil,
        connection: Int = 0,
        wrote: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(TransferFailure) -> HTTPReply {
        let task = try execute(message, payload ?? message.payload, connection, wrote)
        cancellation?.ends { task.cancel() }
        do {
            let response = try await withTaskCancellationHandler {
                try await task.futureResult.get()
            } onCancel: {
                task.cancel()
            }
            let body = response.body.map { Array($0.readableBytesView) } ?? []
            let fields = HeaderFields(response.headers.map { ($0.name, $0.value) })
            return HTTPReply(status: Int(response.status.code), fields: fields, body: body)
        } catch {
            throw describe(error, message)
        }
    }

    private func execute(
        _ message: HTTPMessage,
        _ payload: ByteBuffer?,
        _ connection: Int,
        _ wrote: @escaping @Sendable (Int64) -> Void
    ) throws(TransferFailure) -> HTTPClient.Task<HTTPClient.Response> {
        let route = way.options.route(for: ExchangeRequest(message, connection))
        let client = way.options.hasOneRoute ? common : try pool.client(way.following(route))
        do {
            let request = try HTTPClient.Request(
                url: route.asked?.url(for: message.url) ?? message.url.text,
                method: HTTPMethod(rawValue: message.method),
                headers: RequestFields.fields(for: message, options: way.options, asking: route.asked),
                body: payload.map { PayloadWriter(payload: $0, limiter: limiter, wrote: wrote).body }
            )
            let receiver = ResponseAccumulator(request: request, maxBodySize: Self.longestReply)
            return client.execute(request: request, delegate: receiver, eventLoop: .delegate(on: way.loop))
        } catch {
            throw describe(error, message)
        }
    }

    private func describe(_ error: any Error, _ message: HTTPMessage) -> TransferFailure {
        if error is ResponseAccumulator.ResponseTooBigError {
            return TransferFailure(.invalidResponse, "the answer is longer than any that makes sense")
        }
        let failure = TransportFailure.describe(error)
        guard TransportFailure.isOfConnecting(failure), failure.code == .connectFailed,
            let proxy = way.options.route(for: ExchangeRequest(message, 0)).proxy
        else { return failure }
        return TransportFailure.describe(failure, at: proxy)
    }
}

extension HTTPMessage {
    /// The message's own body; `nil` where its method has none.
    fileprivate var payload: ByteBuffer? {
        body.isEmpty && !["PUT", "POST"].contains(method) ? nil : ByteBuffer(bytes: body)
    }
}

extension ExchangeRequest {
    /// What a route is looked for by.
    fileprivate init(_ message: HTTPMessage, _ connection: Int) {
        self.init(connection: connection, url: message.url, range: nil, isTrusted: true)
    }
}

/// Hands a body to the connection, slice by slice, each when the one before has been taken: that is what progress and
/// back-pressure are made of.
private struct PayloadWriter: Sendable {
    let payload: ByteBuffer
    let limiter: RateLimiter?
    let wrote: @Sendable (Int64) -> Void

    var body: HTTPClient.Body {
        .stream(contentLength: Int64(payload.readableBytes)) { writer in next(0, writer) }
    }

    /// Writes what follows `offset`.
    private func next(_ offset: Int, _ writer: HTTPClient.Body.StreamWriter) -> EventLoopFuture<Void> {
        let count = min(limiter?.slice ?? ClientTransport.slice, payload.readableBytes - offset)
        let slice = payload.getSlice(at: payload.readerIndex + offset, length: count) ?? ByteBuffer()
        return writer.write(.byteBuffer(slice)).flatMapWithEventLoop { _, loop in
            let taken = offset + count
            wrote(Int64(taken))
            guard taken < payload.readableBytes else { return loop.makeSucceededVoidFuture() }
            let pause = limiter?.take(count) ?? .zero
            guard pause > .zero else { return next(taken, writer) }
            return loop.flatScheduleTask(in: TimeAmount(pause)) { next(taken, writer) }.futureResult
        }
    }
}

extension RateLimiter {
    /// Bytes to hand over at a time: a limit is kept evenly only by small ones.
    fileprivate var slice: Int { min(ClientTransport.slice, receiveBuffer(connections: 16)) }
}
