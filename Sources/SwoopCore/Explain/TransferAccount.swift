// SPDX-License-Identifier: Apache-2.0

/// Where a transfer's time went, measured while it ran.
///
/// Every instant belongs to one ``Activity``; while bytes flow it also belongs to the number of connections that carried
/// them, so that the gain of each further connection can be read off.
public struct TransferAccount: Hashable, Sendable {
    /// What a transfer spends time on.
    public enum Activity: Int, Hashable, Sendable, CaseIterable {
        /// No byte has come yet: names, handshakes, the first response.
        case connecting
        /// Bytes flow.
        case transferring
        /// The reader of the bytes is slow, or a rate limit holds them back.
        case heldBack
        /// The origin asked for silence, or a failure is waited out.
        case waiting
        /// Every byte is here: digests and the disk.
        case finishing
    }

    /// Time and bytes at one number of connections.
    public struct Step: Hashable, Sendable {
        /// Time at this number.
        public var time: Duration = .zero
        /// Bytes in that time.
        public var bytes: Int64 = 0

        /// Bytes per second; 0 if no time was spent.
        public var throughput: Double { time > .zero ? Double(bytes) / time.seconds : 0 }
    }

    /// Connections beyond this number count as this number.
    private static let mostConnections = 64

    private var times = [Duration](repeating: .zero, count: Activity.allCases.count)
    /// By the number of connections that carried bytes.
    private var steps: [Step] = []
    private var countedAt: Duration = .zero
    private var countedBytes: Int64 = 0
    /// Connections that the origin admitted at last, if it turned some away.
    public var ceiling: Int?
    /// Bytes that arrived twice.
    public var wasted: Int64 = 0

    /// Makes an account of nothing.
    public init() {}

    /// Books the time since the last call.
    ///
    /// - Parameters:
    ///   - activity: what the transfer was doing.
    ///   - connections: how many carried bytes.
    ///   - bytes: received in all so far.
    ///   - now: the present.
    public mutating func book(_ activity: Activity, connections: Int, bytes: Int64, now: Duration) {
        let span = max(.zero, now - countedAt)
        times[activity.rawValue] += span
        if activity == .transferring {
            let index = min(max(0, connections), Self.mostConnections)
            while steps.count <= index { steps.append(Step()) }
            steps[index].time += span
            steps[index].bytes += bytes - countedBytes
        }
        countedAt = now
        countedBytes = bytes
    }

    /// Time spent on an activity.
    public func time(_ activity: Activity) -> Duration { times[activity.rawValue] }

    /// All time.
    public var elapsed: Duration { times.reduce(.zero, +) }

    /// Share of all time, 0 to 1.
    public func share(_ activity: Activity) -> Double {
        let all = elapsed.seconds
        return all > 0 ? time(activity).seconds / all : 0
    }

    /// The numbers of connections at which enough time was spent to believe the throughput: half a second, or a tenth of
    /// the time in which bytes flowed. Ascending.
    public var measured: [(connections: Int, step: Step)] {
        let enough = min(Duration.milliseconds(500), time(.transferring) / 10)
        return steps.enumerated()
            .filter { $0.offset > 0 && $0.element.time >= enough && $0.element.bytes > 0 }
            .map { (connections: $0.offset, step: $0.element) }
    }
}
