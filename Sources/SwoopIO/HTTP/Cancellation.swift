// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Ends one exchange of a task that may have had several, from outside of the task.
public final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        var end: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Makes one that nothing listens to yet.
    public init() {}

    /// Ends what is under way, and what would begin later.
    public func cancel() {
        let end = state.withLock { state in
            state.isCancelled = true
            return state.end
        }
        end?()
    }

    /// Names what `cancel` is to end now; called at once if it is too late.
    func ends(with end: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            state.end = end
            return state.isCancelled
        }
        if isCancelled { end() }
    }
}
