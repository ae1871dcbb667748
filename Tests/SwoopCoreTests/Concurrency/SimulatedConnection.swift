// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore

/// One TCP connection in a simulation: a window that doubles, then follows cubic or its cap.
struct SimulatedConnection {
    enum State: Equatable {
        /// The head comes, or the refusal, at this time.
        case awaiting(Double)
        case carrying
        /// Nothing is asked before this time.
        case backingOff(Double)
        /// Not wanted.
        case idle
    }

    static let packet = 1_460.0

    var state = State.idle
    /// Whether the next request has to connect first.
    var isNew = true
    var askedAt = 0.0
    var leaseEnds = 0.0
    var failures = 0
    /// Whether the request was opened after the last volley of refusals.
    var openedAt = 0.0
    /// Bytes in flight, and whether they still double.
    var window = 10 * packet
    var isSlowStart = true
    var greatest = 0.0
    var epoch = 0.0
    var lostAt = -1.0
    /// Bytes per second in this step.
    var rate = 0.0

    var isCarrying: Bool { state == .carrying }

    var isLive: Bool {
        switch state {
        case .awaiting, .carrying: true
        case .backingOff, .idle: false
        }
    }

    mutating func restart() {
        window = 10 * Self.packet
        isSlowStart = true
        isNew = true
    }

    /// What it would send in this step if nothing else were on the path.
    func wanted(_ path: SimulatedPath) -> Double { min(window / path.roundTrip, path.perConnection) }

    /// Lets a step of `length` seconds pass in which it sent at ``rate``.
    mutating func grow(
        _ path: SimulatedPath,
        doubling: Double,
        length: Double,
        dropped: Double,
        now: Double,
        random: inout SplitMix64
    ) {
        if path.loss > 0 || dropped > 0, isLost(path, length, dropped, now, &random) { return lose(now) }
        if isSlowStart {
            window *= doubling
        } else if path.loss > 0 {
            growCubic(path, now)
        }
        limitWindow(path, doubling)
    }

    private mutating func isLost(
        _ path: SimulatedPath,
        _ length: Double,
        _ dropped: Double,
        _ now: Double,
        _ random: inout SplitMix64
    ) -> Bool {
        guard path.loss > 0, now > lostAt + path.roundTrip else { return false }
        let packets = rate * length / Self.packet
        return random.unit() < 1 - pow(1 - min(path.loss + dropped, 0.9), packets)
    }

    private mutating func lose(_ now: Double) {
        greatest = window
        window = max(2 * Self.packet, window * 0.7)
        isSlowStart = false
        epoch = now
        lostAt = now
    }

    /// RFC 9438: the cubic curve, and no less than Reno would have.
    private mutating func growCubic(_ path: SimulatedPath, _ now: Double) {
        let since = now - epoch
        let top = greatest / Self.packet
        let turn = cbrt(top * 0.3 / 0.4)
        let cubic = 0.4 * pow(since - turn, 3) + top
        let reno = 0.7 * top + 0.53 * since / path.roundTrip
        window = max(window, max(cubic, reno) * Self.packet)
    }

    /// Without random loss: what a cap or the others' share leaves unused is not kept in flight.
    private mutating func limitWindow(_ path: SimulatedPath, _ doubling: Double) {
        let useful = max(rate, 10 * Self.packet / path.roundTrip) * path.roundTrip
        if path.loss > 0 {
            window = min(window, 2 * path.perConnection * path.roundTrip)
        } else if isSlowStart, window > 2 * useful {
            isSlowStart = false
            window = 1.25 * useful
        } else if !isSlowStart {
            window = min(window * pow(doubling, 0.25), 1.25 * useful)
        }
    }
}
