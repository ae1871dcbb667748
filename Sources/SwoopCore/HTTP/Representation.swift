// SPDX-License-Identifier: Apache-2.0

/// The representation that a transfer is pinned to: what every later response must agree with.
///
/// Source: RFC 9110 sections 8.8 (validators) and 15.3.7.3 (combining parts).
public struct Representation: Hashable, Sendable {
    /// Length in bytes, or `nil` if the origin did not say.
    public var length: Int64?
    /// The entity tag, strong or weak.
    public var entityTag: EntityTag?
    /// The Last-Modified field as it was on the wire.
    public var lastModified: String?
    /// Whether the date is a strong validator: at least a second older than the response (RFC 9110 section 8.8.2.2).
    public var lastModifiedIsStrong = false

    /// Makes a representation from its parts.
    public init(
        length: Int64?,
        entityTag: EntityTag? = nil,
        lastModified: String? = nil,
        lastModifiedIsStrong: Bool = false
    ) {
        self.length = length
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.lastModifiedIsStrong = lastModifiedIsStrong
    }

    /// Reads the validators of a response.
    public init(length: Int64?, fields: HeaderFields) {
        self.length = length
        entityTag = fields["ETag"].flatMap(EntityTag.parse)
        lastModified = fields["Last-Modified"]
        lastModifiedIsStrong = Self.isStrong(lastModified: lastModified, date: fields["Date"])
    }

    private static func isStrong(lastModified: String?, date: String?) -> Bool {
        guard let modified = lastModified.flatMap(HTTPDate.parse), let date = date.flatMap(HTTPDate.parse) else {
            return false
        }
        return date.secondsSinceEpoch >= modified.secondsSinceEpoch + 1
    }

    /// Whether the origin gave any validator.
    public var hasValidator: Bool { entityTag != nil || lastModified != nil }

    /// What to send as If-Range: the strong entity tag, else the date if it is strong, else nothing.
    public var strongValidator: String? {
        if let entityTag { return entityTag.isWeak ? nil : entityTag.wireForm }
        return lastModifiedIsStrong ? lastModified : nil
    }

    /// Whether `other` is the same in everything but its entity tag, and says enough for that to mean something: length, and
    /// a date that is a strong validator.
    func differsOnlyInTag(from other: Representation) -> Bool {
        guard let length, let lastModified, lastModifiedIsStrong, let entityTag, let theirs = other.entityTag else {
            return false
        }
        return length == other.length && lastModified == other.lastModified && entityTag.opaque != theirs.opaque
    }

    /// Whether `other` may be the same version: nothing that both say differs.
    ///
    /// - Returns: `nil` if so, else what differs, for a person to read.
    public func difference(from other: Representation) -> String? {
        if let length, let theirs = other.length, length != theirs {
            return "length \(length) became \(theirs)"
        }
        if let entityTag, let theirs = other.entityTag {
            return entityTag.opaque == theirs.opaque
                ? nil : "ETag \(entityTag.wireForm) became \(theirs.wireForm)"
        }
        if let lastModified, let theirs = other.lastModified, lastModified != theirs {
            return "Last-Modified \(lastModified) became \(theirs)"
        }
        let sharesDate = lastModified != nil && other.lastModified != nil
        return entityTag != nil && !sharesDate ? "its ETag is gone" : nil
    }
}
