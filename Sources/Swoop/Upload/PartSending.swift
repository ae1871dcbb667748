// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO

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
