// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// The network seam: sends requests and hands bodies to the store.
public protocol HTTPTransport: Sendable {
    /// Sends a request.
    ///
    /// Reports come on the transfer's event loop: one `.head` or one `.closed`; after ``Exchange/accept(from:upTo:)`` any
    /// number of `.wrote`, then one `.closed`. After ``Exchange/cancel()`` returns there are none.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - store: where accepted bytes go.
    ///   - report: told what happens.
    /// - Returns: the exchange, to steer it.
    func open(
        _ request: ExchangeRequest,
        into store: any ByteStore,
        report: @escaping @Sendable (ExchangeReport) -> Void
    ) -> any Exchange
}

/// A request under way. Call it on the transfer's event loop.
public protocol Exchange: Sendable {
    /// Lets the body flow: its first byte belongs at `from`; nothing at or beyond `upTo` is written.
    func accept(from: Int64, upTo: Int64?)
    /// Lowers the limit given to ``accept(from:upTo:)``.
    func shorten(to limit: Int64)
    /// Raises it. Where the request has no end, a response that has more waits at its limit, which is reported by `.wrote`.
    func lengthen(to limit: Int64)
    /// Ends the exchange: nothing is written or reported from now on.
    func cancel()
}

/// What happens in an exchange.
public enum ExchangeReport: Hashable, Sendable {
    /// The response's head arrived; the body waits.
    case head(ResponseHead)
    /// Bytes up to this absolute offset, exclusive, were handed to the store; the same offset again is a sign of life while
    /// the store or a rate limit holds the connection back.
    case wrote(upTo: Int64)
    /// The exchange ended: `nil` if the response is complete or the limit was reached.
    case closed(TransferFailure?)
    /// The store refused a write.
    case storeFailed(StoreError)
}
