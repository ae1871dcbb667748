// SPDX-License-Identifier: Apache-2.0

/// Something that happened in a transfer that a person or a log may want to know. URLs in it are redacted.
public enum TransferNotice: Hashable, Sendable {
    /// The representation is known and bytes begin to flow. `resumed` bytes are already there.
    case started(url: String, name: String, length: Int64?, resumed: Int64)
    /// A request is sent.
    case request(connection: Int, url: String, range: ByteRange?)
    /// A response's head arrived.
    case response(connection: Int, status: Int, contentRange: String?)
    /// A segment has ended, complete or broken off; `range` is what its connection delivered.
    case segment(connection: Int, range: ByteRange, elapsed: Duration)
    /// An exchange failed and will be tried again after `wait`; `attempt` counts failures without progress, from 1.
    case retrying(connection: Int, reason: TransferFailure, wait: Duration, attempt: Int)
    /// The origin redirected.
    case redirected(status: Int, to: String)
    /// The origin refuses more connections than this many.
    case connectionLimit(Int)
    /// The origin answers ranges with the whole representation: one connection must do.
    case rangesUnusable(reason: String)
    /// The origin's entity tags come and go while length and date stay: they are no proof of a change any more.
    case tagsIgnored
    /// The representation changed: everything is fetched again.
    case restarting(reason: String)
    /// The tail of a connection's segment, from `at`, was given to another connection.
    case shortened(connection: Int, at: Int64)
    /// A connection far slower than its siblings was closed; its remaining bytes are asked for on a new one. Rates in bytes
    /// per second.
    case replaced(connection: Int, throughput: Double, median: Double)
    /// The last bytes of a segment that takes too long are asked for a second time.
    case hedged(connection: Int, range: ByteRange)
    /// A mirror has the same bytes as far as could be seen: it is used from now on.
    case mirrorTrusted(url: String)
    /// A source is not asked any more.
    case mirrorDropped(url: String, reason: String)
    /// A piece has the wrong digest; the sources that brought bytes of it. It is fetched again.
    case pieceRejected(range: ByteRange, sources: [String])
    /// What a source delivered, where there are several.
    case sourceDelivered(url: String, bytes: Int64)
    /// Every byte is here; what follows is digests and the disk.
    case received
    /// The digests of every byte, and the one among them that the user or the origin gave; it agrees.
    case verified([Digest], agreed: Digest?)
    /// The final name was taken and the user asked to keep it.
    case skipped
    /// The store acknowledged every byte of an upload, but does not let the object be looked at.
    case uploadUnseen(reason: TransferFailure)
    /// A partial was there but could not be used.
    case partialIgnored(reason: String)
}
