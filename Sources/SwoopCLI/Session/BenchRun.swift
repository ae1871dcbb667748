// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopIO
internal import Synchronization

/// Measures what ``BenchPlan`` asks for, and writes the table.
struct BenchRun: Sendable {
    let request: TransferRequest
    let isJSON: Bool
    let console: Console

    /// How often the bytes are looked at.
    private static let tick: Duration = .milliseconds(50)

    private enum Outcome: Sendable {
        case measured(BenchPlan.Measurement)
        case failed(TransferError)
    }

    func run(mostConnections: Int) async -> ExitStatus {
        var plan = BenchPlan(mostConnections: mostConnections)
        if !isJSON { console.output(BenchText.header) }
        while let count = plan.next, !Task.isCancelled {
            switch await measure(count) {
            case .failed(let error):
                console.complain("\(error)")
                return ExitStatus(error.failure)
            case .measured(let measurement):
                plan.add(measurement)
                console.output(isJSON ? BenchText.json(measurement) : BenchText.line(measurement, of: plan))
            }
        }
        guard !Task.isCancelled else { return .interrupted }
        console.output(isJSON ? BenchText.json(plan) : BenchText.advice(plan))
        return .success
    }

    /// Fetches over `count` connections for a while, and stops.
    private func measure(_ count: Int) async -> Outcome {
        var request = request
        request.options.connections = count
        let meter = Meter()
        let monitor = TransferMonitor { notice, _ in
            if case .connectionLimit = notice { meter.state.withLock { $0.wasRefused = true } }
        }
        let transfer = request
        let failure = await withTaskGroup(of: TransferError?.self) { group in
            group.addTask {
                do throws(TransferError) {
                    _ = try await TransferClient.download(transfer, monitor: monitor)
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                while !meter.look(at: monitor.progress), !Task.isCancelled {
                    try? await Task.sleep(for: Self.tick)
                }
                return nil
            }
            let first = await group.next() ?? nil
            _ = meter.look(at: monitor.progress)
            group.cancelAll()
            return first
        }
        if let failure { return .failed(failure) }
        let seen = meter.state.withLock { $0 }
        return .measured(
            .init(
                connections: count,
                bytes: seen.bytes,
                time: seen.time,
                wasRefused: seen.wasRefused
            )
        )
    }
}

/// What the tasks of one measurement share.
private final class Meter: Sendable {
    let state = Mutex(Stopwatch())

    /// Notes how far the transfer is. Returns whether enough has been measured.
    func look(at progress: TransferProgress) -> Bool { state.withLock { $0.look(at: progress.bytes) } }
}

/// Bytes and time since the first byte was seen.
private struct Stopwatch {
    private var start: (time: ContinuousClock.Instant, bytes: Int64)?
    private(set) var bytes: Int64 = 0
    private(set) var time: Duration = .zero
    var wasRefused = false

    /// Notes how many bytes there are now. Returns whether that is enough.
    mutating func look(at count: Int64) -> Bool {
        let now = ContinuousClock.now
        guard count > 0 else { return false }
        let start = start ?? (now, count)
        self.start = start
        bytes = count - start.bytes
        time = now - start.time
        return time >= BenchPlan.time || bytes >= BenchPlan.mostBytes
    }
}
