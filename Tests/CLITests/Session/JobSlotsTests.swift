// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import SwoopCLI

/// A number that several tasks change, and the largest that it was.
private final class Count: Sendable {
    private let state = Mutex((value: 0, most: 0))

    var value: Int { state.withLock { $0.value } }
    var most: Int { state.withLock { $0.most } }

    func add(_ difference: Int) {
        state.withLock { state in
            state.value += difference
            state.most = max(state.most, state.value)
        }
    }
}

@Suite("Job slots", .timeLimit(.minutes(10)))
struct JobSlotsTests {
    @Test("are as many as were asked for, and come back")
    func bounds() async {
        let slots = JobSlots(receiving: 2, unfinished: 3)
        let first = await slots.take()
        let second = await slots.take()
        let taken = Count()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<2 {
                    let slot = await slots.take()
                    taken.add(1)
                    slot.ended()
                }
            }
            first.received()
            first.received()
            second.ended()
            first.ended()
        }
        #expect(taken.value == 2)
    }

    @Test("a transfer with all its bytes there makes room for one, but only for so many")
    func unfinished() async {
        let slots = JobSlots(receiving: 1, unfinished: 3)
        let waiting = [await next(slots), await next(slots), await next(slots)]
        let fourths = Count()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let fourth = await slots.take()
                fourths.add(1)
                fourth.ended()
            }
            #expect(fourths.value == 0)
            waiting[1].ended()
        }
        #expect(fourths.value == 1)
    }

    private func next(_ slots: JobSlots) async -> JobSlot {
        let slot = await slots.take()
        slot.received()
        return slot
    }

    @Test("never lets more at work than there are", arguments: [1, 3, 8])
    func many(count: Int) async {
        let slots = JobSlots(receiving: count, unfinished: 100)
        let atWork = Count()
        await withDiscardingTaskGroup { group in
            for _ in 0..<200 {
                let slot = await slots.take()
                group.addTask {
                    atWork.add(1)
                    await Task.yield()
                    atWork.add(-1)
                    slot.ended()
                }
            }
        }
        #expect(atWork.most <= count)
    }
}
