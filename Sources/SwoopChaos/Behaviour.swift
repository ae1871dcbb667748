// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// What the origin does about one request: a value, decided before any byte is sent.
struct Behaviour: Equatable, Sendable {
    enum Answer: Equatable, Sendable {
        case respond(Response)
        /// The connection is closed without a word.
        case close
        /// The connection is reset without a word.
        case reset
        /// Header fields without end, so many nanoseconds apart.
        case endlessHead(interval: Int64)
    }

    var answer: Answer
    /// Nanoseconds before the first byte.
    var delay: Int64 = 0
    var pace = Pace()
    var lifetime: Lifetime?
    /// What the client did that it must not, for the log.
    var violation: String?
}

/// A response, as it will look on the wire.
struct Response: Equatable, Sendable {
    enum Body: Equatable, Sendable {
        case text(String)
        case content(ByteRange, version: Int)

        var count: Int64 {
            switch self {
            case .text(let text): Int64(text.utf8.count)
            case .content(let range, _): range.count
            }
        }
    }

    var status: Int
    var fields: [HeaderField] = []
    var body = Body.text("")
    /// Where bytes of a later version than the first begin to differ from it.
    var difference: Int64 = 0
    /// What stands around the body's bytes, and belongs to the body.
    var wrapping = Wrapping()
    /// What follows the body, beyond the length that was said.
    var surplus = ""
    /// Whether the body's bytes are those of a gzip stream.
    var isGzipped = false
    /// What has to be hashed before the response can be sent, if anything.
    var hashing: Hashing?
    /// Whether the body is sent in chunks, without a Content-Length (RFC 9112 section 7.1).
    var isChunked = false
    /// Whether the connection ends with this response.
    var closes = false
    var fault: Fault?

    /// Body bytes that the head promises.
    var statedCount: Int64 { Int64(wrapping.before.utf8.count) + body.count + Int64(wrapping.after.utf8.count) }

    /// Body bytes that will be sent, unless the client leaves.
    var sentCount: Int64 { min(statedCount + Int64(surplus.utf8.count), fault?.after ?? Int64.max) }

    /// What stands at a place of the body: a text with what is left of it, or the content from an offset on.
    func place(_ sent: Int64) -> Place {
        let start = Int64(wrapping.before.utf8.count)
        if sent < start { return .text(wrapping.before, from: Int(sent)) }
        if sent < start + body.count { return .body(from: sent - start, left: start + body.count - sent) }
        return .text(wrapping.after + surplus, from: Int(sent - start - body.count))
    }

    enum Place: Equatable {
        case text(String, from: Int)
        case body(from: Int64, left: Int64)

        /// Bytes from here to the next place.
        var left: Int64 {
            switch self {
            case .text(let text, let from): Int64(text.utf8.count - from)
            case .body(_, let left): left
            }
        }
    }
}

/// Text around a body's bytes.
struct Wrapping: Equatable, Sendable {
    var before = ""
    var after = ""
}

/// Of how many body bytes an origin dies, and how.
struct Lifetime: Equatable, Sendable {
    /// Body bytes sent in all, over every connection, until then.
    let bytes: Int64
    /// Whether its connections are reset then, or closed.
    let resets: Bool
}

/// Where and how a response goes wrong.
struct Fault: Equatable, Sendable {
    enum Kind: Equatable, Sendable { case close, reset, stall }

    let kind: Kind
    /// Body bytes sent before it.
    let after: Int64
}
