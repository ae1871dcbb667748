// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// An object, or a prefix of objects, as people write it: `s3://bucket/key`.
///
/// Two locations are equal if their bytes are: `String` would call two keys equal that differ in how an accent is
/// composed, yet a store keeps two objects for them.
/// - Source: AWS docs "Naming Amazon S3 objects", "General purpose bucket naming rules".
public struct S3Location: Sendable {
    /// Most bytes of a key in UTF-8.
    public static let longestKey = 1_024

    /// 3 to 63 letters, digits, dots, hyphens and underscores.
    public let bucket: String
    /// At most ``longestKey`` bytes without NUL; empty for the whole bucket.
    public let key: String
    /// Which version of the object; `nil` for the newest.
    public let versionId: String?

    /// Makes a location from its parts.
    ///
    /// - Throws: ``S3LocationError`` if a part is outside the bounds above.
    public init(bucket: String, key: String, versionId: String? = nil) throws(S3LocationError) {
        guard Self.isBucket(bucket) else { throw .badBucket }
        guard key.utf8.count <= Self.longestKey else { throw .keyTooLong }
        guard !key.utf8.contains(0) else { throw .keyHasNUL }
        guard versionId.map(Self.isVersion) ?? true else { throw .badVersion }
        self.bucket = bucket
        self.key = key
        self.versionId = versionId
    }

    /// Reads `s3://BUCKET/KEY`.
    ///
    /// The key is taken literally: nothing in it is percent-decoded, and `?`, `#`, spaces and slashes are its own. Only
    /// `?versionId=ID` at the very end is cut off, if ID looks like one.
    /// - Throws: ``S3LocationError``.
    public static func parse(_ text: String) throws(S3LocationError) -> S3Location {
        let scheme = "s3://"
        guard text.utf8.prefix(scheme.utf8.count).elementsEqual(scheme.utf8, by: { ASCII.lowercased($0) == $1 }) else {
            throw .missingScheme
        }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else {
            return try S3Location(bucket: String(Substring(rest)), key: "")
        }
        let (key, version) = split(Substring(rest[slash...].dropFirst()))
        return try S3Location(bucket: String(Substring(rest[..<slash])), key: key, versionId: version)
    }

    /// Whether it names no single object: the key is empty or ends with a slash.
    public var isPrefix: Bool { key.utf8.last ?? UInt8(ascii: "/") == UInt8(ascii: "/") }

    /// Whether `name` may be a bucket's: what AWS allows today, and the capitals and underscores that older buckets and
    /// other stores have. Never a slash, and no two dots in a row, so that it cannot leave its place in a path.
    public static func isBucket(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count) else { return false }
        guard bytes.allSatisfy({ ASCII.isAlphanumeric($0) || "-._".utf8.contains($0) }) else { return false }
        let dot = UInt8(ascii: ".")
        return !zip(bytes, bytes.dropFirst()).contains { $0 == dot && $1 == dot }
    }

    /// The key, and the version behind its last `?versionId=`.
    private static func split(_ text: Substring) -> (key: String, version: String?) {
        guard let mark = text.utf8.lastIndex(of: UInt8(ascii: "?")) else { return (String(text), nil) }
        let name = "?versionId="
        let tail = text.utf8[mark...]
        let version = String(Substring(tail.dropFirst(name.utf8.count)))
        guard tail.starts(with: name.utf8), isVersion(version) else { return (String(text), nil) }
        return (String(text[..<mark]), version)
    }

    /// Version ids are opaque; all that stores hand out are made of these bytes.
    private static func isVersion(_ text: String) -> Bool {
        (1...1_024).contains(text.utf8.count)
            && text.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "-._~=+".utf8.contains($0) }
    }
}

extension S3Location: Hashable {
    /// Compares bytes.
    public static func == (one: S3Location, other: S3Location) -> Bool {
        one.bucket == other.bucket && one.key.utf8.elementsEqual(other.key.utf8) && one.versionId == other.versionId
    }

    /// Hashes bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bucket)
        for byte in key.utf8 { hasher.combine(byte) }
        hasher.combine(versionId)
    }
}

extension S3Location: CustomStringConvertible {
    /// `s3://bucket/key`, which ``parse(_:)`` reads back, with the version if there is one.
    public var description: String {
        "s3://\(bucket)/\(key)" + (versionId.map { "?versionId=\($0)" } ?? "")
    }
}

/// Why a text is not the location of an object.
public enum S3LocationError: Error, Hashable, Sendable {
    /// It does not begin with `s3://`.
    case missingScheme
    /// The bucket's name is missing, too short, too long, or has a byte that no bucket has.
    case badBucket
    /// The key has more than ``S3Location/longestKey`` bytes.
    case keyTooLong
    /// The key has a NUL in it.
    case keyHasNUL
    /// The version id is empty, too long, or has a byte that no version id has.
    case badVersion

    /// What is wrong and what to do, in the style of every message: no capital, no full stop.
    public var message: String {
        switch self {
        case .missingScheme: "the location does not begin with s3://: write it as s3://BUCKET/KEY"
        case .badBucket: "the bucket name is not valid: use 3 to 63 letters, digits, dots, hyphens or underscores"
        case .keyTooLong: "the key is longer than \(S3Location.longestKey) bytes: shorten it"
        case .keyHasNUL: "the key has a NUL byte in it: remove it"
        case .badVersion: "the version id is not one that a store hands out: copy it again"
        }
    }
}
