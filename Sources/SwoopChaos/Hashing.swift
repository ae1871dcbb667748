// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What has to be hashed for a response, and where the digests go.
struct Hashing: Equatable, Sendable {
    enum Purpose: Equatable, Sendable {
        /// Into header fields of the response.
        case fields
        /// Into a Metalink document, which is the response's body.
        case metalink(name: String, urls: [String])
    }

    /// The bytes: the first so many of this version.
    let length: Int64
    let version: Int
    /// Bytes in each piece that gets a digest of its own; 0 is none.
    var piece: Int64 = 0
    let purpose: Purpose
    /// Which of the fields are sent: `repr`, `digest`, `amz` or `all`.
    var kind = ""
    /// Whether the fields are to be wrong.
    var isWrong = false
}

extension Response {
    /// The response as it is sent once the digests are known.
    func completed(_ hashing: Hashing, _ digests: FileDigests) -> Response {
        var response = self
        response.hashing = nil
        switch hashing.purpose {
        case .fields:
            response.fields += Self.fields(hashing, digests.whole)
        case .metalink(let name, let urls):
            response.body = .text(MetalinkDocument.text(name, length: hashing.length, hashing.piece, digests, urls))
        }
        return response
    }
}

extension Response {
    private static func fields(_ hashing: Hashing, _ digest: [UInt8]) -> [HeaderField] {
        let encoded = Base64.encode(hashing.isWrong ? digest.map { ~$0 } : digest)
        let all = [
            ("repr", HeaderField("Repr-Digest", "sha-256=:\(encoded):")),
            ("digest", HeaderField("Digest", "SHA-256=\(encoded)")),
            ("amz", HeaderField("x-amz-checksum-sha256", encoded)),
        ]
        switch hashing.kind {
        case "": return all.dropLast().map(\.1)
        case "all": return all.map(\.1)
        default: return all.filter { $0.0 == hashing.kind }.map(\.1)
        }
    }
}

/// The SHA-256 digests of a version of a file.
struct FileDigests: Equatable, Sendable {
    let whole: [UInt8]
    /// In order; the last piece may be shorter. Empty if none were asked for.
    let pieces: [[UInt8]]

    /// Reads and hashes everything; takes a second for some hundred megabytes, so not for an event loop.
    init(_ hashing: Hashing, of source: BodySource) throws {
        var all = SHA256()
        var pieces: [[UInt8]] = []
        var piece = SHA256()
        var offset: Int64 = 0
        while offset < hashing.length {
            let pieceEnd = hashing.piece > 0 ? (offset / hashing.piece + 1) * hashing.piece : hashing.length
            let end = min(hashing.length, pieceEnd, offset + Self.step)
            let bytes = try source.read(Int(end - offset), at: offset)
            bytes.withUnsafeReadableBytes { all.update($0) }
            if hashing.piece > 0 { bytes.withUnsafeReadableBytes { piece.update($0) } }
            offset = end
            guard hashing.piece > 0, end == pieceEnd || end == hashing.length else { continue }
            pieces.append(piece.finish())
            piece = SHA256()
        }
        whole = all.finish()
        self.pieces = pieces
    }

    private static let step: Int64 = 1 << 20
}

/// Base64 with padding (RFC 4648 section 4).
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return stride(from: 0, to: bytes.count, by: 3).map { start -> String in
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            let digits = (0...group.count).map { String(alphabet[bits >> (18 - 6 * $0) & 63]) }
            return digits.joined() + String(repeating: "=", count: 3 - group.count)
        }.joined()
    }
}
