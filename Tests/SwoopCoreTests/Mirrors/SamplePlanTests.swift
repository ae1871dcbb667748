// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct SamplePlanTests {
    @Test(
        "compares the whole of what is no longer than the samples",
        arguments: [
            (Int64.min, []), (-1, []), (0, []), (1, [ByteRange(0, 1)]), (65_536, [ByteRange(0, 65_536)]),
            (196_608, [ByteRange(0, 196_608)]),
        ] as [(Int64, [ByteRange])]
    )
    func tiny(length: Int64, expected: [ByteRange]) {
        #expect(SamplePlan.ranges(length: length, seed: 1) == expected)
    }

    @Test(
        "takes three samples that do not overlap, the last at the end",
        arguments: [196_609, 200_000, 1 << 20, 1 << 40, Int64.max]
    )
    func spread(length: Int64) {
        for seed in 0..<200 as Range<UInt64> {
            let ranges = SamplePlan.ranges(length: length, seed: seed)
            #expect(ranges.count == 3)
            #expect(ranges.allSatisfy { $0.count == SamplePlan.sampleLength })
            #expect(ranges.last?.upper == length)
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upper <= $1.lower })
        }
    }

    @Test("other seeds take other samples, equal ones the same")
    func seeds() {
        let places = Set((0..<100).map { SamplePlan.ranges(length: 1 << 32, seed: $0) })
        #expect(places.count == 100)
        #expect(SamplePlan.ranges(length: 1 << 32, seed: 7) == SamplePlan.ranges(length: 1 << 32, seed: 7))
    }
}
