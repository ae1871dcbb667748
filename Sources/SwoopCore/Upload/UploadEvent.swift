// SPDX-License-Identifier: Apache-2.0

/// What happened to an upload. Each part is sent under an attempt number, so that a late answer is known for one.
public enum UploadEvent: Hashable, Sendable {
    /// The upload begins; `record` is what an earlier run left of it.
    case start(record: UploadRecord?)
    /// The parts that the store has of the upload that was asked about.
    case listed([StoredPart])
    /// The store opened an upload under this name.
    case created(uploadID: String)
    /// Whether the part of the source still has the digest that its record says.
    case checked(Int, isSame: Bool)
    /// A part is in memory: its length, its digest, and whether the source ends with it.
    case loaded(Int, count: Int64, digest: Digest, isLast: Bool)
    /// So many bytes of a part were handed to the network.
    case wrote(Int, attempt: Int, upTo: Int64)
    /// The store has a part, and calls it by this tag.
    case stored(Int, attempt: Int, tag: String)
    /// A part did not get there.
    case partFailed(Int, attempt: Int, TransferFailure)
    /// The store made the object, and calls it by this tag if it said so.
    case completed(tag: String?)
    /// The store has an object of this length and tag.
    case inspected(length: Int64, tag: String?)
    /// The upload was given up at the store, or is not there anyhow.
    case aborted
    /// The store does not know the upload.
    case uploadGone(uploadID: String)
    /// A request that is about no part failed.
    case failed(TransferFailure)
    /// The source cannot be read, or is not what it was.
    case sourceFailed(TransferFailure)
    /// How many connections may be used.
    case allowance(OriginAllowance)
    /// The time that `.wake` named has come.
    case wake
    /// The user stops it.
    case cancel
}

/// A part as the store lists it.
public struct StoredPart: Hashable, Sendable {
    /// Number of the part, from 1.
    public var number: Int
    /// Its length in bytes.
    public var length: Int64
    /// What the store calls it: its entity tag, quotes included or not as the store wrote it.
    public var tag: String

    /// Makes a part from its fields.
    public init(number: Int, length: Int64, tag: String) {
        self.number = number
        self.length = length
        self.tag = tag
    }
}
