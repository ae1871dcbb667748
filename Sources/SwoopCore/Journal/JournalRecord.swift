// SPDX-License-Identifier: Apache-2.0

/// One entry of the journal that makes a partial safe to resume.
///
/// The journal makes two claims about bytes. *Written* means that `pwrite` returned: the bytes are in the page cache and
/// survive the death of the process, but not of the kernel, so the claim holds only under the boot that made it.
/// *Durable* means that a data sync finished before the record was appended: it holds for ever.
public enum JournalRecord: Hashable, Sendable {
    /// Which representation the partial holds. First record of every journal.
    case identity(JournalIdentity)
    /// The boot of the kernel under which the records that follow were made (`/proc/sys/kernel/random/boot_id`).
    case boot(String)
    /// Bytes handed to the kernel under the current boot.
    case written([ByteRange])
    /// Bytes on stable storage.
    case durable([ByteRange])
}

/// Which representation a partial holds: what must agree before its bytes are used again.
public struct JournalIdentity: Hashable, Sendable {
    /// The URL that was asked for, without userinfo and without its query.
    public var url: String
    /// Fingerprint of the query's parameters that name the resource, signatures left out; 0 without a query.
    public var queryFingerprint: UInt64
    /// Length of the representation in bytes.
    public var length: Int64
    /// The entity tag as it was on the wire, or `nil`.
    public var entityTag: String?
    /// The Last-Modified field as it was on the wire, or `nil`.
    public var lastModified: String?
    /// Whether ``lastModified`` may be used as a strong validator (RFC 9110 section 8.8.2.2).
    public var lastModifiedIsStrong: Bool

    /// Makes an identity from its parts.
    public init(
        url: String,
        queryFingerprint: UInt64,
        length: Int64,
        entityTag: String? = nil,
        lastModified: String? = nil,
        lastModifiedIsStrong: Bool = false
    ) {
        self.url = url
        self.queryFingerprint = queryFingerprint
        self.length = length
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.lastModifiedIsStrong = lastModifiedIsStrong
    }
}

/// What a journal proves once it has been read back.
public struct JournalReplay: Hashable, Sendable {
    /// The representation that the partial holds.
    public var identity: JournalIdentity
    /// Bytes that are surely in the partial: the durable ones, and those written under the boot that still runs.
    public var held: RangeSet
    /// The part of ``held`` that would survive a loss of power now.
    public var durable: RangeSet

    /// Makes a replay from its parts.
    public init(identity: JournalIdentity, held: RangeSet, durable: RangeSet) {
        self.identity = identity
        self.held = held
        self.durable = durable
    }
}
