// SPDX-License-Identifier: Apache-2.0

/// The journal: whatever is on the disk, no byte may be vouched for that an undamaged journal would not vouch for.
enum JournalTarget {
    static func run(_ input: FuzzInput) {
        examine(input.bytes, chance: input.chance)
        // behind a checksum that no mutation gets right, the rest of the reader would never be reached
        examine(signed(input.bytes), chance: input.chance)
    }

    /// A journal whose payloads are the lines, each with its right checksum.
    private static func signed(_ bytes: [UInt8]) -> [UInt8] {
        bytes.split(separator: JournalCodec.lineFeed).flatMap { payload in
            let digits = String(CRC32C.checksum(payload), radix: 16)
            let checksum = String(repeating: "0", count: 8 - digits.utf8.count) + digits
            return Array("\(checksum) ".utf8) + payload + [JournalCodec.lineFeed]
        }
    }

    private static func examine(_ journal: [UInt8], chance: UInt32) {
        let lines = journal.split(separator: JournalCodec.lineFeed, omittingEmptySubsequences: false).dropLast()
        let records = lines.map(JournalCodec.decode)
        for case .some(let record) in records { checkRecord(record) }
        guard case .identity(let identity)?? = records.first else {
            check(JournalReading.replay(journal, boot: "b", partialLength: 0) == nil, "journal/identity", journal)
            return
        }
        let reading = Reading(boot: lastBoot(records) ?? "b", length: identity.length)
        guard let whole = reading.replay(journal[...]) else {
            return check(false, "journal/length", identity)
        }
        check(reading.replay(journal[...], length: identity.length ^ 1) == nil, "journal/length", identity)
        checkReplay(whole, identity)
        checkBoots(whole, reading, journal)
        checkCuts(whole, reading, journal, chance: chance)
        let soundBytes = zip(lines, records).prefix { $1 != nil }.reduce(0) { $0 + $1.0.count + 1 }
        checkDamage(reading, Array(journal.prefix(soundBytes)), chance: chance)
    }

    private static func lastBoot(_ records: [JournalRecord?]) -> String? {
        for case .boot(let boot)? in records.reversed() { return boot }
        return nil
    }

    /// Reads journals as one kernel would that found one partial.
    private struct Reading {
        var boot: String
        var length: Int64

        func replay(_ journal: ArraySlice<UInt8>, boot: String? = nil, length: Int64? = nil) -> JournalReplay? {
            JournalReading.replay(Array(journal), boot: boot ?? self.boot, partialLength: length ?? self.length)
        }
    }

    /// A record that was read is written so that it reads the same.
    private static func checkRecord(_ record: JournalRecord) {
        let line = JournalCodec.encode(record)
        check(line.last == JournalCodec.lineFeed, "journal/line", record)
        check(line.dropLast().allSatisfy { (0x20..<0x7F).contains($0) }, "journal/ascii", record)
        check(JournalCodec.decode(line.dropLast()) == record, "journal/fixpoint", record)
        if case .identity(let identity) = record { checkValidators(identity) }
    }

    /// What goes into If-Range must not end the field.
    private static func checkValidators(_ identity: JournalIdentity) {
        guard let tag = identity.representation.entityTag else { return }
        check(HeaderFields.isValid(value: tag.wireForm), "journal/validator", identity)
    }

    private static func checkReplay(_ replay: JournalReplay, _ identity: JournalIdentity) {
        check(replay.identity == identity, "journal/identity", replay)
        let whole = RangeSet([ByteRange(0, identity.length)])
        check(isSubset(replay.held, whole), "journal/inside", replay)
        check(isSubset(replay.durable, replay.held), "journal/durable-held", replay)
        replay.held.checkInvariants()
        replay.durable.checkInvariants()
    }

    /// Another boot proves the durable bytes and no more.
    private static func checkBoots(_ whole: JournalReplay, _ reading: Reading, _ journal: [UInt8]) {
        for boot in ["", reading.boot + "x"] {
            guard let other = reading.replay(journal[...], boot: boot) else {
                return check(false, "journal/boot", boot)
            }
            check(other.durable == whole.durable, "journal/boot", other)
            if boot.isEmpty { check(other.held == whole.durable, "journal/boot", other) }
        }
    }

    /// A torn journal proves no more than the whole one.
    private static func checkCuts(_ whole: JournalReplay, _ reading: Reading, _ journal: [UInt8], chance: UInt32) {
        let cuts = (1...3).map { journal.count * $0 / 4 } + [Int(chance) % journal.count]
        for cut in cuts {
            guard let torn = reading.replay(journal[..<cut]) else { continue }
            check(isSubset(torn.held, whole.held), "journal/torn", cut)
            check(isSubset(torn.durable, whole.durable), "journal/torn", cut)
        }
    }

    /// A sound journal in which one bit flips proves exactly what stands before that line: the checksum finds it.
    ///
    /// Not so with a journal that was damaged before: there a flip may also be a repair.
    private static func checkDamage(_ reading: Reading, _ journal: [UInt8], chance: UInt32) {
        let position = Int(chance) % journal.count
        let lineStart = journal[..<position].lastIndex(of: JournalCodec.lineFeed).map { $0 + 1 } ?? 0
        var damaged = journal
        damaged[position] ^= 1 << UInt8(chance >> 24 & 7)
        let before = reading.replay(journal[..<lineStart])
        check(reading.replay(damaged[...]) == before, "journal/damage", (position, chance >> 24 & 7))
    }

    private static func isSubset(_ inner: RangeSet, _ outer: RangeSet) -> Bool {
        inner.ranges.allSatisfy(outer.contains)
    }
}
