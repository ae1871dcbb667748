// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// The table of `swoop bench`.
enum BenchText {
    static let header = "connections         rate    gain\n"

    /// One row: the number, what it brought, and how many times the row before.
    static func line(_ measurement: BenchPlan.Measurement, of plan: BenchPlan) -> String {
        let rate = measurement.throughput > 0 ? ByteCount.formatRate(measurement.throughput) : "too fast"
        let refused = measurement.wasRefused ? "  some turned away" : ""
        return pad("\(measurement.connections)", to: 11) + pad(rate, to: 13) + pad(gain(measurement, of: plan), to: 8)
            + refused + "\n"
    }

    private static func gain(_ measurement: BenchPlan.Measurement, of plan: BenchPlan) -> String {
        guard let before = plan.measurements.last(where: { $0.connections < measurement.connections }),
            before.throughput > 0
        else { return "" }
        let hundredths = Int((measurement.throughput / before.throughput * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)x"
    }

    private static func pad(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func advice(_ plan: BenchPlan) -> String { (plan.advice ?? "nothing came") + "\n" }

    static func json(_ measurement: BenchPlan.Measurement) -> String {
        JSONObject.line(
            event: "measurement",
            [
                ("connections", .integer(Int64(measurement.connections))),
                ("bytes", .integer(measurement.bytes)),
                ("seconds", .number(Units.seconds(measurement.time))),
                ("bytes_per_second", .integer(Int64(min(measurement.throughput, 1e18)))),
                ("refused", .integer(measurement.wasRefused ? 1 : 0)),
            ]
        )
    }

    static func json(_ plan: BenchPlan) -> String {
        JSONObject.line(
            event: "advice",
            [
                ("connections", plan.best.map { .integer(Int64($0.connections)) } ?? .null),
                ("text", .string(plan.advice ?? "nothing came")),
            ]
        )
    }
}
