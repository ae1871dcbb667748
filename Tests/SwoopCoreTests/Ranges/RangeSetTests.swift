// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("RangeSet")
struct RangeSetTests {
    @Test("joins ranges that overlap or touch and keeps others apart")
    func joins() {
        let set = RangeSet([
            ByteRange(10, 20), ByteRange(30, 40), ByteRange(20, 25), ByteRange(35, 50), ByteRange(5, 5),
        ])
        #expect(set.ranges == [ByteRange(10, 25), ByteRange(30, 50)])
        #expect(set.count == 35)
    }

    @Test("removing the middle of a range leaves both ends")
    func removes() {
        var set = RangeSet([ByteRange(0, 100)])
        set.remove(ByteRange(40, 60))
        #expect(set.ranges == [ByteRange(0, 40), ByteRange(60, 100)])
        #expect(set.count == 80)
    }

    @Test(
        "the frontier is the end of the run that starts at 0",
        arguments: [
            ([], 0), ([ByteRange(1, 5)], 0), ([ByteRange(0, 5), ByteRange(6, 9)], 5),
        ] as [([ByteRange], Int64)]
    )
    func frontier(ranges: [ByteRange], expected: Int64) {
        #expect(RangeSet(ranges).frontier == expected)
    }

    @Test("agrees with a set of integers over 2,000 random edits")
    func agreesWithSet() {
        var random = SplitMix64(seed: 42)
        var set = RangeSet()
        var model = Set<Int64>()
        for _ in 0..<2_000 {
            let lower = Int64.random(in: 0..<200, using: &random)
            let range = ByteRange(lower, lower + Int64.random(in: 0..<30, using: &random))
            let offsets = Set(range.lower..<range.upper)
            if Bool.random(using: &random) {
                set.insert(range)
                model.formUnion(offsets)
            } else {
                set.remove(range)
                model.subtract(offsets)
            }
            set.checkInvariants()
            #expect(set.count == Int64(model.count))
            #expect(set.contains(range) == offsets.isSubset(of: model))
            #expect(set.count(in: range) == Int64(offsets.intersection(model).count))
        }
        let bounds = ByteRange(0, 250)
        #expect(set.gaps(in: bounds).count == 250 - set.count)
    }

    @Test("bounds in the wrong order or below zero give a valid range")
    func hostileBounds() {
        #expect(ByteRange(9, 3) == ByteRange(9, 9))
        #expect(ByteRange(-5, 3) == ByteRange(0, 3))
        #expect(ByteRange(0, 3).intersection(ByteRange(5, 9)).isEmpty)
    }
}
