// SPDX-License-Identifier: Apache-2.0

/// A response head as bytes. Written by hand, since an encoder that knows the rules would not let us break them.
struct WireHead: Equatable, Sendable {
    let text: String
    /// Whether the body is framed in chunks.
    let isChunked: Bool
    /// Whether the connection ends with the response.
    let closes: Bool

    /// The head for a response; `keepsAlive` says whether the request allows another one after it.
    init(_ response: Response, isHTTP11: Bool, keepsAlive: Bool) {
        isChunked = response.isChunked && isHTTP11
        closes = response.closes || !keepsAlive || (response.isChunked && !isHTTP11)
        var lines = ["HTTP/1.1 \(response.status) \(ReasonPhrase.of(response.status))"]
        lines += response.fields.map { "\($0.name): \($0.value)" }
        if isChunked { lines.append("Transfer-Encoding: chunked") }
        if !response.isChunked { lines.append("Content-Length: \(response.statedCount)") }
        if closes { lines.append("Connection: close") }
        if keepsAlive && !closes && !isHTTP11 { lines.append("Connection: keep-alive") }
        text = lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}
