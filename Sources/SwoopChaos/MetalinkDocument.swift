// SPDX-License-Identifier: Apache-2.0

/// A Metalink 4 document about one file (RFC 5854).
enum MetalinkDocument {
    static let mediaType = "application/metalink4+xml"

    static func text(
        _ name: String,
        length: Int64,
        _ piece: Int64,
        _ digests: FileDigests,
        _ urls: [String]
    ) -> String {
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">",
            "  <file name=\"\(escaped(name))\">", "    <size>\(length)</size>",
            "    <hash type=\"sha-256\">\(hex(digests.whole))</hash>",
        ]
        if !digests.pieces.isEmpty {
            lines.append("    <pieces length=\"\(piece)\" type=\"sha-256\">")
            lines += digests.pieces.map { "      <hash>\(hex($0))</hash>" }
            lines.append("    </pieces>")
        }
        lines += urls.enumerated().map { "    <url priority=\"\($0 + 1)\">\(escaped($1))</url>" }
        return (lines + ["  </file>", "</metalink>", ""]).joined(separator: "\n")
    }

    /// As XML wants text and attribute values; characters that XML cannot hold are left out.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\0"..<" ", "\u{FFFE}"..."\u{FFFF}": break
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
