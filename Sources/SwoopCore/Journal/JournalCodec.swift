// SPDX-License-Identifier: Apache-2.0

/// Turns journal records into lines of text and back.
///
/// A journal is ASCII, one record a line, so that a person can read it and a torn write is seen at once:
///
///     CHECKSUM PAYLOAD\n
///
///     CHECKSUM  CRC-32C of the payload, eight lower-case hex digits
///     PAYLOAD   swoop-journal/1 length=N query=HEX url=TEXT [etag=TEXT] [modified=TEXT] [strong]
///               boot TEXT
///               written LOWER-UPPER ...
///               durable LOWER-UPPER ...
///     TEXT      UTF-8 in which every byte but visible ASCII, and the percent sign, is %XX
///     LOWER-UPPER  a half-open range of byte offsets
///
/// The first record is the identity; its first word names the format's version. A reader refuses a version it does not
/// know, so that a later format may change everything else.
public enum JournalCodec {
    static let format = "swoop-journal/1"
    static let lineFeed = UInt8(ascii: "\n")

    /// The line of a record, its line feed included.
    public static func encode(_ record: JournalRecord) -> [UInt8] {
        let payload = Array(payload(of: record).utf8)
        return Array(hex(CRC32C.checksum(payload)).utf8) + [UInt8(ascii: " ")] + payload + [lineFeed]
    }

    /// The record of a line without its line feed; `nil` if the line is damaged or unknown.
    static func decode(_ line: ArraySlice<UInt8>) -> JournalRecord? {
        let payload = line.dropFirst(9)
        guard line.count > 9, line.prefix(9).elementsEqual("\(hex(CRC32C.checksum(payload))) ".utf8) else { return nil }
        guard let text = String(validating: payload, as: UTF8.self) else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let values = words.dropFirst()
        switch words.first {
        case Substring(format): return identity(values).map(JournalRecord.identity)
        case "boot": return values.first.flatMap(unescaped).map(JournalRecord.boot)
        case "written": return ranges(values).map(JournalRecord.written)
        case "durable": return ranges(values).map(JournalRecord.durable)
        default: return nil
        }
    }

    // MARK: Writing

    private static func payload(of record: JournalRecord) -> String {
        switch record {
        case .identity(let identity): words(of: identity).joined(separator: " ")
        case .boot(let boot): "boot \(escaped(boot))"
        case .written(let ranges): (["written"] + ranges.map(word)).joined(separator: " ")
        case .durable(let ranges): (["durable"] + ranges.map(word)).joined(separator: " ")
        }
    }

    private static func words(of identity: JournalIdentity) -> [String] {
        var words = [format, "length=\(identity.length)", "query=\(String(identity.queryFingerprint, radix: 16))"]
        words.append("url=\(escaped(identity.url))")
        if let entityTag = identity.entityTag { words.append("etag=\(escaped(entityTag))") }
        if let lastModified = identity.lastModified { words.append("modified=\(escaped(lastModified))") }
        if identity.lastModifiedIsStrong { words.append("strong") }
        return words
    }

    private static func word(of range: ByteRange) -> String { "\(range.lower)-\(range.upper)" }

    private static func hex(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let isPlain = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "%")
            result += isPlain ? String(UnicodeScalar(byte)) : "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
    }

    // MARK: Reading

    private static func identity(_ words: ArraySlice<Substring>) -> JournalIdentity? {
        var result = JournalIdentity(url: "", queryFingerprint: 0, length: -1)
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first, read(parts.dropFirst().first, named: key, into: &result) else { return nil }
        }
        return result.length >= 0 ? result : nil
    }

    /// Reads one word of an identity; `false` if it is unknown or its value is not what it should be.
    private static func read(_ value: Substring?, named key: Substring, into result: inout JournalIdentity) -> Bool {
        guard let value else {
            result.lastModifiedIsStrong = key == "strong"
            return result.lastModifiedIsStrong
        }
        guard let text = unescaped(value) else { return false }
        switch key {
        case "length": result.length = Int64(text) ?? -1
        case "query": result.queryFingerprint = UInt64(text, radix: 16) ?? 0
        case "url": result.url = text
        case "etag": result.entityTag = text
        case "modified": result.lastModified = text
        default: return false
        }
        return true
    }

    private static func ranges(_ words: ArraySlice<Substring>) -> [ByteRange]? {
        let result = words.compactMap(range)
        return result.count == words.count ? result : nil
    }

    private static func range(_ word: Substring) -> ByteRange? {
        let bounds = word.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard bounds.count == 2, let lower = bounds[0], let upper = bounds[1], lower <= upper else { return nil }
        return ByteRange(lower, upper)
    }

    private static func unescaped(_ text: Substring) -> String? {
        PercentEncoding.decodedBytes(text, strict: true).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
