// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore

/// The disk seam: where a transfer's bytes go and how they become a published file.
///
/// One store serves one transfer. `prepare`, `begin` and the rest follow ``DownloadMachine``'s commands one to one.
/// ``write(_:at:)`` and ``append(_:)`` run on the caller's thread, which is the transfer's event loop; every other call
/// may block and leaves that thread.
///
/// Every implementation passes the suite in `ByteStoreConformance.swift`.
public protocol ByteStore: Sendable {
    /// Looks at the final name and the partial, and locks the partial. A partial opened by an earlier call under
    /// another name is released.
    ///
    /// - Parameters:
    ///   - name: file name inside the destination's directory; ignored by a destination that is an explicit path.
    ///   - create: whether to make (and lock) a missing partial; `false` only looks.
    ///   - replacing: whether an existing target is to be replaced, and so does not count.
    /// - Returns: what was found; `.found` only if the partial's journal proves which bytes it holds.
    /// - Throws: `StoreError` if another process holds the partial or the directory cannot be used. A target that
    ///   exists is a result, not an error.
    func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial

    /// Replaces the journal and sizes the partial as planned; the digests start over from byte 0.
    func begin(_ plan: PartialPlan) async throws(StoreError)

    /// Reserves space for `length` bytes without writing them; a file system that cannot is no error.
    func allocate(length: Int64) async throws(StoreError)

    /// Writes all of `bytes` at `offset`: loops over short writes and interruptions.
    func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError)

    /// Appends a record to the journal, if there is one.
    func append(_ record: JournalRecord) throws(StoreError)

    /// Makes everything written before the call durable.
    func sync() async throws(StoreError)

    /// Tells the digest follower that `0..<frontier` is written. Returns at once.
    func hash(upTo frontier: Int64)

    /// Digests of `0..<length`, in the order of the algorithms asked for. Everything in that range has been written.
    func digests(length: Int64) async throws(StoreError) -> [Digest]

    /// Syncs (unless told not to), gives the partial its final name and removes the journal.
    ///
    /// - Parameter replacing: whether an existing target may be replaced; otherwise a target that appeared meanwhile
    ///   is an error and the partial stays.
    /// - Throws: `StoreError`, among others if another program moved, exchanged or resized the partial.
    func publish(replacing: Bool) async throws(StoreError)

    /// Removes the partial and its journal.
    func discardPartial() async throws(StoreError)

    /// Whether a range that has been written has a digest.
    func hasDigest(_ digest: Digest, in range: ByteRange) async throws(StoreError) -> Bool

    /// Registers who is told how far an ordered reader has taken the bytes; called once, before ``begin(_:)``.
    ///
    /// - Parameter tell: called with the end of what has been taken, from any thread, ascending, a small part of the window apart.
    func whenConsumed(_ tell: @escaping @Sendable (Int64) -> Void)

    /// Asks whether the store can take more bytes at `offset`, where bytes come without a bound of their own.
    ///
    /// What has been received already is always taken. What has not is better left in the socket while the answer is not
    /// `nil`.
    ///
    /// - Returns: `nil` to go on, or a future of `loop` that succeeds when there is room, or when the store has failed
    ///   and the next write says how.
    func room(at offset: Int64, on loop: any EventLoop) -> EventLoopFuture<Void>?

    /// Ends the digest follower and releases the partial, its lock and the journal. Idempotent.
    func close() async

    /// The final path, once `prepare` has decided it; `nil` for a store that keeps nothing.
    var path: String? { get }
}

extension ByteStore {
    /// A store that keeps nothing to read back proves nothing.
    public func hasDigest(_ digest: Digest, in range: ByteRange) async throws(StoreError) -> Bool {
        throw .outOfOrder("verify a piece")
    }

    /// Nobody reads behind a store that keeps what it is given.
    public func whenConsumed(_ tell: @escaping @Sendable (Int64) -> Void) {}

    /// A store that keeps what it is given has room for it.
    public func room(at offset: Int64, on loop: any EventLoop) -> EventLoopFuture<Void>? { nil }
}
