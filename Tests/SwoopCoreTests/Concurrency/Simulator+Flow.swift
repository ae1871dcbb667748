// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore

// What flows in a step, and what the clients are told of it.
extension Simulator {
    /// Shares the path max-min fairly among the connections that carry, and lets their windows grow.
    mutating func flow() {
        let capacity = current.shared * noise
        let fair = fairShare(capacity)
        var wanted = 0.0
        for index in clients.indices {
            var total = 0.0
            for slot in clients[index].connections.indices where clients[index].connections[slot].isCarrying {
                let desired = clients[index].connections[slot].wanted(current)
                wanted += desired
                let rate = min(desired * (current.shared.isFinite ? 1 : noise), fair)
                clients[index].connections[slot].rate = rate
                total += rate
            }
            deliver(index, total)
        }
        // More in flight than the path and its queue hold: packets are dropped.
        isFull = wanted > capacity
        let room = capacity * (1 + path.queue)
        let dropped = wanted > room ? (wanted - room) / wanted : 0
        grow(dropped: dropped)
    }

    /// The rate at which those who want more are cut off.
    private func fairShare(_ capacity: Double) -> Double {
        guard capacity.isFinite else { return .infinity }
        var wishes: [Double] = []
        for client in clients {
            for connection in client.connections where connection.isCarrying {
                wishes.append(connection.wanted(current))
            }
        }
        guard wishes.reduce(0, +) > capacity else { return .infinity }
        var left = capacity
        var count = wishes.count
        var fair = capacity / Double(count)
        for _ in 0..<8 {
            let modest = wishes.filter { $0 <= fair }
            left = capacity - modest.reduce(0, +)
            count = wishes.count - modest.count
            guard count > 0 else { break }
            fair = left / Double(count)
        }
        return fair
    }

    private mutating func deliver(_ index: Int, _ total: Double) {
        let allowed = min(total, clients[index].rateLimit)
        clients[index].isHeldBack = total > allowed
        clients[index].received += allowed * step
        clients[index].load.received = Int64(clients[index].received)
        if clients[index].received >= clients[index].wants { clients[index].finishedAt = now }
    }

    private mutating func grow(dropped: Double) {
        let doubling = pow(2, step / current.roundTrip)
        for index in clients.indices {
            for slot in clients[index].connections.indices where clients[index].connections[slot].isCarrying {
                clients[index].connections[slot].grow(
                    current,
                    doubling: doubling,
                    length: step,
                    dropped: dropped,
                    now: now,
                    random: &random
                )
            }
        }
    }

    /// Tells the driver, when something changed or 30 to 150 ms have passed.
    mutating func report(_ index: Int) {
        guard clients[index].isChanged || now >= clients[index].sampleDue else { return }
        clients[index].isChanged = false
        clients[index].sampleDue = now + 0.03 + 0.12 * random.unit()
        var load = clients[index].load
        load.carrying = clients[index].connections.count { $0.isCarrying }
        load.live = clients[index].connections.count { $0.isLive }
        load.demand = max(load.live, clients[index].demand)
        load.isHeldBack = clients[index].isHeldBack
        if let firstByte = clients[index].firstByte { load.firstByte = .seconds(firstByte) }
        clients[index].load = load
        switch clients[index].driver {
        case .book(let book): tellBook(book, index, load)
        case .policy(var policy):
            tell(&policy, index, load, refusals: load.refusals - clients[index].toldRefusals)
            clients[index].toldRefusals = load.refusals
            clients[index].driver = .policy(policy)
        }
        clients[index].firstByte = nil
    }

    private mutating func tellBook(_ book: Int, _ index: Int, _ load: OriginLoad) {
        let changes = books[book].update([load], of: index, limit: clients[index].limit, now: .seconds(now))
        for change in changes { clients[change.transfer].target = change.allowance.connections }
    }

    private mutating func tell(
        _ policy: inout any ConnectionPolicy,
        _ index: Int,
        _ load: OriginLoad,
        refusals: Int
    ) {
        var sample = ConcurrencyController.Sample()
        sample.bytes = Int64(clients[index].received - clients[index].sampledBytes)
        clients[index].sampledBytes = clients[index].received
        sample.carrying = load.carrying
        sample.live = load.live
        sample.demand = load.demand
        sample.isHeldBack = load.isHeldBack
        if clients[index].firstByte != nil { sample.firstByte = load.firstByte }
        if refusals > 0 { policy.refused(carrying: load.carrying, live: load.live, now: now) }
        policy.observe(sample, now: now)
        clients[index].target = policy.target
    }
}
