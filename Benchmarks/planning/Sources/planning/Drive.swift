// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// An origin and a disk that do as they are told, in virtual time: every connection delivers a MiB in turn. Only the
/// machine's own time is counted.
struct Drive {
    private struct Exchange {
        var id: ExchangeID
        var position: Int64
        var limit: Int64
    }

    private static let piece: Int64 = 1 << 20
    /// Virtual time between events: 16 connections together carry some 1 GiB a second.
    private static let step: Duration = .milliseconds(1)

    private var machine: DownloadMachine
    private let length: Int64
    private var now: Duration = .zero
    private var wakeAt: Duration?
    private var answers: [DownloadEvent] = []
    private var next = 0
    private var asked: [ExchangeID: ByteRange] = [:]
    private var flowing: [Exchange] = []
    private var turn = 0
    private let clock = ContinuousClock()
    /// Nanoseconds of each event.
    private(set) var costs: [Int32] = []
    private(set) var ending = "nothing left to do"
    private var isOver = false

    init(_ machine: DownloadMachine, length: Int64) {
        self.machine = machine
        self.length = length
        costs.reserveCapacity(Int(length / Self.piece) * 5 / 4)
    }

    /// Runs to the end; whether the file was published.
    mutating func run() -> Bool {
        feed(.start)
        while !isOver {
            now += Self.step
            if let wakeAt, now >= wakeAt {
                self.wakeAt = nil
                feed(.wake)
            } else if next < answers.count {
                next += 1
                feed(answers[next - 1])
            } else if !flowing.isEmpty {
                answers.removeAll(keepingCapacity: true)
                next = 0
                deliver()
            } else if let wakeAt {
                now = wakeAt
            } else {
                return false
            }
        }
        return ending == "finished"
    }

    func mean(of part: ArraySlice<Int32>) -> Double {
        part.isEmpty ? 0 : part.reduce(0.0) { $0 + Double($1) } / Double(part.count) / 1000
    }

    var early: Double { mean(of: costs.prefix(costs.count / 8)) }
    var late: Double { mean(of: costs.suffix(costs.count / 8)) }
    var largest: Double { Double(costs.max() ?? 0) / 1000 }

    private mutating func feed(_ event: DownloadEvent) {
        let begin = clock.now
        let commands = machine.handle(event, now: now)
        costs.append(Int32(clamping: (clock.now - begin).components.attoseconds / 1_000_000_000))
        for command in commands { perform(command) }
    }

    private mutating func perform(_ command: DownloadCommand) {
        switch command {
        case .prepare: answers.append(.prepared(.fresh))
        case .begin: answers.append(.begun)
        case .open(let id, let request): open(id, request)
        case .accept(let id, let from, let upTo): accept(id, from: from, upTo: upTo)
        case .shorten(let id, let limit): shorten(id, to: limit)
        case .abort(let id): drop(id)
        case .sync: answers.append(.synced)
        case .verify: answers.append(.verified([]))
        case .publish: answers.append(.published)
        case .wake(let time): wakeAt = time
        case .finish: end("finished")
        case .fail(let failure): end(failure.message)
        default: break
        }
    }

    private mutating func end(_ how: String) {
        ending = how
        isOver = true
    }

    private mutating func open(_ id: ExchangeID, _ request: ExchangeRequest) {
        let all = ByteRange(0, length)
        let range = request.range.map { ByteRange($0.lower, min($0.upper, length)) } ?? all
        asked[id] = range
        let fields = HeaderFields([
            ("ETag", "\"v1\""), ("Content-Length", "\(range.count)"),
            ("Content-Range", "bytes \(range.lower)-\(range.upper - 1)/\(length)"),
        ])
        answers.append(.head(id, ResponseHead(status: 206, fields: fields)))
    }

    private mutating func accept(_ id: ExchangeID, from: Int64, upTo: Int64?) {
        guard let range = asked.removeValue(forKey: id) else { return }
        flowing.append(Exchange(id: id, position: from, limit: min(range.upper, upTo ?? .max)))
    }

    private mutating func shorten(_ id: ExchangeID, to limit: Int64) {
        guard let index = flowing.firstIndex(where: { $0.id == id }) else { return }
        flowing[index].limit = min(flowing[index].limit, limit)
    }

    private mutating func drop(_ id: ExchangeID) {
        asked[id] = nil
        flowing.removeAll { $0.id == id }
    }

    /// The next connection's next MiB, or its end.
    private mutating func deliver() {
        turn = (turn + 1) % flowing.count
        let exchange = flowing[turn]
        guard exchange.position < exchange.limit else {
            flowing.remove(at: turn)
            return feed(.closed(exchange.id, nil))
        }
        let position = min(exchange.position + Self.piece, exchange.limit)
        flowing[turn].position = position
        feed(.wrote(exchange.id, upTo: position))
    }
}
