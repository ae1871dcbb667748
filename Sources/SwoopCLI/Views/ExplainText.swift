// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// What `--explain` says of a transfer that has ended.
enum ExplainText {
    /// `bounded by the path: 1 connection brought 11.2 MiB/s, 4 brought 11.4 MiB/s: more connections bring no more`, then
    /// the numbers.
    static func lines(_ explanation: Explanation, _ account: TransferAccount) -> [String] {
        ["bounded by \(name(explanation.bound)): \(explanation.reason)"] + steps(explanation) + [times(account)]
            + extras(account)
    }

    private static func name(_ bound: Explanation.Bound) -> String {
        switch bound {
        case .tooShort: "nothing that can be told"
        case .latency: "latency"
        case .perConnection: "the rate of each connection"
        case .path: "the path, or the origin as a whole"
        case .originLimit: "the origin's limit on connections"
        case .originBusy: "the origin"
        case .rateLimit: "the rate limit"
        case .reader: "the reader"
        case .disk: "the disk"
        case .processor: "the processor"
        }
    }

    private static func steps(_ explanation: Explanation) -> [String] {
        explanation.steps.map {
            "  \(NoticeText.connections($0.connections)): \(ByteCount.formatRate($0.throughput))"
        }
    }

    private static func times(_ account: TransferAccount) -> String {
        let parts: [(String, TransferAccount.Activity)] = [
            ("before the first byte", .connecting), ("bytes flowing", .transferring), ("held back", .heldBack),
            ("waiting for the origin", .waiting), ("disk and digests", .finishing),
        ]
        let shown = parts.filter { account.time($0.1) > .milliseconds(1) }
        return "  " + shown.map { "\($0.0) \(Units.elapsed(account.time($0.1)))" }.joined(separator: ", ")
    }

    private static func extras(_ account: TransferAccount) -> [String] {
        guard account.wasted > 0 else { return [] }
        return ["  \(ByteCount.format(account.wasted)) came twice"]
    }

    static func json(_ explanation: Explanation, id: Int64) -> String {
        let steps = explanation.steps.map {
            JSONValue.array([.integer(Int64($0.connections)), .integer(Int64(min($0.throughput, 1e18)))])
        }
        return JSONObject.line(
            event: "explain",
            [
                ("id", .integer(id)), ("bound", .string(explanation.bound.rawValue)),
                ("reason", .string(explanation.reason)), ("steps", .array(steps)),
            ]
        )
    }
}
