// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore

/// Clients, a path and an origin in virtual time: requests and answers are events, what flows between them advances in
/// small steps. Equal seeds give equal runs.
struct Simulator {
    let path: SimulatedPath
    let step: Double
    var clients: [SimulatedClient] = []
    var books: [OriginBook] = []
    var random: SplitMix64
    private(set) var now = 0.0
    /// Called after each step.
    var watch: ((Simulator) -> Void)?

    private(set) var noise = 1.0
    private var noiseUntil = 0.0
    private var tokens = 0.0
    /// Whether a queue stands at the bottleneck.
    var isFull = false
    private(set) var current: SimulatedPath

    static let origin: Origin = {
        guard let url = try? HTTPURL.parse("https://example.org/") else { preconditionFailure("no URL") }
        return url.origin
    }()

    init(_ path: SimulatedPath, seed: UInt64, step: Double = 0.01) {
        self.path = path
        self.step = step
        current = path
        tokens = path.requests?.burst ?? 0
        random = SplitMix64(seed: seed)
    }

    /// Adds a transfer that a book of its own drives.
    mutating func addOurs(memory: OriginMemory? = nil, most: Int = 32, begins: Double = 0) {
        books.append(OriginBook(memory: memory.map { [Self.origin: $0] } ?? [:]))
        add(.book(books.count - 1), begins: begins)
        clients[clients.count - 1].limit = .upTo(most)
    }

    mutating func add(_ driver: SimulatedClient.Driver, begins: Double = 0) {
        var client = SimulatedClient(driver, origin: Self.origin)
        client.begins = begins
        clients.append(client)
    }

    /// Connections of all clients whose bodies flow.
    var carrying: Int { clients.reduce(0) { $0 + $1.connections.count { $0.isCarrying } } }

    mutating func run(until end: Double) {
        while now < end, clients.contains(where: \.isRunning) { advance() }
    }

    mutating func advance() {
        now += step
        current = path.at(now)
        stir()
        if let requests = path.requests { tokens = min(requests.burst, tokens + requests.rate * step) }
        for index in clients.indices where now >= clients[index].begins && clients[index].isRunning {
            adjust(index)
            progress(index)
        }
        flow()
        for index in clients.indices where now >= clients[index].begins && clients[index].isRunning { report(index) }
        watch?(self)
    }

    /// Draws the path's noise anew every half second.
    private mutating func stir() {
        guard path.noise > 0, now >= noiseUntil else { return }
        noiseUntil = now + 0.5
        noise = max(0.2, 1 + path.noise * normal())
    }

    private mutating func normal() -> Double {
        sqrt(-2 * log(max(random.unit(), 1e-12))) * cos(2 * .pi * random.unit())
    }

    /// Opens connections that are wanted; those that are not end with their request.
    private mutating func adjust(_ index: Int) {
        let wanted = min(clients[index].target, clients[index].demand)
        var missing = wanted - clients[index].connections.count { $0.isLive }
        for slot in clients[index].connections.indices where missing > 0 {
            switch clients[index].connections[slot].state {
            case .backingOff(let until) where now < until: missing -= 1
            case .idle, .backingOff:
                ask(index, slot)
                missing -= 1
            case .awaiting, .carrying: break
            }
        }
        while missing > 0 {
            clients[index].connections.append(SimulatedConnection())
            ask(index, clients[index].connections.count - 1)
            missing -= 1
        }
    }

    private mutating func ask(_ index: Int, _ slot: Int) {
        let isNew = clients[index].connections[slot].isNew
        let connect = isNew ? path.roundTrip * path.handshakes : 0
        var think = 0.0
        if isFull { think += path.queue * path.roundTrip }
        if path.thinks > 0 {
            think += random.unit() < 0.001 ? 5 : path.thinks * exp(0.8 * normal() - 0.32)
        }
        clients[index].connections[slot].askedAt = now
        clients[index].connections[slot].openedAt = now
        clients[index].connections[slot].state = .awaiting(now + connect + path.roundTrip + think)
        clients[index].isChanged = true
    }

    /// Heads, refusals and ends of requests.
    private mutating func progress(_ index: Int) {
        for slot in clients[index].connections.indices {
            switch clients[index].connections[slot].state {
            case .awaiting(let due) where now >= due: answer(index, slot)
            case .carrying where now >= clients[index].connections[slot].leaseEnds: endRequest(index, slot)
            default: break
            }
        }
    }

    private mutating func answer(_ index: Int, _ slot: Int) {
        guard admit() else { return refuse(index, slot) }
        var connection = clients[index].connections[slot]
        clients[index].firstByte = now - connection.askedAt
        clients[index].load.heads += 1
        connection.state = .carrying
        connection.isNew = false
        connection.failures = 0
        connection.leaseEnds = now + path.lease * (0.75 + 0.5 * random.unit())
        clients[index].connections[slot] = connection
        clients[index].isChanged = true
    }

    private mutating func admit() -> Bool {
        guard clients.reduce(0, { $0 + $1.connections.count { $0.isCarrying } }) < path.admits else { return false }
        guard path.requests != nil else { return true }
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    private mutating func refuse(_ index: Int, _ slot: Int) {
        var connection = clients[index].connections[slot]
        let wait = min(30, pow(2, Double(connection.failures))) * (0.5 + 0.5 * random.unit())
        connection.state = .backingOff(now + wait)
        connection.failures += 1
        let isNews = connection.openedAt > clients[index].volleyAt
        connection.restart()
        clients[index].connections[slot] = connection
        clients[index].rejected += 1
        clients[index].isChanged = true
        guard isNews, clients[index].connections.contains(where: \.isCarrying) else { return }
        clients[index].volleyAt = now
        clients[index].load.refusals += 1
    }

    private mutating func endRequest(_ index: Int, _ slot: Int) {
        let live = clients[index].connections.count { $0.isLive }
        if live > min(clients[index].target, clients[index].demand) {
            clients[index].connections[slot].state = .idle
            clients[index].connections[slot].restart()
            clients[index].isChanged = true
        } else {
            ask(index, slot)
        }
    }
}
