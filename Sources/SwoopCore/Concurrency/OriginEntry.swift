// SPDX-License-Identifier: Apache-2.0

/// One origin in the ``OriginBook``: its controller, and the transfers that use it in order of arrival.
struct OriginEntry: Sendable {
    /// A transfer at the origin.
    struct Member: Sendable {
        let transfer: Int
        var limit: OriginBook.Limit
        var load: OriginLoad
        /// Connections it was told it may have, or `nil` before it was told.
        var granted: Int?
        /// Connections it may have.
        var share = 0
        /// The end of the silence that it knows of.
        var knowsSilence: Duration = .zero
        /// Whether it knows that If-Range is of no use.
        var knowsIgnorance = false

        /// Whether the user fixed its number of connections.
        var isFixed: Bool {
            if case .exactly = limit { true } else { false }
        }

        /// Most connections it may have.
        var most: Int {
            switch limit {
            case .upTo(let most): max(1, most)
            case .exactly(let count): max(1, count)
            }
        }

        /// Connections it could use: 1 before it has asked for anything, 0 once it is done with the origin.
        var demand: Int {
            load.demand <= 0 && load.live <= 0 && load.heads > 0
                ? 0 : min(max(load.demand, load.live, 1), most)
        }
    }

    var controller: ConcurrencyController
    var members: [Member] = []
    private var silentUntil: Duration = .zero
    /// Whether If-Range is known to be of no use here.
    private var ignoresIfRange: Bool
    /// Whether a transfer ever let the controller choose here.
    private var wasControlled = false

    init(remembered: OriginMemory?, limit: OriginBook.Limit, now: Duration) {
        var limits = ConcurrencyController.Limits()
        if case .upTo(let most) = limit { limits = .init(highest: most) }
        controller = ConcurrencyController(limits: limits, remembered: remembered, now: now)
        ignoresIfRange = remembered?.ignoresIfRange ?? false
    }

    /// What is worth remembering of the origin.
    func memory(seconds: Int64) -> OriginMemory? {
        guard wasControlled, var memory = controller.memory(seconds: seconds) else { return nil }
        memory.ignoresIfRange = ignoresIfRange
        return memory
    }

    mutating func update(
        _ load: OriginLoad,
        of transfer: Int,
        limit: OriginBook.Limit,
        now: Duration,
        into changes: inout [OriginBook.Change]
    ) {
        let index = place(of: transfer, load, limit)
        let old = members[index].load
        members[index].load = load
        if members[index].limit != limit || members[index].granted == nil { setLimit(limit, at: index) }
        quiet(for: load.silence, at: index, now: now)
        if load.ignoresIfRange { ignoresIfRange = true }
        sample(from: old, to: load, now: now)
        divide()
        tell(origin: load.origin, now: now, into: &changes)
        #if DEBUG
            checkInvariants()
        #endif
    }

    mutating func leave(
        _ transfer: Int,
        origin: Origin,
        now: Duration,
        into changes: inout [OriginBook.Change]
    ) {
        guard let index = members.firstIndex(where: { $0.transfer == transfer }) else { return }
        members.remove(at: index)
        if members.isEmpty { controller.pause(now: now) }
        divide()
        tell(origin: origin, now: now, into: &changes)
    }

    private mutating func place(
        of transfer: Int,
        _ load: OriginLoad,
        _ limit: OriginBook.Limit
    )
        -> Int
    {
        if let index = members.firstIndex(where: { $0.transfer == transfer }) { return index }
        members.append(Member(transfer: transfer, limit: limit, load: OriginLoad(origin: load.origin)))
        return members.count - 1
    }

    private mutating func setLimit(_ limit: OriginBook.Limit, at index: Int) {
        members[index].limit = limit
        let chosen = members.lazy.filter { !$0.isFixed }.map(\.most).max()
        if let chosen { controller.limit(to: chosen) }
    }

    /// Retry-After is for everybody; who was told it by the origin knows already.
    private mutating func quiet(for silence: Duration, at index: Int, now: Duration) {
        guard silence > .zero else { return }
        silentUntil = max(silentUntil, now + silence)
        members[index].knowsSilence = max(members[index].knowsSilence, now + silence)
    }

    /// Tells the controller what all transfers together did since the last time.
    private mutating func sample(from old: OriginLoad, to new: OriginLoad, now: Duration) {
        guard members.contains(where: { !$0.isFixed }) else { return }
        wasControlled = true
        var sample = ConcurrencyController.Sample()
        sample.bytes = max(0, new.received.subtractingReportingOverflow(old.received).partialValue)
        if new.heads > old.heads { sample.firstByte = new.firstByte }
        // In place: a copy of each would cost more than all the rest.
        for index in members.indices {
            sample.carrying += members[index].load.carrying
            sample.live += members[index].load.live
            sample.demand += members[index].demand
            if members[index].load.isHeldBack, members[index].load.live > 0 { sample.isHeldBack = true }
        }
        if new.refusals > old.refusals {
            controller.refused(carrying: sample.carrying, live: sample.live, now: now)
        }
        controller.observe(sample, now: now)
    }

    /// Says what changed.
    private mutating func tell(origin: Origin, now: Duration, into changes: inout [OriginBook.Change]) {
        for index in members.indices {
            let isNews =
                members[index].share != members[index].granted
                || members[index].knowsSilence < silentUntil && silentUntil > now
                || members[index].knowsIgnorance != ignoresIfRange
            guard isNews else { continue }
            let member = members[index]
            members[index].granted = member.share
            members[index].knowsSilence = silentUntil
            members[index].knowsIgnorance = ignoresIfRange
            let allowance = OriginAllowance(
                origin: origin,
                connections: member.share,
                silence: max(.zero, silentUntil - now),
                ignoresIfRange: ignoresIfRange
            )
            changes.append(OriginBook.Change(transfer: member.transfer, allowance: allowance))
        }
    }
}
