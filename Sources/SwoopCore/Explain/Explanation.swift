// SPDX-License-Identifier: Apache-2.0

/// What bounded a transfer, from measured facts.
public struct Explanation: Hashable, Sendable {
    /// What a transfer can be bounded by.
    public enum Bound: String, Hashable, Sendable, CaseIterable {
        /// It was over before anything could be told.
        case tooShort = "too-short"
        /// Round trips before the first byte.
        case latency
        /// Each connection brings so much and no more, and no more connections were allowed.
        case perConnection = "per-connection"
        /// The path, or the origin as a whole: more connections brought no more.
        case path
        /// The origin turned connections away.
        case originLimit = "origin-limit"
        /// The origin asked for silence, or failed.
        case originBusy = "origin-busy"
        /// The user's rate limit.
        case rateLimit = "rate-limit"
        /// The reader of standard output.
        case reader
        /// The disk, or the digests.
        case disk
        /// The processor.
        case processor
    }

    /// What is known besides the account.
    public struct Circumstances: Hashable, Sendable {
        /// Processor time of the whole process, in seconds.
        public var processorSeconds: Double = 0
        /// The user's limit in bytes per second.
        public var rateLimit: Int64?
        /// Connections allowed: the user's number, or the ceiling of `auto`.
        public var mostConnections = TransferOptions().connectionCount

        /// Makes circumstances in which nothing is known.
        public init() {}
    }

    /// What bounded it.
    public var bound: Bound
    /// That in words, with the numbers.
    public var reason: String
    /// Throughput by number of connections, ascending.
    public var steps: [Step] = []

    /// What a number of connections brought.
    public struct Step: Hashable, Sendable {
        /// The number.
        public var connections: Int
        /// Bytes per second.
        public var throughput: Double
    }

    /// Explains a transfer.
    public init(_ account: TransferAccount, _ circumstances: Circumstances) {
        let finding = Finding(account: account, circumstances: circumstances)
        (bound, reason) = finding.verdict
        steps = finding.account.measured.map { Step(connections: $0.connections, throughput: $0.step.throughput) }
    }
}

/// The rules, in the order in which they are tried: what leaves no doubt comes first.
private struct Finding {
    let account: TransferAccount
    let circumstances: Explanation.Circumstances

    /// Of the time, to call it the bound.
    private static let muchTime = 0.4
    /// A processor this busy cannot bring more.
    private static let busyProcessor = 0.85
    /// Share of a proportional gain below which further connections brought nothing worth having, and above which each
    /// brought about as much as the ones before.
    private static let (noGain, fullGain) = (0.25, 0.7)

    var verdict: (Explanation.Bound, String) {
        interruptions ?? local ?? network
    }

    private var transferring: Double { account.time(.transferring).seconds }
    private var bytes: Int64 { account.measured.reduce(0) { $0 + $1.step.bytes } }
    private var overall: Double { transferring > 0 ? Double(bytes) / transferring : 0 }

    /// What kept bytes from being asked for.
    private var interruptions: (Explanation.Bound, String)? {
        if account.share(.waiting) > Self.muchTime {
            return (.originBusy, "\(percent(.waiting)) of the time it had asked for silence or had failed")
        }
        if let limit = circumstances.rateLimit, overall >= 0.85 * Double(limit) {
            return (.rateLimit, "--limit-rate allows \(rate(Double(limit))), and that came")
        }
        if account.share(.heldBack) > Self.muchTime {
            return (.reader, "\(percent(.heldBack)) of the time the window was full of bytes that nobody had read")
        }
        return nil
    }

    private var local: (Explanation.Bound, String)? {
        if account.share(.finishing) > Self.muchTime {
            return (
                .disk,
                "\(percent(.finishing)) of the time every byte was here and the disk or the digests were not done"
            )
        }
        guard account.elapsed >= .milliseconds(500) else {
            if account.share(.connecting) > Self.muchTime { return latency }
            return (.tooShort, "it took \(milliseconds(account.elapsed)): nothing can be told from that")
        }
        let busy = circumstances.processorSeconds / max(account.elapsed.seconds, 0.001)
        if busy > Self.busyProcessor {
            return (.processor, "this program kept \(percent(busy)) of a core busy, and one core moves the bytes")
        }
        return account.share(.connecting) > Self.muchTime ? latency : nil
    }

    private var latency: (Explanation.Bound, String) {
        (.latency, "\(percent(.connecting)) of the time went by before the first byte")
    }

    private var network: (Explanation.Bound, String) {
        let steps = account.measured
        guard let most = steps.max(by: { $0.connections < $1.connections }) else {
            return (.tooShort, "too few bytes came to tell")
        }
        if let ceiling = account.ceiling, most.connections >= ceiling {
            return (.originLimit, "it admits \(connections(ceiling)), which brought \(rate(most.step.throughput))")
        }
        guard let fewest = steps.first, fewest.connections < most.connections else { return alone(most) }
        let gain = gain(from: fewest, to: most)
        let numbers =
            "\(connections(fewest.connections)) brought \(rate(fewest.step.throughput)), "
            + "\(most.connections) brought \(rate(most.step.throughput))"
        if gain >= Self.fullGain || most.connections >= circumstances.mostConnections, gain > Self.noGain {
            return (.perConnection, "each connection brings about \(rate(unit(most))) and no more: \(numbers)")
        }
        return (.path, "\(numbers): more connections bring no more")
    }

    /// Only one number of connections was ever tried.
    private func alone(_ step: (connections: Int, step: TransferAccount.Step)) -> (Explanation.Bound, String) {
        let throughput = rate(step.step.throughput)
        if step.connections >= circumstances.mostConnections {
            let each = rate(unit(step))
            return (.perConnection, "\(connections(step.connections)) were allowed, each brought about \(each)")
        }
        return (.path, "\(connections(step.connections)) brought \(throughput), and more were not needed")
    }

    private func unit(_ step: (connections: Int, step: TransferAccount.Step)) -> Double {
        step.step.throughput / Double(max(1, step.connections))
    }

    /// Share of a proportional gain.
    private func gain(
        from fewer: (connections: Int, step: TransferAccount.Step),
        to more: (connections: Int, step: TransferAccount.Step)
    ) -> Double {
        let proportional = Double(more.connections) / Double(max(1, fewer.connections)) - 1
        guard fewer.step.throughput > 0, proportional > 0 else { return 0 }
        return (more.step.throughput / fewer.step.throughput - 1) / proportional
    }

    private func rate(_ bytesPerSecond: Double) -> String { ByteCount.formatRate(bytesPerSecond) }
    private func percent(_ activity: TransferAccount.Activity) -> String { percent(account.share(activity)) }
    private func percent(_ share: Double) -> String { "\(Int((min(max(share, 0), 64) * 100).rounded())) %" }
    private func connections(_ count: Int) -> String { count == 1 ? "1 connection" : "\(count) connections" }
    private func milliseconds(_ time: Duration) -> String { "\(Int((time.seconds * 1000).rounded())) ms" }
}
