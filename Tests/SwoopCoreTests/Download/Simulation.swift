// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// Drives a machine against a ``SimulatedOrigin`` and a ``SimulatedPartial`` in virtual time, crashes included.
struct Simulation {
    /// How a run ended.
    enum Ending: Equatable {
        case published
        case failed(TransferFailure.Code)
        case endless
    }

    private enum Happening {
        case event(DownloadEvent)
        case deliver(ExchangeID)
        case synced
        case crash(losesPower: Bool)
    }

    private struct Exchange {
        var response: SimulatedOrigin.Response
        var position: Int64
        var limit: Int64
        var isAccepted = false
        var sent: Int64 = 0
        var isSample = false
        /// Whether it waits at its limit, and does.
        var isOpenEnded = false
        var isWaiting = false
    }

    var origin: SimulatedOrigin
    /// By host.
    private var mirrors: [String: SimulatedOrigin] = [:]
    private let description: MirrorDescription
    private(set) var disk = SimulatedPartial()
    private let options: TransferOptions
    private var machine: DownloadMachine
    private var queue: [(time: Duration, order: Int, life: Int, happening: Happening)] = []
    private var order = 0
    private var life = 0
    private var now: Duration = .zero
    private var bornAt: Duration = .zero
    private var exchanges: [ExchangeID: Exchange] = [:]
    private var ending: Ending?
    private(set) var largestConnectionCount = 0
    private(set) var brokenPromise = false
    private(set) var writesAfterAbort = 0

    init(
        origin: SimulatedOrigin,
        mirrors: [SimulatedOrigin] = [],
        pieces: PieceDigests? = nil,
        options: TransferOptions,
        crashes: [(Duration, losesPower: Bool)] = []
    ) {
        self.origin = origin
        self.options = options
        for (index, mirror) in mirrors.enumerated() { self.mirrors["mirror\(index).test"] = mirror }
        let urls = mirrors.indices.compactMap { try? HTTPURL.parse("http://mirror\($0).test/file.bin") }
        description = MirrorDescription(urls: urls, pieces: pieces)
        machine = Self.machine(options, description)
        for (time, losesPower) in crashes { schedule(.crash(losesPower: losesPower), at: time, life: -1) }
    }

    private static func machine(_ options: TransferOptions, _ mirrors: MirrorDescription) -> DownloadMachine {
        let url = (try? HTTPURL.parse("http://origin.test/file.bin"))
        guard let url else { preconditionFailure("Simulation: the URL is sound") }
        return DownloadMachine(url: url, explicitName: "file.bin", mirrors: mirrors, options: options)
    }

    mutating func run(maximumEvents: Int = 200_000) -> Ending {
        feed(.start)
        var events = 0
        while ending == nil {
            guard !queue.isEmpty, events < maximumEvents else { return .endless }
            events += 1
            let next = queue.removeFirst()
            now = max(now, next.time)
            guard next.life == life || next.life == -1 else { continue }
            happen(next.happening)
        }
        return ending ?? .endless
    }

    private mutating func schedule(_ happening: Happening, at time: Duration, life: Int? = nil) {
        order += 1
        let entry = (time: time, order: order, life: life ?? self.life, happening: happening)
        let index = queue.firstIndex { ($0.time, $0.order) > (entry.time, entry.order) } ?? queue.count
        queue.insert(entry, at: index)
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .event(let event):
            if case .head(let id, _) = event, exchanges[id] == nil { return }
            if case .closed(let id, _) = event, exchanges.removeValue(forKey: id) == nil { return }
            feed(event)
        case .deliver(let id): deliver(id)
        case .synced:
            disk.sync()
            feed(.synced)
        case .crash(let losesPower): crash(losesPower: losesPower)
        }
    }

    private mutating func crash(losesPower: Bool) {
        life += 1
        exchanges = [:]
        bornAt = now
        if losesPower { disk.losePower() }
        if !disk.keepsItsPromise() { brokenPromise = true }
        machine = Self.machine(options, description)
        feed(.start)
    }

    private mutating func feed(_ event: DownloadEvent) {
        for command in machine.handle(event, now: now - bornAt) { perform(command) }
        largestConnectionCount = max(largestConnectionCount, exchanges.count)
    }

    private mutating func perform(_ command: DownloadCommand) {
        switch command {
        case .prepare:
            let found = disk.replay().map { PreparedPartial.found($0) } ?? .fresh
            after(.milliseconds(1), .event(.prepared(found)))
        case .begin(let plan):
            disk.begin(plan)
            after(.milliseconds(5), .event(.begun))
        case .open(let id, let request): open(id, request)
        case .accept(let id, let from, let upTo): accept(id, from: from, upTo: upTo)
        case .shorten(let id, let limit):
            let old = exchanges[id]?.limit ?? limit
            exchanges[id]?.limit = min(old, limit)
        case .lengthen(let id, let limit):
            let old = exchanges[id]?.limit ?? limit
            exchanges[id]?.limit = max(old, limit)
            if exchanges[id]?.isWaiting == true {
                exchanges[id]?.isWaiting = false
                after(.milliseconds(1), .deliver(id))
            }
        case .abort(let id): exchanges[id] = nil
        case .checkpoint(let record):
            disk.append(record)
            if !disk.keepsItsPromise() { brokenPromise = true }
        case .sync: after(.milliseconds(40), .synced)
        case .verify: after(.milliseconds(3), .event(.verified([])))
        case .publish:
            disk.publish()
            after(.milliseconds(3), .event(.published))
        case .wake(let time): schedule(.event(.wake), at: bornAt + time)
        case .finish: ending = .published
        case .fail(let failure): ending = .failed(failure.code)
        case .sample(let id, let request):
            open(id, request)
            exchanges[id]?.isSample = true
        case .verifyPiece(let piece, let range, _):
            after(.milliseconds(2), .event(.pieceVerified(piece, disk.isRight(range))))
        case .allocate, .hash, .note, .discardPartial, .describe: break
        }
    }

    private mutating func after(_ delay: Duration, _ happening: Happening) { schedule(happening, at: now + delay) }

    private mutating func open(_ id: ExchangeID, _ request: ExchangeRequest) {
        let host = request.url.origin.host
        let response =
            mirrors[host]?.respond(to: request, busy: 0) ?? origin.respond(to: request, busy: exchanges.count)
        exchanges[id] = Exchange(response: response, position: response.body.lower, limit: .max)
        exchanges[id]?.isOpenEnded = request.isOpenEnded
        if let head = response.head {
            after(response.latency, .event(.head(id, head)))
        } else if !response.stalls {
            after(response.latency, .event(.closed(id, TransferFailure(.connectionLost, "reset"))))
        }
    }

    private mutating func accept(_ id: ExchangeID, from: Int64, upTo: Int64?) {
        guard var exchange = exchanges[id] else { return }
        precondition(from == exchange.response.body.lower, "Simulation: accepted at the wrong offset")
        exchange.isAccepted = true
        exchange.limit = min(exchange.limit, upTo ?? .max)
        exchanges[id] = exchange
        after(.milliseconds(1), .deliver(id))
    }

    /// A tenth of a second's worth of bytes, or up to a MiB, arrives; or the response ends or breaks.
    private mutating func deliver(_ id: ExchangeID) {
        guard var exchange = exchanges[id], exchange.isAccepted else { return }
        let end = min(exchange.response.body.upper, exchange.limit)
        var count = min(max(1, Int64(exchange.response.throughput / 10)), 1 << 20)
        count = min(count, max(0, end - exchange.position))
        let breaks = exchange.response.breaksAfter.map { exchange.sent + count >= $0 } ?? false
        if breaks { count = max(0, (exchange.response.breaksAfter ?? 0) - exchange.sent) }
        let fresh = ByteRange(exchange.position, exchange.position + count)
        if !exchange.isSample { disk.write(fresh, version: exchange.response.version) }
        exchange.position += count
        exchange.sent += count
        exchanges[id] = exchange
        if !fresh.isEmpty { feed(.wrote(id, upTo: fresh.upper)) }
        guard exchanges[id] != nil, ending == nil else { return }
        if breaks {
            if exchange.response.stalls { return }
            after(.milliseconds(1), .event(.closed(id, TransferFailure(.connectionLost, "reset"))))
        } else if exchange.isOpenEnded, exchange.position < exchange.response.body.upper,
            exchange.position >= exchanges[id]?.limit ?? end
        {
            exchanges[id]?.isWaiting = true
        } else if exchange.position >= min(exchange.response.body.upper, exchanges[id]?.limit ?? end) {
            if exchange.isSample {
                let bytes = Array(repeating: UInt8(exchange.response.version & 255), count: Int(exchange.sent))
                feed(.sampled(id, bytes))
            }
            after(.milliseconds(1), .event(.closed(id, nil)))
        } else {
            after(.seconds(Double(max(count, 1)) / exchange.response.throughput), .deliver(id))
        }
    }
}
