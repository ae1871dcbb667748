// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

@Suite("Explanation")
struct ExplanationTests {
    /// An account of spans: what was done, over how many connections, for how many seconds, at how many MiB a second.
    private static func account(
        _ spans: [(TransferAccount.Activity, connections: Int, seconds: Double, rate: Int64)]
    ) -> TransferAccount {
        var account = TransferAccount()
        var (now, bytes) = (Duration.zero, Int64(0))
        for span in spans {
            now += .seconds(span.seconds)
            bytes += Int64(Double(span.rate * mib) * span.seconds)
            account.book(span.0, connections: span.connections, bytes: bytes, now: now)
        }
        return account
    }

    private static func bound(
        _ spans: [(TransferAccount.Activity, connections: Int, seconds: Double, rate: Int64)],
        _ adjust: (inout Explanation.Circumstances, inout TransferAccount) -> Void = { _, _ in }
    ) -> Explanation.Bound {
        var circumstances = Explanation.Circumstances()
        var account = account(spans)
        adjust(&circumstances, &account)
        return Explanation(account, circumstances).bound
    }

    @Test("connections that each bring as much as the first mean a limit per connection")
    func perConnection() {
        #expect(
            Self.bound([(.transferring, 1, 1, 2), (.transferring, 4, 1, 8), (.transferring, 32, 5, 60)])
                == .perConnection
        )
    }

    @Test("more connections that bring no more mean the path")
    func path() {
        #expect(Self.bound([(.transferring, 1, 1, 10), (.transferring, 4, 1, 11), (.transferring, 2, 5, 11)]) == .path)
    }

    @Test("a learned ceiling that was used means the origin's limit")
    func originLimit() {
        let bound = Self.bound([(.transferring, 1, 1, 2), (.transferring, 4, 9, 8)]) { $1.ceiling = 4 }
        #expect(bound == .originLimit)
    }

    @Test("time spent waiting, held back, connecting or finishing names its cause")
    func times() {
        #expect(Self.bound([(.transferring, 4, 1, 8), (.waiting, 0, 3, 0)]) == .originBusy)
        #expect(Self.bound([(.transferring, 4, 1, 8), (.heldBack, 0, 3, 0)]) == .reader)
        #expect(Self.bound([(.transferring, 4, 1, 8), (.finishing, 0, 3, 0)]) == .disk)
        #expect(Self.bound([(.transferring, 4, 1, 8), (.connecting, 0, 3, 0)]) == .latency)
    }

    @Test("the user's limit, a busy processor and a moment's transfer are told apart")
    func circumstances() {
        let spans: [(TransferAccount.Activity, connections: Int, seconds: Double, rate: Int64)] = [
            (.transferring, 4, 2, 8)
        ]
        #expect(Self.bound(spans) { circumstances, _ in circumstances.rateLimit = 8 * mib } == .rateLimit)
        #expect(Self.bound(spans) { circumstances, _ in circumstances.processorSeconds = 1.9 } == .processor)
        #expect(Self.bound([(.transferring, 4, 0.1, 8)]) == .tooShort)
    }

    @Test("the numbers are those measured")
    func numbers() {
        let account = Self.account([(.transferring, 1, 1, 2), (.transferring, 4, 2, 8)])
        let steps = Explanation(account, Explanation.Circumstances()).steps
        #expect(steps.map(\.connections) == [1, 4])
        #expect(steps.map { Int64($0.throughput) } == [2 * mib, 8 * mib])
    }

    @Test("every instant is booked once")
    func whole() {
        let account = Self.account([(.connecting, 0, 1, 0), (.transferring, 4, 2, 8), (.finishing, 0, 0.5, 0)])
        #expect(account.elapsed == .seconds(3.5))
        #expect(account.share(.transferring) > 0.57 && account.share(.transferring) < 0.58)
    }
}
