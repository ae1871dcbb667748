// SPDX-License-Identifier: Apache-2.0

/// What became of one item of a run: one line of a manifest. Holds no secret.
public struct ManifestLine: Hashable, Sendable {
    /// How an item ended.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// Fetched, and verified if a digest was given.
        case done
        /// Not there; ``ManifestLine/error`` says why.
        case failed
        /// The target existed and was left alone.
        case skipped
    }

    /// The item, the same in every run of the same list.
    public var key: ItemKey
    /// The URL, redacted.
    public var url: String
    /// The other URLs, redacted.
    public var mirrors: [String] = []
    /// Path of the file, or `nil` if nothing was kept.
    public var path: String?
    /// How it ended.
    public var status: Status
    /// The exit status that it alone would have led to.
    public var exit: Int32
    /// Length of the file in bytes; of a failure, the bytes that are held.
    public var bytes: Int64
    /// The digest, as ``Digest/description`` has it, or `nil`.
    public var digest: String?
    /// How long it took, in seconds.
    public var seconds: Double
    /// What happened and what to do, or `nil`.
    public var error: String?

    /// Makes a line of what every item has.
    public init(key: ItemKey, url: String, status: Status, exit: Int32, bytes: Int64, seconds: Double) {
        self.key = key
        self.url = url
        self.status = status
        self.exit = exit
        self.bytes = bytes
        self.seconds = seconds
    }

    /// The line with its line break. Fields are only ever added.
    public var text: String {
        var fields: [(String, JSONValue)] = [("url", .string(url))]
        if !mirrors.isEmpty { fields.append(("mirrors", .array(mirrors.map { .string($0) }))) }
        fields += [
            ("path", .optional(path)), ("status", .string(status.rawValue)), ("exit", .integer(Int64(exit))),
            ("bytes", .integer(bytes)), ("digest", .optional(digest)), ("seconds", .number(seconds)),
        ]
        if let error { fields.append(("error", .string(error))) }
        fields.append(("key", .string(key.description)))
        return JSONValue.line(fields)
    }

    /// Reads a line.
    ///
    /// - Returns: `nil` for what is no manifest line, such as one that a crash cut off. Unknown fields are ignored, and
    ///   those that are not needed to go on may be missing.
    public static func parse(_ line: some StringProtocol) -> ManifestLine? {
        guard let fields = JSONReader.object(line) else { return nil }
        guard let key = fields["key"]?.string.flatMap(ItemKey.parse) else { return nil }
        guard let status = fields["status"]?.string.flatMap(Status.init(rawValue:)) else { return nil }
        var read = ManifestLine(
            key: key,
            url: fields["url"]?.string ?? "",
            status: status,
            exit: fields["exit"]?.integer.flatMap { Int32(exactly: $0) } ?? 0,
            bytes: fields["bytes"]?.integer ?? 0,
            seconds: fields["seconds"]?.number ?? 0
        )
        if case .array(let mirrors) = fields["mirrors"] { read.mirrors = mirrors.compactMap(\.string) }
        read.path = fields["path"]?.string
        read.digest = fields["digest"]?.string
        read.error = fields["error"]?.string
        return read
    }
}

/// Tells the items of a list apart across runs, without holding their URLs: 64 bits of a hash.
///
/// Two of ten million different items have the same key with a probability of 3 in a million. It is no protection of a URL
/// against somebody who can guess it.
public struct ItemKey: Hashable, Sendable, CustomStringConvertible {
    /// The hash.
    public let bits: UInt64

    /// Makes the key of an item: FNV-1a over the URL as given, secrets included, and where its file goes.
    public init(url: String, target: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for byte in url.utf8 { add(byte) }
        add(0)
        for byte in target.utf8 { add(byte) }
        bits = hash
    }

    private init(bits: UInt64) { self.bits = bits }

    /// Reads 16 hex digits.
    public static func parse(_ text: String) -> ItemKey? {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ ASCII.hexValue($0) != nil }) else { return nil }
        return UInt64(text, radix: 16).map { ItemKey(bits: $0) }
    }

    /// 16 lower-case hex digits; ``parse(_:)`` reads them back.
    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension JSONValue {
    fileprivate var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    fileprivate var number: Double? {
        switch self {
        case .number(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }
}
