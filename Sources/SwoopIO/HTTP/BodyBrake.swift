// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What keeps the next chunk of a body in its socket, for as long as any of its reasons lasts.
///
/// The client reads on once the promise is kept, so that it must be kept in every case.
struct BodyBrake {
    /// Why the next chunk must wait.
    enum Reason: Hashable {
        /// The core has not judged the head, and enough of the body is kept.
        case held
        /// The rate limit.
        case rate
        /// The store is full.
        case room
    }

    private var reasons: Set<Reason>
    private let promise: EventLoopPromise<Void>
    /// The end of the pause, if the rate limit is among the reasons.
    private let pause: Scheduled<Void>?
    /// Says now and then that the connection is alive.
    private let heartbeat: RepeatedTask

    init(
        for reasons: Set<Reason>,
        keeping promise: EventLoopPromise<Void>,
        pause: Scheduled<Void>?,
        heartbeat: RepeatedTask
    ) {
        self.reasons = reasons
        self.promise = promise
        self.pause = pause
        self.heartbeat = heartbeat
    }

    /// Takes a reason away; `true` if none is left.
    mutating func lift(_ reason: Reason) -> Bool {
        reasons.remove(reason)
        return reasons.isEmpty
    }

    /// Lets the next chunk come.
    func letGo() {
        pause?.cancel()
        heartbeat.cancel()
        promise.succeed()
    }
}
