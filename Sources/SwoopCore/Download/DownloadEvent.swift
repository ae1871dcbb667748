// SPDX-License-Identifier: Apache-2.0

/// Status line and header fields of a response.
public struct ResponseHead: Hashable, Sendable {
    /// Status code, 100...999.
    public var status: Int
    /// Header fields in the order received.
    public var fields: HeaderFields

    /// Makes a head from its parts.
    public init(status: Int, fields: HeaderFields = HeaderFields()) {
        self.status = status
        self.fields = fields
    }

    /// Whether an object store sent it, Amazon's or one that speaks its language: they answer If-Match as RFC 9110 wants.
    var isFromObjectStore: Bool { fields["x-amz-request-id"] != nil }
}

/// What was found where the download is to go.
public enum PreparedPartial: Hashable, Sendable {
    /// Neither the final name nor a usable partial exists.
    case fresh
    /// A partial with a journal exists.
    case found(JournalReplay)
    /// The final name is taken.
    case targetExists
}

/// What happened, as the driver tells ``DownloadMachine``.
public enum DownloadEvent: Hashable, Sendable {
    /// The user asked for the transfer.
    case start
    /// Answer to `.prepare`.
    case prepared(PreparedPartial)
    /// Answer to `.begin`.
    case begun
    /// A response's head arrived; its body waits for `.accept` or `.abort`.
    case head(ExchangeID, ResponseHead)
    /// Bytes up to this absolute offset, exclusive, were handed to the kernel.
    case wrote(ExchangeID, upTo: Int64)
    /// The exchange ended: `nil` if the response was complete or the limit was reached.
    case closed(ExchangeID, TransferFailure?)
    /// Answer to `.sample`: every byte of the response.
    case sampled(ExchangeID, [UInt8])
    /// Answer to `.describe`.
    case described(MirrorDescription)
    /// Answer to `.verifyPiece`: whether it has its digest.
    case pieceVerified(Int, Bool)
    /// The disk failed; never the network's fault.
    case storeFailed(TransferFailure)
    /// Answer to `.sync`: everything written before the command is durable.
    case synced
    /// Answer to `.verify`: the digests, in the order of the algorithms asked for.
    case verified([Digest])
    /// Answer to `.publish`.
    case published
    /// The reader has taken everything before this offset: the window moves on.
    case consumed(upTo: Int64)
    /// What the transfer may do at an origin has changed.
    case allowance(OriginAllowance)
    /// Whether the thread that moves the bytes has hardly any time left; told when that changes.
    case threadBusy(Bool)
    /// The time asked for by `.wake` has come.
    case wake
    /// The user or the embedding program wants the transfer to stop.
    case cancel
}
