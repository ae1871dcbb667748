// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct MirrorSelectionTests {
    typealias Candidate = MirrorSelection.Candidate

    @Test(
        "chooses none if none may be asked",
        arguments: [
            [], [Candidate(isTrusted: false, allowanceLeft: 4)], [Candidate(isReady: false, allowanceLeft: 4)],
            [Candidate(allowanceLeft: 0)], [Candidate(allowanceLeft: -3, bytesPerSecond: 1e9)],
        ]
    )
    func none(candidates: [Candidate]) {
        #expect(MirrorSelection.choose(from: candidates) == nil)
        #expect(MirrorSelection.choose(from: candidates, isHead: true) == nil)
    }

    /// A table of candidates, and which of them gets an ordinary range and the head of the line.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let candidates: [Candidate]
        let anywhere: Int
        let head: Int
    }

    static let cases = [
        Case(
            testDescription: "allowance counts before speed",
            candidates: [
                Candidate(allowanceLeft: 0, live: 4, bytesPerSecond: 9e6),
                Candidate(allowanceLeft: 1, live: 1, bytesPerSecond: 1e6),
            ],
            anywhere: 1,
            head: 1
        ),
        Case(
            testDescription: "the fastest of those at work",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 1e6),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 3e6),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 2e6),
            ],
            anywhere: 1,
            head: 1
        ),
        Case(
            testDescription: "a source without work gets some, but not the head of the line",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 9e6),
                Candidate(allowanceLeft: 2, live: 0, bytesPerSecond: 1e3),
            ],
            anywhere: 1,
            head: 0
        ),
        Case(
            testDescription: "a source of which nothing is known gets work, but not the head",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 9e6, priority: 2),
                Candidate(allowanceLeft: 2, live: 0, priority: 1),
            ],
            anywhere: 1,
            head: 0
        ),
        Case(
            testDescription: "what is unknown is expected to be like the others",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 1e6),
                Candidate(allowanceLeft: 2, live: 1),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 4e6),
            ],
            anywhere: 2,
            head: 2
        ),
        Case(
            testDescription: "the publisher's order decides at the start, also for the head",
            candidates: [
                Candidate(allowanceLeft: 2, priority: 3), Candidate(allowanceLeft: 2, priority: 1),
                Candidate(allowanceLeft: 2, priority: 2),
            ],
            anywhere: 1,
            head: 1
        ),
        Case(
            testDescription: "each failure halves what is expected",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 5e6, failures: 2),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 2e6),
            ],
            anywhere: 1,
            head: 1
        ),
        Case(
            testDescription: "one failure does not outweigh a far higher rate",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 5e6, failures: 1),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 2e6),
            ],
            anywhere: 0,
            head: 0
        ),
        Case(
            testDescription: "with nothing known, who failed comes last",
            candidates: [
                Candidate(allowanceLeft: 2, failures: 1, priority: 1), Candidate(allowanceLeft: 2, priority: 9),
            ],
            anywhere: 1,
            head: 1
        ),
        Case(
            testDescription: "among equals the one with fewer connections, then the first",
            candidates: [
                Candidate(allowanceLeft: 2, live: 2), Candidate(allowanceLeft: 2, live: 1),
                Candidate(allowanceLeft: 2, live: 1),
            ],
            anywhere: 1,
            head: 1
        ),
        Case(
            testDescription: "numbers that mean nothing count as unknown",
            candidates: [
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: .nan, failures: .max),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: .infinity, failures: .min),
                Candidate(allowanceLeft: .max, live: .min, bytesPerSecond: -1, priority: .min),
                Candidate(allowanceLeft: 2, live: 1, bytesPerSecond: 1),
            ],
            anywhere: 2,
            head: 3
        ),
    ]

    @Test("chooses by allowance, need of work, rate, failures and priority", arguments: cases)
    func table(row: Case) {
        #expect(MirrorSelection.choose(from: row.candidates) == row.anywhere)
        #expect(MirrorSelection.choose(from: row.candidates, isHead: true) == row.head)
    }

    @Test("hands out all allowance, and something to every source before any gets more")
    func fairStart() {
        var candidates = [3, 1, 2].map { Candidate(allowanceLeft: $0) }
        var order: [Int] = []
        while let index = MirrorSelection.choose(from: candidates) {
            order.append(index)
            candidates[index].allowanceLeft -= 1
            candidates[index].live += 1
        }
        #expect(order.count == 6)
        #expect(Set(order.prefix(3)) == [0, 1, 2])
        #expect(candidates.allSatisfy { $0.allowanceLeft == 0 })
    }
}
