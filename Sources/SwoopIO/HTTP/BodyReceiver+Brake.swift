// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import Synchronization

// What keeps the next chunk in its socket, and the signs of life meanwhile.
extension BodyReceiver {
    /// Bytes that are taken from the client while the body is held.
    private static let mostHeld = 2 << 20

    /// Finds what the next chunk must wait for, and makes it wait.
    func brake(pausing pause: Duration) -> EventLoopFuture<Void>? {
        let (phase, position, kept) = state.withLock { state in
            (state.phase, state.position, state.heldChunks.reduce(0) { $0 + $1.readableBytes })
        }
        guard phase != .ended else { return nil }
        let room = phase == .flowing ? store.room(at: position, on: loop) : nil
        var reasons: Set<BodyBrake.Reason> = []
        if kept >= Self.mostHeld { reasons.insert(.held) }
        if pause > .zero { reasons.insert(.rate) }
        if room != nil { reasons.insert(.room) }
        guard !reasons.isEmpty else { return nil }
        let promise = loop.makePromise(of: Void.self)
        apply(reasons, keeping: promise, pausing: pause)
        room?.whenComplete { _ in self.lift(.room) }
        return promise.futureResult
    }

    private func apply(_ reasons: Set<BodyBrake.Reason>, keeping promise: EventLoopPromise<Void>, pausing: Duration) {
        let brake = BodyBrake(
            for: reasons,
            keeping: promise,
            pause: reasons.contains(.rate) ? loop.scheduleTask(in: TimeAmount(pausing)) { self.lift(.rate) } : nil,
            heartbeat: loop.scheduleRepeatedTask(initialDelay: Self.reportInterval, delay: Self.reportInterval) { _ in
                self.beat()
            }
        )
        state.withLock { $0.brake = brake }
    }

    func lift(_ reason: BodyBrake.Reason) {
        let brake = state.withLock { state -> BodyBrake? in
            guard state.brake?.lift(reason) == true else { return nil }
            defer { state.brake = nil }
            return state.brake
        }
        brake?.letGo()
    }

    /// Reports a sign of life, and what has been written; the last bytes of a response are left to its end.
    private func beat() {
        let position: Int64? = state.withLock { state in
            guard state.phase == .flowing else { return nil }
            if state.bodyLeft != 0 { state.reported = state.position }
            state.reportedAt = .now()
            return state.reported
        }
        if let position { report(.wrote(upTo: position)) }
    }
}
