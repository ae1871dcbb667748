// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Lets so many transfers receive at a time, and so many be unfinished: one that has all its bytes and waits for the disk
/// is in nobody's way, so that many small files can share one sync.
final class JobSlots: Sendable {
    private struct State {
        var receiving = 0
        var unfinished = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let mostReceiving: Int
    private let mostUnfinished: Int

    init(receiving: Int, unfinished: Int) {
        mostReceiving = receiving
        mostUnfinished = unfinished
    }

    /// Waits for a slot and takes it. One caller at a time; every slot taken comes back, cancelled or not.
    func take() async -> JobSlot {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if hasRoom(state) { return true }
                state.waiter = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
        state.withLock { state in
            state.receiving += 1
            state.unfinished += 1
        }
        return JobSlot(self)
    }

    private func hasRoom(_ state: State) -> Bool {
        state.receiving < mostReceiving && state.unfinished < mostUnfinished
    }

    fileprivate func give(receiving: Int, unfinished: Int) {
        let waiter = state.withLock { state in
            state.receiving -= receiving
            state.unfinished -= unfinished
            guard hasRoom(state) else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

/// One transfer's place among those at work.
final class JobSlot: Sendable {
    private let slots: JobSlots
    private let isReceiving = Atomic(true)

    fileprivate init(_ slots: JobSlots) { self.slots = slots }

    /// The transfer has all its bytes: the next one may begin. Idempotent.
    func received() {
        if isReceiving.exchange(false, ordering: .relaxed) { slots.give(receiving: 1, unfinished: 0) }
    }

    /// The transfer has ended; to be called once.
    func ended() {
        received()
        slots.give(receiving: 0, unfinished: 1)
    }
}
