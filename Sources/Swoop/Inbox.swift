// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Where a transfer's events wait for the driver, in the order they happened.
///
/// Unlike an `AsyncStream` it does not end when the consuming task is cancelled: a cancelled transfer still has a journal
/// to write. It holds about one event per MiB received and connection, never a body.
final class Inbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var waiter: CheckedContinuation<[Event], Never>?
    }

    private let state = Mutex(State())

    /// Adds an event; from any thread.
    func post(_ event: Event) {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.events.append(event)
                return nil as CheckedContinuation<[Event], Never>?
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: [event])
    }

    /// Takes every waiting event, at least one. One consumer at a time.
    func next(isolation: isolated (any Actor)? = #isolation) async -> [Event] {
        await withCheckedContinuation { continuation in
            let waiting: [Event] = state.withLock { state in
                if state.events.isEmpty { state.waiter = continuation }
                defer { state.events = [] }
                return state.events
            }
            if !waiting.isEmpty { continuation.resume(returning: waiting) }
        }
    }
}
