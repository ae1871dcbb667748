// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCore

@Suite("Deciding about an upload")
struct UploadMachineTests {
    private func settings(
        _ length: Int64?,
        part: Int64 = 10,
        memory: Int64 = 80
    ) -> UploadSettings {
        let layout = PartLayout(length: length, partSize: part, mostParts: 100)
        var settings = UploadSettings(name: "a", url: "s3://b/a", layout: layout)
        settings.memory = memory
        settings.isRereadable = length != nil
        return settings
    }

    @Test("A source that fits is sent as one object", arguments: [0, 1, 10])
    func whole(length: Int64) throws {
        var store = VirtualStore(length: length)
        #expect(store.run(settings(length)) == .done(UploadOutcome(length: length, resumed: 0, parts: 1, tag: "whole")))
        #expect(store.isExact)
        #expect(store.uploads.isEmpty)
    }

    @Test("A longer one is sent in parts, as many at a time as are allowed", arguments: [1, 3, 8])
    func parts(connections: Int) {
        var store = VirtualStore(length: 95)
        let ending = store.run(settings(95), connections: connections)
        #expect(ending == .done(UploadOutcome(length: 95, resumed: 0, parts: 10, tag: "whole")))
        #expect(store.isExact)
        #expect(store.mostSending <= connections)
        #expect(store.mostSending > connections / 2)
    }

    @Test("Parts in memory are bounded", arguments: [10, 30])
    func memory(bytes: Int64) {
        var store = VirtualStore(length: 200)
        _ = store.run(settings(200, memory: bytes), connections: 16)
        #expect(store.isExact)
        #expect(store.mostInMemory <= Int(bytes / 10))
    }

    @Test(
        "A stream is one object if it ends within the first part, and parts otherwise",
        arguments: [0, 9, 10, 11, 40]
    )
    func stream(length: Int64) {
        var store = VirtualStore(length: length, isStream: true)
        let parts = length < 10 ? 1 : Int((length + 9) / 10)
        let ending = store.run(settings(nil))
        #expect(ending == .done(UploadOutcome(length: length, resumed: 0, parts: parts, tag: "whole")))
        #expect(store.isExact)
        #expect(store.record.isEmpty)
    }

    @Test("A stream that does not fit into the parts that a store takes ends with an error, and leaves nothing")
    func streamTooLong() {
        var store = VirtualStore(length: 2000, isStream: true)
        #expect(store.run(settings(nil)) == .failed(.tooLarge, kept: nil))
        #expect(store.uploads.isEmpty)
    }

    @Test("An interrupted upload is gone on with: what the store has is not sent again")
    func resume() {
        var store = VirtualStore(length: 1000)
        guard case .failed(.cancelled, let kept?) = store.run(settings(1000), cancelAt: .milliseconds(300)) else {
            Issue.record("it was to be interrupted")
            return
        }
        #expect(kept.isResumable && kept.bytes > 0)
        let before = store.sent
        guard case .done(let outcome) = store.run(settings(1000)) else {
            Issue.record("it was to be done")
            return
        }
        #expect(outcome.resumed >= kept.bytes)
        #expect(store.sent - before <= 1000 - kept.bytes)
        #expect(store.isExact)
        #expect(store.record.isEmpty)
    }

    @Test("What was sent of a source that has changed since is not used")
    func changedSource() {
        var store = VirtualStore(length: 1000)
        _ = store.run(settings(1000), cancelAt: .milliseconds(300))
        store.version = 2
        guard case .done(let outcome) = store.run(settings(1000)) else {
            Issue.record("it was to be done")
            return
        }
        #expect(outcome.resumed == 0)
        #expect(store.isExact)
    }

    @Test(
        "A part that the store has under another tag, or with another length, is sent again",
        arguments: [true, false]
    )
    func otherPart(isTag: Bool) {
        var store = VirtualStore(length: 1000)
        _ = store.run(settings(1000), cancelAt: .milliseconds(300))
        store.tamper { part in
            if isTag { part.tag += "x" } else { part.length -= 1 }
        }
        guard case .done(let outcome) = store.run(settings(1000)) else {
            Issue.record("it was to be done")
            return
        }
        #expect(outcome.resumed == 0)
        #expect(store.isExact)
    }

    @Test("Told to stop while an upload is being opened, it waits for its name and gives it up")
    func cancelledWhileOpening() {
        var machine = UploadMachine(settings(100), origin: VirtualStore.origin)
        #expect(machine.handle(.start(record: nil), now: .zero).contains(.create))
        #expect(!machine.handle(.cancel, now: .zero).contains { if case .fail = $0 { true } else { false } })
        #expect(machine.handle(.created(uploadID: "u"), now: .zero).contains(.abort(uploadID: "u")))
        guard case .fail(let failure, nil)? = machine.handle(.aborted, now: .zero).last else {
            Issue.record("it was to end")
            return
        }
        #expect(failure.code == .cancelled)
    }

    @Test("What cannot be given up at the store is named")
    func leftBehind() {
        var machine = UploadMachine(settings(100), origin: VirtualStore.origin)
        _ = machine.handle(.start(record: nil), now: .zero)
        _ = machine.handle(.created(uploadID: "u"), now: .zero)
        _ = machine.handle(.cancel, now: .zero)
        let commands = machine.handle(.failed(TransferFailure(.status, "no", status: 403)), now: .zero)
        guard case .fail(_, let kept?)? = commands.last else {
            Issue.record("it was to be named")
            return
        }
        #expect(kept == UploadRemainder(uploadID: "u", bytes: 0, isResumable: false))
    }

    @Test("A late last part is sent a second time, and the loser is stopped")
    func hedge() throws {
        var machine = UploadMachine(settings(50, memory: 50), origin: VirtualStore.origin)
        let digest = try #require(Digest(algorithm: .sha256, bytes: Array(repeating: 0, count: 32)))
        _ = machine.handle(.start(record: nil), now: .zero)
        _ = machine.handle(.created(uploadID: "u"), now: .zero)
        _ = machine.handle(.allowance(OriginAllowance(origin: VirtualStore.origin, connections: 5)), now: .zero)
        for number in 1...5 {
            _ = machine.handle(.loaded(number, count: 10, digest: digest, isLast: false), now: .zero)
        }
        for number in 1...4 { _ = machine.handle(.stored(number, attempt: 1, tag: "t"), now: .milliseconds(100)) }
        let early = machine.handle(.wake, now: .seconds(1))
        #expect(!early.contains(.send(5, attempt: 2, uploadID: "u")))
        let late = machine.handle(.wake, now: .seconds(3))
        #expect(late.contains(.send(5, attempt: 2, uploadID: "u")))
        #expect(machine.handle(.stored(5, attempt: 2, tag: "t"), now: .seconds(4)).contains(.stop(5, attempt: 1)))
    }

    @Test("An interrupted stream leaves nothing at the store")
    func interruptedStream() {
        var store = VirtualStore(length: 1000, isStream: true)
        #expect(store.run(settings(nil), cancelAt: .milliseconds(300)) == .failed(.cancelled, kept: nil))
        #expect(store.uploads.isEmpty)
    }

    @Test("A part that stalls is sent again")
    func stall() {
        var faults = VirtualStore.Faults()
        faults.stall = 0.1
        var store = VirtualStore(length: 500, faults: faults, seed: 7)
        guard case .done = store.run(settings(500)) else {
            Issue.record("it was to be done")
            return
        }
        #expect(store.isExact)
        #expect(
            store.notices.contains {
                if case .retrying(_, let reason, _, _) = $0 { reason.code == .stalled } else { false }
            }
        )
    }

    @Test("An object whose length is another is no success")
    func inspection() {
        var machine = UploadMachine(settings(5), origin: VirtualStore.origin)
        let digest = Digest(algorithm: .sha256, bytes: Array(repeating: 0, count: 32))
        _ = machine.handle(.start(record: nil), now: .zero)
        if let digest { _ = machine.handle(.loaded(1, count: 5, digest: digest, isLast: false), now: .zero) }
        #expect(machine.handle(.stored(1, attempt: 1, tag: "t"), now: .zero).contains(.inspect))
        let commands = machine.handle(.inspected(length: 4, tag: "t"), now: .zero)
        guard case .fail(let failure, nil)? = commands.last else {
            Issue.record("it was to fail")
            return
        }
        #expect(failure.code == .changed)
    }
}

@Suite("Uploads to stores that fail")
struct UploadSimulationTests {
    @Test("Whatever fails, an upload that is reported done is exact, and one that is not leaves nothing unannounced")
    func faults() {
        var done = 0
        for seed in UInt64(1)...600 {
            var random = SplitMix64(seed: seed)
            let faults = VirtualStore.Faults(
                failure: random.unit() * 0.3,
                lostAnswer: random.unit() * 0.1,
                gone: random.unit() < 0.3 ? random.unit() * 0.05 : 0,
                stall: random.unit() * 0.05,
                crash: random.unit() < 0.5 ? random.unit() * 0.02 : 0
            )
            let length = Int64(random.unit() * 400)
            let isStream = random.unit() < 0.3
            var store = VirtualStore(length: length, isStream: isStream, faults: faults, seed: seed)
            let layout = PartLayout(length: isStream ? nil : length, partSize: 10, mostParts: 100)
            var settings = UploadSettings(name: "a", url: "s3://b/a", layout: layout)
            settings.isRereadable = !isStream
            settings.memory = 10 * Int64(1 + random.unit() * 8)
            for _ in 0..<20 {
                let connections = 1 + Int(random.unit() * 8)
                guard let ending = store.run(settings, connections: connections) else { continue }
                if case .done = ending {
                    #expect(store.isExact, "seed \(seed)")
                    done += 1
                    break
                }
                if case .failed(_, nil) = ending, faults.crash == 0, faults.lostAnswer == 0 {
                    #expect(store.uploads.isEmpty, "seed \(seed)")
                }
            }
        }
        #expect(done > 450)
    }
}

@Suite("What is remembered of an upload")
struct UploadRecordTests {
    private let digest = Digest(algorithm: .sha256, bytes: Array(0..<32))

    @Test("It is read back")
    func roundTrip() throws {
        let part = UploadRecord.Part(tag: "\"a\\b\"", digest: try #require(digest))
        let text = UploadRecord.head(source: "s", uploadID: "u/1+", partSize: 5) + UploadRecord.line(3, part)
        let record = try #require(UploadRecord.parse(text, source: "s"))
        #expect(record.uploadID == "u/1+")
        #expect(record.partSize == 5)
        #expect(record.parts == [3: part])
    }

    @Test("A line that was cut off counts for nothing")
    func torn() throws {
        let part = UploadRecord.Part(tag: "t", digest: try #require(digest))
        let text = UploadRecord.head(source: "s", uploadID: "u", partSize: 5) + UploadRecord.line(1, part)
        for cut in 1...UploadRecord.line(1, part).utf8.count {
            let record = UploadRecord.parse(String(text.dropLast(cut)), source: "s")
            #expect(record?.uploadID == "u")
            #expect(cut == 1 || record?.parts.isEmpty == true)
        }
    }

    @Test("The record of something else is none")
    func other() {
        #expect(UploadRecord.parse(UploadRecord.head(source: "s", uploadID: "u", partSize: 5), source: "t") == nil)
        #expect(UploadRecord.parse("", source: "s") == nil)
        #expect(UploadRecord.parse(#"{"swoop_upload":1,"source":"s","upload":"u","part_size":0}"#, source: "s") == nil)
    }
}

@Suite("Cutting a source into parts")
struct PartLayoutTests {
    @Test(
        "Parts are equal but for the last",
        arguments: [
            (0, 1, 0..<0), (1, 1, 0..<1), (10, 1, 0..<10), (11, 2, 10..<11), (20, 2, 10..<20), (21, 3, 20..<21),
        ]
    )
    func last(length: Int64, count: Int, range: Range<Int64>) {
        let layout = PartLayout(length: length, partSize: 10, mostParts: 100)
        #expect(layout.count == count)
        #expect(layout.range(of: count) == ByteRange(range.lowerBound, range.upperBound))
    }

    @Test("Numbers that no part has, and sizes beyond any, do not trap")
    func extremes() {
        #expect(PartLayout(length: .max, partSize: 1, mostParts: 1).count == Int(Int64.max))
        #expect(PartLayout(length: nil, partSize: .max, mostParts: 0).range(of: .max).isEmpty)
        #expect(PartLayout(length: 5, partSize: 0, mostParts: 1).range(of: -3) == ByteRange(0, 1))
    }
}
