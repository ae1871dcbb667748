// SPDX-License-Identifier: Apache-2.0

public import Testing

/// How many tests that wait for sockets, disks and processes run at a time.
///
/// The testing library starts every test at once.
/// Tests that only compute do not mind; hundreds of downloads on two cores starve each other into their time-outs,
/// and then tell how busy the machine was.
/// A suite with `.takingTurns` lets a few of its cases run beside the other suites' that have the trait;
/// with `.alone`, each of its cases runs while none of the others does.
/// Not for a suite within a suite that has it: that one would wait for itself.
public struct Turns: SuiteTrait, TestTrait, TestScoping {
    public let isRecursive = true
    let places: Int

    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await Turnstile.shared.enter(places)
        do {
            try await function()
        } catch {
            await Turnstile.shared.leave(places)
            throw error
        }
        await Turnstile.shared.leave(places)
    }
}

extension Trait where Self == Turns {
    /// A few cases at a time.
    public static var takingTurns: Turns { Turns(places: 1) }

    /// No other case with a turn at the same time: for tests that judge how a download shares out its time.
    public static var alone: Turns { Turns(places: Turnstile.width) }
}

/// A place for each of `width` cases, given in the order of asking.
///
/// Invariant: `0 <= free <= width`, and whoever waits needs more than is free or stands behind one who does.
actor Turnstile {
    static let width = 4
    static let shared = Turnstile()

    private struct Waiter {
        let places: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private var free = width
    private var waiters: [Waiter] = []

    func enter(_ places: Int) async {
        guard waiters.isEmpty, places <= free else {
            return await withCheckedContinuation { continuation in
                waiters.append(Waiter(places: places, continuation: continuation))
            }
        }
        free -= places
    }

    func leave(_ places: Int) {
        free += places
        while let first = waiters.first, first.places <= free {
            free -= first.places
            waiters.removeFirst().continuation.resume()
        }
    }
}
