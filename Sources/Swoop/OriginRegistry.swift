// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO
internal import Synchronization

/// Where the transfers of a client meet: each tells what it does at its origins, and hears what it may do.
final class OriginRegistry: Sendable {
    private struct State {
        var book: OriginBook
        var listeners: [Int: @Sendable (OriginAllowance) -> Void] = [:]
        var nextTransfer = 0
    }

    private let state: Mutex<State>
    private let clock = ContinuousClock()
    private let epoch: ContinuousClock.Instant
    private let limiter: RateLimiter?

    init(memory: [Origin: OriginMemory] = [:], limiter: RateLimiter? = nil) {
        self.limiter = limiter
        state = Mutex(State(book: OriginBook(memory: memory)))
        epoch = clock.now
    }

    /// A registry that knows what the file at `path` remembers.
    convenience init(remembering path: String?, limiter: RateLimiter?) {
        let file = path.map { OriginMemoryFile(path: $0) }
        self.init(memory: file?.load(seconds: WallClock.seconds) ?? [:], limiter: limiter)
    }

    /// Writes what was learned to the file at `path`.
    func remember(in path: String?) {
        let seconds = WallClock.seconds
        path.map { OriginMemoryFile(path: $0) }?.save(memories(seconds: seconds), seconds: seconds)
    }

    /// Enters a transfer; `tell` hears its allowances, in order. It must return at once.
    func join(_ tell: @escaping @Sendable (OriginAllowance) -> Void) -> Int {
        state.withLock { state in
            defer { state.nextTransfer += 1 }
            state.listeners[state.nextTransfer] = tell
            return state.nextTransfer
        }
    }

    /// Tells what a transfer does now, and whether the thread that does it has no time left.
    func update(_ loads: [OriginLoad], of transfer: Int, limit: OriginBook.Limit, isThreadBusy: Bool) {
        let now = clock.now - epoch
        let loads = isThreadBusy || limiter?.isBinding == true ? loads.map(\.heldBack) : loads
        state.withLock { state in
            let changes = state.book.update(loads, of: transfer, limit: limit, now: now)
            Self.tell(changes, state)
        }
    }

    /// A transfer has ended.
    func leave(_ transfer: Int) {
        let now = clock.now - epoch
        state.withLock { state in
            state.listeners[transfer] = nil
            Self.tell(state.book.leave(transfer, now: now), state)
        }
    }

    private static func tell(_ changes: [OriginBook.Change], _ state: State) {
        for change in changes { state.listeners[change.transfer]?(change.allowance) }
    }

    /// What the controller of an origin believes.
    func view(of origin: Origin) -> ConcurrencyView? { state.withLock { $0.book.view(of: origin) } }

    /// What is worth remembering for the next run.
    private func memories(seconds: Int64) -> [Origin: OriginMemory] {
        state.withLock { $0.book.memories(seconds: seconds) }
    }
}

extension OriginLoad {
    /// The same, held back by something else than the origin or the path.
    fileprivate var heldBack: OriginLoad {
        var load = self
        load.isHeldBack = true
        return load
    }
}

extension TransferOptions {
    /// Who chooses the number of connections.
    var limit: OriginBook.Limit { connections.map { .exactly($0) } ?? .upTo(maximumConnections) }
}
