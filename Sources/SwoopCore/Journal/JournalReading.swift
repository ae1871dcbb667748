// SPDX-License-Identifier: Apache-2.0

/// Reads a journal back and says what it proves.
///
///     identity := first record; otherwise the journal proves nothing
///     for each further record, up to the first line that is damaged or has no end:
///         durable counts always
///         written counts if the last boot record before it names the running boot
///
/// Invariant: what a damaged journal proves, its undamaged beginning proves too. Claims only ever add bytes, so that
/// stopping early is always safe.
public enum JournalReading {
    /// Merges the records of a journal.
    ///
    /// - Parameters:
    ///   - bytes: the journal as found on disk, damaged or not.
    ///   - boot: the running kernel's boot id; an empty one equals none, so that nothing merely written counts.
    ///   - partialLength: length of the partial in bytes.
    /// - Returns: `nil` if there is no sound identity or the partial does not have the identity's length: then it is not
    ///   the file that the journal speaks of.
    public static func replay(_ bytes: [UInt8], boot: String, partialLength: Int64) -> JournalReplay? {
        var records = Records(rest: bytes[...])
        guard case .identity(let identity) = records.next(), identity.length == partialLength else { return nil }
        var claims = Claims(whole: ByteRange(0, identity.length), runningBoot: boot)
        while let record = records.next(), claims.add(record) {}
        claims.held.formUnion(claims.durable)
        return JournalReplay(identity: identity, held: claims.held, durable: claims.durable)
    }

    /// The sound records from the start of a journal.
    private struct Records: IteratorProtocol {
        var rest: ArraySlice<UInt8>

        mutating func next() -> JournalRecord? {
            guard let end = rest.firstIndex(of: JournalCodec.lineFeed) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return JournalCodec.decode(rest[..<end])
        }
    }

    /// What the records so far claim.
    private struct Claims {
        let whole: ByteRange
        let runningBoot: String
        var isRunningBoot = false
        var held = RangeSet()
        var durable = RangeSet()

        init(whole: ByteRange, runningBoot: String) {
            self.whole = whole
            self.runningBoot = runningBoot
        }

        /// Adds a record's claim; `false` if the record has no place here.
        mutating func add(_ record: JournalRecord) -> Bool {
            switch record {
            case .identity: return false
            case .boot(let boot): isRunningBoot = boot == runningBoot && !boot.isEmpty
            case .durable(let ranges): insert(ranges, into: &durable)
            case .written(let ranges): if isRunningBoot { insert(ranges, into: &held) }
            }
            return true
        }

        private func insert(_ ranges: [ByteRange], into set: inout RangeSet) {
            for range in ranges { set.insert(range.intersection(whole)) }
        }
    }
}
