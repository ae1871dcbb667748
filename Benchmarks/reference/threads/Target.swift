// SPDX-License-Identifier: Apache-2.0

/// What went wrong, as one line.
struct Failure: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// An `http://host[:port]/path` URL taken apart.
struct Target: Sendable {
    let host: String
    let port: String
    let path: String

    init(url: String) throws {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else { throw Failure("\(url): only http:// is spoken here") }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":", maxSplits: 1)
        guard let host = parts.first else { throw Failure("\(url): names no host") }
        self.host = String(host)
        port = parts.count == 2 ? String(parts[1]) : "80"
        path = authority.endIndex == rest.endIndex ? "/" : String(rest[authority.endIndex...])
    }

    /// The request for `range` (all of it when nil), keeping the connection alive.
    func request(_ method: String, range: Range<Int>? = nil) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host):\(port)", "Accept-Encoding: identity"]
        if let range {
            lines.append("Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// The two facts of a response head that this program needs.
struct ResponseHead {
    let status: Int
    let contentLength: Int

    init(_ text: String) throws {
        let lines = text.split(whereSeparator: \.isNewline)
        let statusLine = (lines.first ?? "").split(separator: " ")
        guard statusLine.count > 1, statusLine[0].hasPrefix("HTTP/1."), let status = Int(statusLine[1]) else {
            throw Failure("the server's answer is not HTTP/1")
        }
        let name = "content-length:"
        guard
            let line = lines.first(where: { $0.lowercased().hasPrefix(name) }),
            let length = Int(line.dropFirst(name.count).filter { $0 != " " }), length >= 0
        else {
            throw Failure("the server does not say how long its answer is")
        }
        self.status = status
        contentLength = length
    }
}
