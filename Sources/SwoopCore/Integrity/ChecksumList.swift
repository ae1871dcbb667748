// SPDX-License-Identifier: Apache-2.0

/// The digests of many files, as `sha256sum` and its relatives write them.
///
/// Two styles may be mixed: `HEX  NAME` (or `HEX *NAME`), where the number of digits tells the algorithm, and BSD's
/// `SHA256 (NAME) = HEX`. A line that begins with a backslash has `\\`, `\n` and `\r` in its name.
public struct ChecksumList: Hashable, Sendable {
    private var digests: [String: Digest] = [:]

    /// Reads a list. Lines that are neither style, and empty ones and comments, are passed over; of two lines with one name
    /// the stronger algorithm counts, then the later line.
    public init(parsing text: String) {
        for line in text.utf8.split(whereSeparator: { "\r\n".utf8.contains($0) }) {
            guard let (name, digest) = Self.entry(ASCII.trimmed(String(Substring(line)))) else { continue }
            if let known = digests[name], known.algorithm.rank > digest.algorithm.rank { continue }
            digests[name] = digest
        }
    }

    /// How many files it has.
    public var count: Int { digests.count }

    /// The digest of the file with this name; only the last component of a name in the list counts.
    public subscript(name: String) -> Digest? { digests[name] }

    private static func entry(_ line: Substring) -> (name: String, digest: Digest)? {
        let isEscaped = line.utf8.first == UInt8(ascii: "\\")
        let line = isEscaped ? line.dropFirst() : line
        guard let (name, digest) = bsd(line) ?? plain(line) else { return nil }
        let whole = isEscaped ? unescaped(name) : String(name)
        let last = whole.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) }
        return last.map { ($0, digest) }
    }

    /// `HEX  NAME`: the name is what follows the space and the mark of its kind.
    private static func plain(_ line: Substring) -> (Substring, Digest)? {
        guard let space = line.utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let hex = line[..<space]
        let algorithm = DigestAlgorithm.allCases.first { $0.byteCount * 2 == hex.utf8.count }
        guard let algorithm, let digest = Digest(algorithm: algorithm, hex: hex) else { return nil }
        // By bytes: a combining mark at a name's start would make one character with the space before it.
        let name = line[space...].utf8.dropFirst()
        let bare = name.first.map(" *".utf8.contains) ?? false ? name.dropFirst() : name
        return bare.isEmpty ? nil : (Substring(bare), digest)
    }

    /// `SHA256 (NAME) = HEX`.
    private static func bsd(_ line: Substring) -> (Substring, Digest)? {
        guard let open = line.utf8.firstIndex(of: UInt8(ascii: "(")),
            let close = line.utf8.lastIndex(of: UInt8(ascii: ")")), open < close,
            let algorithm = DigestAlgorithm.parse(String(ASCII.trimmed(line[..<open])))
        else { return nil }
        let rest = ASCII.trimmed(Substring(line[close...].utf8.dropFirst()))
        guard rest.utf8.first == UInt8(ascii: "="),
            let digest = Digest(algorithm: algorithm, hex: ASCII.trimmed(Substring(rest.utf8.dropFirst())))
        else { return nil }
        return (Substring(line[open..<close].utf8.dropFirst()), digest)
    }

    private static func unescaped(_ name: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
            default: bytes.append(next)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
