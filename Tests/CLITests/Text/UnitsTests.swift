// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCLI

@Suite("Units")
struct UnitsTests {
    @Test(
        "says how much of how much, with one unit where one is enough",
        arguments: [
            (2_587_738_112, 4_090_972_570, "2.41 of 3.81 GiB"), (859_832_320, 4_090_972_570, "820 MiB of 3.81 GiB"),
            (0, 100, "0 of 100 B"), (0, 2048, "0 B of 2.00 KiB"),
        ]
    )
    func amount(bytes: Int64, length: Int64, text: String) {
        #expect(Units.amount(bytes, of: length) == text)
    }

    @Test(
        "rounds percents down and says 100 only of all",
        arguments: [
            (0, 10, 0), (9, 10, 90), (999, 1000, 99), (1000, 1000, 100), (0, 0, 100), ((1 << 60) - 1, 1 << 60, 99),
        ]
    )
    func percent(bytes: Int64, length: Int64, percent: Int) {
        #expect(Units.percent(bytes, of: length) == percent)
    }

    @Test(
        "writes two decimals as the segment report has them",
        arguments: [
            (26_214_400, "25.00 MiB"), (1023, "1023 B"), (1024, "1.00 KiB"), (1_048_575, "1024.00 KiB"),
            (18_108_908, "17.27 MiB"), (Int64.max, "8192.00 PiB"), (-5, "0 B"),
        ]
    )
    func twoDecimals(bytes: Int64, text: String) {
        #expect(Units.twoDecimals(bytes) == text)
    }

    @Test(
        "says how long it took",
        arguments: [
            (Duration.milliseconds(430), "430 ms"), (.milliseconds(18_240), "18.2 s"),
            (.milliseconds(59_960), "1 min 0 s"), (.seconds(192), "3 min 12 s"), (.seconds(3840), "1 h 4 min"),
            (.seconds(-1), "0 ms"),
        ]
    )
    func elapsed(time: Duration, text: String) {
        #expect(Units.elapsed(time) == text)
    }

    @Test(
        "says how long it will take, rounded up",
        arguments: [
            (Duration.milliseconds(5400), "6 s"), (.zero, "1 s"), (.seconds(59.5), "1 min 0 s"),
            (.seconds(190_000), "2 d 4 h"), (.seconds(1e9), "11574 d 1 h"),
        ]
    )
    func remaining(time: Duration, text: String) {
        #expect(Units.remaining(time) == text)
    }

    @Test("survives a throughput over no time and over no bytes")
    func throughput() {
        #expect(Units.throughput(1000, in: .zero) == 1_000_000)
        #expect(Units.throughput(-1, in: .seconds(1)) == 0)
        #expect(Units.throughput(.max, in: .zero) == .max)
    }

    @Test(
        "groups digits",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")]
            as [(Int64, String)]
    )
    func grouped(number: Int64, text: String) {
        #expect(Units.grouped(number) == text)
    }
}
