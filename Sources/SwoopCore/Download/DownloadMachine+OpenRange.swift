// SPDX-License-Identifier: Apache-2.0

// The first request has no end (`bytes=0-`), because some URLs answer only once. Its response is leased bit by bit as
// anything else is, but it can be read on for as long as nobody else was given what follows.
extension DownloadMachine {
    /// From this first byte on, the first connection has much to lose by being closed: a window that took round trips to
    /// grow.
    private static let farTrip: Duration = .milliseconds(15)
    /// What is kept for the first connection: a share of what follows, and a most, so that the digest need not wait for more.
    private static let (farShare, farReserve): (Int64, Int64) = (2, 256 << 20)
    private static let (nearShare, nearReserve): (Int64, Int64) = (8, 64 << 20)

    /// Whether the first request may do without an end: nothing else says where it has to end.
    var mayProbeOpenly: Bool {
        recovered == nil && options.segmentSize == nil && pieces == nil && sources.count == 1
    }

    /// Gives the open response more of what follows, or ends it where that has become another connection's.
    mutating func steerOpenResponse(now: Duration, into commands: inout [DownloadCommand]) {
        guard let id = openResponse, let segment = live[id], segment.range.upper < segment.runsTo else { return }
        let next = segment.range.upper
        if ledger == nil, let gap = missing.ranges.first(where: { $0.lower == next }) {
            lengthen(id, segment, by: gap, now: now, into: &commands)
        } else if segment.remaining.isEmpty, !mayBeTheOnlyResponse(segment) {
            finishSegment(id, segment, now: now, into: &commands)
            slots[segment.connection].isCold = true
            // It began alone: what its connection brought then is no measure for those that share the path.
            if let recent = segment.recentThroughput(now: now) { slots[segment.connection].throughput = recent }
            commands.append(.abort(id))
        }
    }

    private mutating func lengthen(
        _ id: ExchangeID,
        _ segment: Segment,
        by gap: ByteRange,
        now: Duration,
        into commands: inout [DownloadCommand]
    ) {
        let rate = throughput(of: segment, now: now)
        let step = leaseSize(for: segment.connection, from: segment.source, bringing: rate, now: now)
        guard segment.remaining.count <= step / 2 else { return }
        let bound = min(gap.upper, segment.runsTo, windowEnd)
        var upper = min(bound, gap.lower + step)
        if bound - upper < SplitPolicy.minimumTail { upper = bound }
        // A crumb at the window's edge waits until it is worth an event.
        guard upper - gap.lower >= SplitPolicy.minimumTail || upper == gap.upper else { return }
        missing.remove(ByteRange(gap.lower, upper))
        live[id]?.range = ByteRange(segment.range.lower, upper)
        commands.append(.lengthen(id, to: upper))
    }

    /// Whether the URL may be one that answers once: what follows was asked for, and no other response has come yet.
    private func mayBeTheOnlyResponse(_ segment: Segment) -> Bool {
        isOnlyResponse(of: segment.source)
            && live.values.contains { $0.acceptedAt == nil && $0.source == segment.source && $0.purpose == .lease }
    }

    /// Whether everything a source has ever delivered came by the open response, which still lives.
    func isOnlyResponse(of source: Int) -> Bool {
        guard let id = openResponse, let segment = live[id] else { return false }
        return segment.source == source && sources[source].parts == 1
    }

    /// The missing bytes that the next lease is taken from the front of.
    ///
    /// A share of what follows the open response is left to it for now, so that it is closed late or never: that would throw
    /// away what fills its socket, and, far away, what its connection took round trips to learn. When the rest has been
    /// asked for, a share of what is left then is taken, and so on.
    func nextGap(for source: Int) -> ByteRange? {
        guard let first = missing.ranges.first, first.lower < windowEnd else { return nil }
        guard let id = openResponse, let open = live[id], open.source == source, open.range.upper == first.lower,
            options.window == nil, open.runsTo > first.lower
        else { return first }
        if missing.ranges.count > 1 { return missing.ranges[1] }
        let isFar = sources[source].usualFirstByte >= Self.farTrip
        let kept =
            isFar
            ? min(first.count / Self.farShare, Self.farReserve)
            : min(first.count / Self.nearShare, Self.nearReserve)
        return ByteRange(first.lower + kept - kept % SplitPolicy.segmentBounds.lowerBound, first.upper)
    }
}
