// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO

/// Where an upload goes: an object store, or any server that takes PUT. Each call is one request, or a few that belong
/// together, and answers with the machine's event.
protocol UploadTarget: Sendable {
    /// Which parts the store has: `.listed` or `.uploadGone`.
    func parts(of uploadID: String) async throws(TransferFailure) -> UploadEvent
    /// Opens an upload: `.created`.
    func create() async throws(TransferFailure) -> UploadEvent
    /// Sends a part, or the whole object if there is no upload.
    func send(_ sending: PartSending, uploadID: String?) async throws(TransferFailure) -> PartAnswer
    /// Makes the object: `.completed` or `.uploadGone`.
    func complete(_ uploadID: String, _ parts: [StoredPart], length: Int64) async throws(TransferFailure) -> UploadEvent
    /// Looks at the object: `.inspected`.
    func inspect() async throws(TransferFailure) -> UploadEvent
    /// Gives the upload up: `.aborted`.
    func abort(_ uploadID: String) async throws(TransferFailure) -> UploadEvent
}

/// A part on its way.
struct PartSending: Sendable {
    /// Number of the part, from 1.
    let part: Int
    let piece: SourceFile.Piece
    /// Ends it.
    let cancellation: Cancellation
    /// Told how much of it the connection has taken.
    let wrote: @Sendable (Int64) -> Void
}

/// What the store says of a part.
enum PartAnswer: Hashable, Sendable {
    /// It has the part, and calls it so.
    case stored(tag: String)
    /// It does not know the upload.
    case uploadGone
}
