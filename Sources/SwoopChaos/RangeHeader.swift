// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// A Range field with a single byte range (RFC 9110 section 14.1.2).
enum RangeHeader: Equatable, Sendable {
    /// `bytes=first-`
    case from(Int64)
    /// `bytes=first-last`, both inclusive.
    case span(Int64, Int64)
    /// `bytes=-count`
    case suffix(Int64)

    /// Reads a field value; nil when it must or may be ignored: another unit, a syntax error, several ranges.
    init?(_ value: String) {
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let positions = parts[1].split(separator: "-", omittingEmptySubsequences: false).map(Self.trimmed)
        guard positions.count == 2 else { return nil }
        switch (positions[0].isEmpty, positions[1].isEmpty) {
        case (true, true): return nil
        case (true, false): self.init(suffix: positions[1])
        case (false, true): self.init(from: positions[0])
        case (false, false): self.init(first: positions[0], last: positions[1])
        }
    }

    /// The bytes asked for of a representation of `length` bytes; nil if it holds none of them.
    func resolve(length: Int64) -> ByteRange? {
        let range =
            switch self {
            case .from(let first): ByteRange(first, length)
            case .span(let first, let last): ByteRange(first, last < length ? last + 1 : length)
            case .suffix(let count): ByteRange(length - min(count, length), length)
            }
        return range.lower < length && !range.isEmpty ? range : nil
    }

    private init?(suffix: String) {
        guard let count = Self.position(suffix) else { return nil }
        self = .suffix(count)
    }

    private init?(from: String) {
        guard let first = Self.position(from) else { return nil }
        self = .from(first)
    }

    private init?(first: String, last: String) {
        guard let first = Self.position(first), let last = Self.position(last), first <= last else { return nil }
        self = .span(first, last)
    }

    /// A decimal number; one too large to hold is as far away as any other beyond the end.
    private static func position(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text) ?? Int64.max
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
