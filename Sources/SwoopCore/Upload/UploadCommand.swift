// SPDX-License-Identifier: Apache-2.0

/// What the driver is to do next for an upload. Performed in order.
public enum UploadCommand: Hashable, Sendable {
    /// Ask which parts the store has; answered by `.listed`, `.uploadGone` or `.failed`.
    case list(uploadID: String)
    /// Open an upload; answered by `.created` or `.failed`.
    case create
    /// Read a range of the source again and compare; answered by `.checked`.
    case check(Int, ByteRange, Digest)
    /// Read a part into memory; answered by `.loaded`. Where the source's length is unknown the range may reach beyond it.
    case load(Int, ByteRange)
    /// Send a part that is in memory; `uploadID` is `nil` where it is the whole object. Answered by any number of `.wrote`,
    /// then one `.stored`, `.partFailed` or `.uploadGone`.
    case send(Int, attempt: Int, uploadID: String?)
    /// End the sending of a part; nothing more is heard of that attempt.
    case stop(Int, attempt: Int)
    /// Forget a part's bytes.
    case release(Int)
    /// Remember an upload, so that a later run can go on with it.
    case recordUpload(uploadID: String)
    /// Remember a part that the store has.
    case recordPart(Int, UploadRecord.Part)
    /// Forget what was remembered.
    case forget
    /// Make the object of these parts; answered by `.completed`, `.uploadGone` or `.failed`.
    case complete(uploadID: String, parts: [StoredPart], length: Int64)
    /// Ask for the object's length and tag; answered by `.inspected` or `.failed`.
    case inspect
    /// Give the upload up at the store; answered by `.aborted` or `.failed`.
    case abort(uploadID: String)
    /// Post `.wake` at this time; an earlier one is forgotten.
    case wake(at: Duration)
    /// Something worth telling.
    case note(TransferNotice)
    /// The object is there, whole.
    case finish(UploadOutcome)
    /// It is not; `uploadID` names what is left at the store, if anything.
    case fail(TransferFailure, kept: UploadRemainder?)
}

/// What an upload came to.
public struct UploadOutcome: Hashable, Sendable {
    /// Length of the object in bytes.
    public var length: Int64
    /// Bytes that an earlier run had sent.
    public var resumed: Int64
    /// Parts that the object was made of; 1 if it was sent in one piece.
    public var parts: Int
    /// What the store calls the object's content, if it said so.
    public var tag: String?

    /// Makes an outcome from its fields.
    public init(length: Int64, resumed: Int64, parts: Int, tag: String?) {
        self.length = length
        self.resumed = resumed
        self.parts = parts
        self.tag = tag
    }
}

/// What is left at the store of an upload that did not end well.
public struct UploadRemainder: Hashable, Sendable {
    /// The store's name of the upload.
    public var uploadID: String
    /// Bytes in its parts.
    public var bytes: Int64
    /// Whether the same command goes on with it; otherwise it only costs.
    public var isResumable: Bool

    /// Makes a remainder from its fields.
    public init(uploadID: String, bytes: Int64, isResumable: Bool) {
        self.uploadID = uploadID
        self.bytes = bytes
        self.isResumable = isResumable
    }
}
