// SPDX-License-Identifier: Apache-2.0

/// Names and passwords by host, as `~/.netrc` has them.
///
/// - Source: ftp(1) of BSD and the manual of curl: `machine NAME login NAME password WORD`, `default` for all others, `macdef`
///   up to an empty line, `account` without effect, words in double quotes with backslashes, `#` at a line's start.
public struct Netrc: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        /// Lower case; `nil` stands for every host.
        var host: String?
        var user: String?
        var password: String?
    }

    private var entries: [Entry] = []

    /// Reads a file's text. What is not understood is passed over, as other programs do: the file is shared with them.
    public init(parsing text: String) {
        var words = Words(text)
        while let word = words.next() {
            switch word {
            case "machine": if let host = words.next() { entries.append(Entry(host: ASCII.lowercased(host))) }
            case "default": entries.append(Entry())
            case "login": set(\.user, words.next())
            case "password": set(\.password, words.next())
            case "account": _ = words.next()
            case "macdef": words.skipMacro()
            default: break
            }
        }
    }

    private mutating func set(_ field: WritableKeyPath<Entry, String?>, _ value: String?) {
        guard !entries.isEmpty else { return }
        entries[entries.count - 1][keyPath: field] = value
    }

    /// The credentials for a host; the first entry that names it counts, then the first `default`.
    public func credentials(for host: String) -> HTTPOptions.Credentials? {
        let host = ASCII.lowercased(host)
        guard let entry = entries.first(where: { $0.host == host }) ?? entries.first(where: { $0.host == nil }),
            // Basic authentication cannot tell such a name from its password (RFC 7617 section 2).
            let user = entry.user, !user.utf8.contains(UInt8(ascii: ":"))
        else { return nil }
        return HTTPOptions.Credentials(user: user, password: entry.password ?? "")
    }

    /// The words of the text, comments left out.
    private struct Words {
        private var rest: Substring.UTF8View
        private var isLineStart = true

        init(_ text: String) { rest = text[...].utf8 }

        mutating func next() -> String? {
            skipBlanks()
            guard let first = rest.first else { return nil }
            isLineStart = false
            return first == UInt8(ascii: "\"") ? quoted() : plain()
        }

        /// A macro ends at an empty line.
        mutating func skipMacro() {
            var previous: UInt8?
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\n"), previous == UInt8(ascii: "\n") { break }
                if byte != UInt8(ascii: "\r") { previous = byte }
            }
            isLineStart = true
        }

        private mutating func skipBlanks() {
            while let byte = rest.first {
                if byte == UInt8(ascii: "#"), isLineStart {
                    rest = rest.drop { $0 != UInt8(ascii: "\n") }
                } else if byte == UInt8(ascii: "\n") {
                    rest.removeFirst()
                    isLineStart = true
                } else if Self.isBlank(byte) {
                    rest.removeFirst()
                } else {
                    return
                }
            }
        }

        private mutating func plain() -> String {
            let word = rest.prefix { !Self.isBlank($0) }
            rest = rest[word.endIndex...]
            return String(Substring(word))
        }

        private mutating func quoted() -> String {
            rest.removeFirst()
            var bytes: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                bytes.append(byte == UInt8(ascii: "\\") ? Self.unescaped(rest.popFirst()) : byte)
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        private static func unescaped(_ byte: UInt8?) -> UInt8 {
            switch byte {
            case UInt8(ascii: "n"): UInt8(ascii: "\n")
            case UInt8(ascii: "r"): UInt8(ascii: "\r")
            case UInt8(ascii: "t"): UInt8(ascii: "\t")
            default: byte ?? UInt8(ascii: "\\")
            }
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }
    }
}
