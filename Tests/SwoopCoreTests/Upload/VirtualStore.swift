// SPDX-License-Identifier: Apache-2.0

@testable import SwoopCore

/// A store in memory, a source, and a driver of an ``UploadMachine`` between them, in virtual time. Everything that can go
/// wrong does, by chance from a seed.
struct VirtualStore {
    /// What can go wrong, as probabilities of each request.
    struct Faults {
        var failure = 0.0
        var lostAnswer = 0.0
        var gone = 0.0
        var stall = 0.0
        var crash = 0.0
    }

    let faults: Faults
    /// Length of the source, or `nil` if it is a stream.
    let known: Int64?
    let length: Int64
    /// Which state of the source's bytes: a part's digest is made of it and of its range.
    var version: UInt8 = 1

    private(set) var uploads: [String: [Int: StoredPart]] = [:]
    private(set) var object: (length: Int64, parts: [StoredPart])?
    private(set) var record: [String] = []
    private(set) var mostInMemory = 0
    private(set) var mostSending = 0
    private(set) var sent: Int64 = 0
    private(set) var notices: [TransferNotice] = []
    private var random: SplitMix64
    private var nextUpload = 1
    private var queue: [(time: Duration, order: Int, event: UploadEvent)] = []
    private var order = 0
    private var memory: Set<Int> = []
    private var stopped: Set<[Int]> = []
    private var live: Set<[Int]> = []

    init(length: Int64, isStream: Bool = false, faults: Faults = Faults(), seed: UInt64 = 1) {
        (self.length, known, self.faults) = (length, isStream ? nil : length, faults)
        random = SplitMix64(seed: seed)
    }

    /// How a run ended; `nil` if it crashed.
    enum Ending: Equatable {
        case done(UploadOutcome)
        case failed(TransferFailure.Code, kept: UploadRemainder?)
    }

    /// Runs a machine to its end, or to a crash.
    mutating func run(_ settings: UploadSettings, connections: Int = 4, cancelAt: Duration? = nil) -> Ending? {
        var settings = settings
        settings.options.seed = random.next()
        var machine = UploadMachine(settings, origin: Self.origin)
        (queue, memory, live, stopped) = ([], [], [], [])
        let left = UploadRecord.parse(record.joined(), source: "source \(version)")
        post(.start(record: left), at: .zero)
        post(.allowance(OriginAllowance(origin: Self.origin, connections: connections)), at: .zero)
        if let cancelAt { post(.cancel, at: cancelAt) }
        var steps = 0
        while let next = takeNext() {
            steps += 1
            precondition(steps < 100_000, "the upload does not end")
            if random.unit() < faults.crash { return nil }
            if case .stored(let number, let attempt, _) = next.event { live.remove([number, attempt]) }
            if case .partFailed(let number, let attempt, _) = next.event { live.remove([number, attempt]) }
            for command in machine.handle(next.event, now: next.time) {
                if let ending = perform(command, now: next.time, partSize: machine.layout.partSize) { return ending }
            }
            mostSending = max(mostSending, live.count)
            mostInMemory = max(mostInMemory, memory.count)
        }
        preconditionFailure("the machine waits for nothing: \(machine)")
    }

    static var origin: Origin {
        guard let url = try? HTTPURL.parse("http://store.example/") else { preconditionFailure("a URL") }
        return url.origin
    }

    private mutating func post(_ event: UploadEvent, at time: Duration) {
        order += 1
        queue.append((time, order, event))
    }

    private mutating func takeNext() -> (time: Duration, order: Int, event: UploadEvent)? {
        guard
            let index = queue.indices.min(by: { (queue[$0].time, queue[$0].order) < (queue[$1].time, queue[$1].order) })
        else { return nil }
        return queue.remove(at: index)
    }

    private mutating func chance(_ probability: Double) -> Bool { probability > 0 && random.unit() < probability }

    private mutating func later(_ now: Duration) -> Duration { now + .milliseconds(1 + Int(random.unit() * 50)) }

    private func digest(_ range: ByteRange) -> Digest {
        let bytes = (0..<Int64(32)).map { UInt8(truncatingIfNeeded: range.lower &+ range.upper &* 31 &+ $0) ^ version }
        guard let digest = Digest(algorithm: .sha256, bytes: bytes) else {
            preconditionFailure("32 bytes are a SHA-256")
        }
        return digest
    }

    private mutating func perform(_ command: UploadCommand, now: Duration, partSize: Int64) -> Ending? {
        let time = later(now)
        switch command {
        case .list(let id):
            answer(now) {
                $0.uploads[id].map { .listed($0.values.sorted { $0.number < $1.number }) } ?? .uploadGone(uploadID: id)
            }
        case .create:
            answer(now) { store in
                let id = "upload-\(store.nextUpload)"
                store.nextUpload += 1
                store.uploads[id] = [:]
                return .created(uploadID: id)
            }
        case .check(let number, let range, let digest):
            post(.checked(number, isSame: digest == self.digest(range)), at: time)
        case .load(let number, let range):
            let whole = ByteRange(0, length).intersection(range)
            memory.insert(number)
            post(
                .loaded(number, count: whole.count, digest: digest(whole), isLast: whole.count < range.count),
                at: time
            )
        case .send(let number, let attempt, let id):
            let range = ByteRange(0, length).intersection(
                PartLayout(length: nil, partSize: id == nil ? .max : partSize, mostParts: 10_000).range(of: number)
            )
            send(number, attempt, id, range, now)
        case .stop(let number, let attempt):
            stopped.insert([number, attempt])
            live.remove([number, attempt])
        case .release(let number): memory.remove(number)
        case .recordUpload(let id):
            record = [UploadRecord.head(source: "source \(version)", uploadID: id, partSize: partSize)]
        case .recordPart(let number, let part): record.append(UploadRecord.line(number, part))
        case .forget: record = []
        case .complete(let id, let parts, let length):
            answer(now) { store in
                guard let has = store.uploads[id] else { return .uploadGone(uploadID: id) }
                precondition(
                    parts.allSatisfy { has[$0.number]?.tag == $0.tag },
                    "completed with a part that is not there"
                )
                store.object = (length, parts.map { has[$0.number] ?? $0 })
                store.uploads[id] = nil
                return .completed(tag: "whole")
            }
        case .inspect:
            answer(now) { store in
                store.object.map { .inspected(length: $0.length, tag: "whole") }
                    ?? .failed(TransferFailure(.status, "not there", status: 404))
            }
        case .abort(let id):
            answer(now) { store in
                store.uploads[id] = nil
                return .aborted
            }
        case .wake(let at): post(.wake, at: at)
        case .note(let notice): notices.append(notice)
        case .finish(let outcome): return .done(outcome)
        case .fail(let failure, let kept): return .failed(failure.code, kept: kept)
        }
        return nil
    }

    /// Does something at the store and answers, or fails before or after.
    private mutating func answer(_ now: Duration, _ work: (inout VirtualStore) -> UploadEvent) {
        let time = later(now)
        let failure = TransferFailure(.status, "busy", status: 503)
        if chance(faults.failure) { return post(.failed(failure), at: time) }
        if chance(faults.gone), let id = uploads.keys.sorted().first { uploads[id] = nil }
        let event = work(&self)
        post(chance(faults.lostAnswer) ? .failed(TransferFailure(.connectionLost, "lost")) : event, at: time)
    }

    private mutating func send(_ number: Int, _ attempt: Int, _ id: String?, _ range: ByteRange, _ now: Duration) {
        let time = later(now)
        live.insert([number, attempt])
        precondition(memory.contains(number), "a part that is not in memory is sent")
        if chance(faults.stall) { return }
        sent += range.count
        post(.wrote(number, attempt: attempt, upTo: range.count / 2), at: now + (time - now) / 2)
        if chance(faults.failure) {
            return post(.partFailed(number, attempt: attempt, TransferFailure(.status, "busy", status: 503)), at: time)
        }
        let tag = "\(digest(range).hex.prefix(12))"
        if let id {
            guard uploads[id] != nil else { return post(.uploadGone(uploadID: id), at: time) }
            uploads[id]?[number] = StoredPart(number: number, length: range.count, tag: tag)
        } else {
            object = (range.count, [StoredPart(number: number, length: range.count, tag: tag)])
        }
        let isLost = chance(faults.lostAnswer)
        let lost = TransferFailure(.connectionLost, "lost")
        post(
            isLost ? .partFailed(number, attempt: attempt, lost) : .stored(number, attempt: attempt, tag: tag),
            at: time
        )
        post(.wrote(number, attempt: attempt, upTo: range.count), at: time)
    }

    /// Changes what the store has of every upload.
    mutating func tamper(_ change: (inout StoredPart) -> Void) {
        for (id, parts) in uploads {
            uploads[id] = parts.mapValues { part in
                var part = part
                change(&part)
                return part
            }
        }
    }

    /// Whether the object is the source as it is now, part by part.
    var isExact: Bool {
        guard let object, object.length == length else { return false }
        var offset: Int64 = 0
        for part in object.parts {
            let range = ByteRange(offset, offset + part.length)
            guard part.tag == "\(digest(range).hex.prefix(12))" else { return false }
            offset = range.upper
        }
        return offset == length
    }
}
