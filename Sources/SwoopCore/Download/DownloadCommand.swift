// SPDX-License-Identifier: Apache-2.0

/// Names one request and its response, for as long as the transfer lives.
public struct ExchangeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Ordinal of the exchange within its transfer, from 0.
    public let ordinal: Int

    /// Makes the name of exchange number `ordinal`.
    public init(_ ordinal: Int) { self.ordinal = ordinal }

    public static func < (left: Self, right: Self) -> Bool { left.ordinal < right.ordinal }

    public var description: String { "#\(ordinal)" }
}

/// A request for the driver to send.
public struct ExchangeRequest: Hashable, Sendable {
    /// Slot that the exchange occupies, from 0; below the number of connections.
    public var connection: Int
    /// Where to send it, redirects already applied.
    public var url: HTTPURL
    /// The bytes to ask for, or `nil` to send no Range field; with an `upper` of `Int64.max` the range has no end.
    public var range: ByteRange?
    /// Value of the If-Range field, or `nil` to send none (RFC 9110 section 13.1.5).
    public var ifRange: String?
    /// Value of the If-Match field, or `nil` to send none (RFC 9110 section 13.1.1).
    public var ifMatch: String?
    /// Whether ``url`` is of the origin that the user named, so that credentials and the user's header fields may go.
    public var isTrusted: Bool

    /// Whether it asks for everything from some byte on.
    public var isOpenEnded: Bool { range?.upper == .max }

    /// Makes a request from its parts.
    public init(
        connection: Int,
        url: HTTPURL,
        range: ByteRange?,
        ifRange: String? = nil,
        ifMatch: String? = nil,
        isTrusted: Bool
    ) {
        self.connection = connection
        self.url = url
        self.range = range
        self.ifRange = ifRange
        self.ifMatch = ifMatch
        self.isTrusted = isTrusted
    }
}

/// How to make the partial ready for the first byte.
public struct PartialPlan: Hashable, Sendable {
    /// Length of the representation in bytes, or `nil` if unknown.
    public var length: Int64?
    /// What to write at the head of a new journal, or `nil` to keep none.
    public var journal: JournalIdentity?
    /// Bytes of the partial to keep, already proven; everything else will be fetched.
    public var held: RangeSet
    /// The part of ``held`` that is durable.
    public var durable: RangeSet

    /// The algorithm of a digest that the origin states, to be computed as well.
    public var stated: DigestAlgorithm?

    /// Makes a plan from its parts.
    public init(length: Int64?, journal: JournalIdentity?, held: RangeSet = RangeSet(), durable: RangeSet = RangeSet())
    {
        self.length = length
        self.journal = journal
        self.held = held
        self.durable = durable
    }

    /// What to compute: the stated digest first, unless it is among those that were asked for.
    public func algorithms(asked: [DigestAlgorithm]) -> [DigestAlgorithm] {
        guard let stated, !asked.contains(stated) else { return asked }
        return [stated] + asked
    }
}

/// What ``DownloadMachine`` wants done. The driver performs commands in order and decides nothing.
public enum DownloadCommand: Hashable, Sendable {
    /// Look at the final name (unless it is to be replaced) and the partial, and lock the partial; answered by
    /// `.prepared`. With `create` false, a missing partial stays missing.
    case prepare(name: String, create: Bool, replacing: Bool)
    /// Rewrite the journal and size the partial as planned; answered by `.begun`. Bytes not held are lost.
    case begin(PartialPlan)
    /// Reserve disk space; a failure comes back as `.storeFailed`.
    case allocate(length: Int64)
    /// Send a request; answered by `.head` or `.closed`.
    case open(ExchangeID, ExchangeRequest)
    /// As `.open`; what the response brings is kept in memory and answered by `.sampled` before `.closed`.
    case sample(ExchangeID, ExchangeRequest)
    /// Fetch a Metalink about the representation; answered by `.described` if it is one.
    case describe(ExchangeRequest)
    /// Hash a range of the partial; answered by `.pieceVerified`.
    case verifyPiece(Int, ByteRange, Digest)
    /// Write the body, whose first byte belongs at `from`, stopping before `upTo` if it is not `nil`.
    case accept(ExchangeID, from: Int64, upTo: Int64?)
    /// Lower an accepted exchange's limit: its tail was given to another connection.
    case shorten(ExchangeID, to: Int64)
    /// Raise the limit of an accepted exchange whose request has no end. At its limit such a response waits.
    case lengthen(ExchangeID, to: Int64)
    /// End an exchange. Nothing of it is written once this has been performed; nothing more is reported.
    case abort(ExchangeID)
    /// Append a record to the journal.
    case checkpoint(JournalRecord)
    /// Sync the partial's data; answered by `.synced`.
    case sync
    /// The contiguous prefix of the representation has grown to this many bytes.
    case hash(upTo: Int64)
    /// Finish the digests over `length` bytes; answered by `.verified`.
    case verify(length: Int64)
    /// Give the partial its final name; answered by `.published`.
    case publish(replacing: Bool)
    /// Remove the partial and its journal.
    case discardPartial
    /// Send `.wake` at this time; replaces an earlier wake.
    case wake(at: Duration)
    /// Tell whoever watches.
    case note(TransferNotice)
    /// The transfer has ended well.
    case finish
    /// The transfer has ended.
    case fail(TransferFailure)
}
