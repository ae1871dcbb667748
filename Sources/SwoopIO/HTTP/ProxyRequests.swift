// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import SwoopCore

/// Has a proxy fetch plain http: the client asks the proxy as if it were the origin, and this writes the whole URL into the
/// request line (RFC 9112 section 3.2.2).
///
/// CONNECT, which the client does by itself for https, is refused for port 80 by many proxies.
final class AbsoluteFormHandler: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .byteBuffer(let buffer) = unwrapOutboundIn(data), let absolute = Self.absolute(buffer) else {
            return context.write(data, promise: promise)
        }
        context.write(wrapOutboundOut(.byteBuffer(absolute)), promise: promise)
    }

    /// The head of a request with the URL in absolute form; `nil` if the bytes are no head of ours.
    static func absolute(_ head: ByteBuffer) -> ByteBuffer? {
        let text = String(buffer: head)
        guard text.hasPrefix("GET /"), let host = field("host", in: text) else { return nil }
        return ByteBuffer(string: "GET http://" + host + text.dropFirst(4))
    }

    private static func field(_ name: String, in head: String) -> String? {
        for line in head.utf8.split(whereSeparator: { "\r\n".utf8.contains($0) }).dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                Substring(line[..<colon]).lowercased() == name
            else { continue }
            return String(Substring(line[colon...].dropFirst()).drop { $0 == " " })
        }
        return nil
    }
}

extension Proxy {
    /// The client's words for an HTTP proxy through which it makes connections.
    var tunnel: HTTPClient.Configuration.Proxy {
        .server(host: host, port: port, authorization: authorization)
    }

    /// What requests log in with.
    var authorization: HTTPClient.Authorization? {
        kind == .http ? credentials.map { .basic(username: $0.user, password: $0.password) } : nil
    }

    /// The URL that is asked in place of an origin's.
    func url(for origin: HTTPURL) -> String {
        let literal = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "http://\(literal):\(port)\(origin.path)" + (origin.query.map { "?" + $0 } ?? "")
    }
}
