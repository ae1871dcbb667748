// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct ByteCountTests {
    @Test(
        "reads sizes",
        arguments: [
            ("0", 0), ("512", 512), ("512B", 512), ("512b", 512), ("007", 7), ("0K", 0),
            ("1K", 1024), ("200K", 204_800), ("200k", 204_800), ("1KiB", 1024), ("1kib", 1024), ("1KB", 1000),
            ("1kb", 1000),
            ("1M", 1 << 20), ("64MiB", 64 << 20), ("10MB", 10_000_000), ("1G", 1 << 30), ("1GiB", 1 << 30),
            ("1GB", 1_000_000_000),
            ("1T", 1 << 40), ("1TiB", 1 << 40), ("1TB", 1_000_000_000_000),
            ("1.5G", 1_610_612_736), ("0.5K", 512), ("1.0K", 1024), ("0.1K", 102), ("0.15K", 153), ("1.999KB", 1999),
            ("0.0009KB", 0), ("0.999999999999999999999999999999K", 1023), ("1.000000000001T", 1_099_511_627_777),
            ("0.123456789012TB", 123_456_789_012),
            ("9223372036854775807", Int64.max),
            ("9223372036854775.8KB", 9_223_372_036_854_775_800), ("8388607T", 9_223_370_937_343_148_032),
            ("8388607.9T", 9_223_371_926_903_613_030),
        ] as [(String, Int64)]
    )
    func reads(text: String, expected: Int64) {
        #expect(ByteCount.parse(text) == expected)
    }

    @Test(
        "refuses what is no size",
        arguments: [
            "", " ", "K", "KiB", ".", ".5K", "1.K", "1..5K", "1.5.5K", "1.5", "1.0", "1.5B", "-1", "-1K", "+1",
            "1 K", " 1", "1 ",
            "1K ", "1KK", "1Ki", "1P", "1X", "1e3", "0x10", "1,5K", "1_000", "٣K", "1K\u{301}", "1\u{0}", "K1",
            "1M5", "inf", "nan",
        ]
    )
    func refuses(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test(
        "refuses what does not fit",
        arguments: [
            "9223372036854775808", "99999999999999999999999", "8388608T", "9007199254740992K", "9223373TB",
            "9223372036854775807K",
            "9223372036854775807.5K", "9223372036854775.9KB",
        ]
    )
    func overflow(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test(
        "writes three significant digits",
        arguments: [
            (0, "0 B"), (1, "1 B"), (512, "512 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1029, "1.00 KiB"),
            (1030, "1.01 KiB"),
            (1536, "1.50 KiB"), (10_230, "9.99 KiB"), (10_239, "10.0 KiB"), (10_240, "10.0 KiB"),
            (102_348, "99.9 KiB"),
            (102_399, "100 KiB"), (102_400, "100 KiB"), (1_047_552, "1023 KiB"), (1_048_063, "1023 KiB"),
            (1_048_064, "1.00 MiB"),
            (1 << 20, "1.00 MiB"), (212 << 20, "212 MiB"), (4_090_956_349, "3.81 GiB"), (1 << 30, "1.00 GiB"),
            (1 << 40, "1.00 TiB"),
            (1 << 50, "1.00 PiB"), (1 << 60, "1.00 EiB"), (Int64.max, "8.00 EiB"), (-1, "0 B"), (Int64.min, "0 B"),
        ] as [(Int64, String)]
    )
    func writes(bytes: Int64, expected: String) {
        #expect(ByteCount.format(bytes) == expected)
    }

    @Test(
        "writes throughputs",
        arguments: [
            (222_298_112, "212 MiB/s"), (0, "0 B/s"), (0.4, "0 B/s"), (0.6, "1 B/s"), (-5, "0 B/s"), (.nan, "0 B/s"),
            (.infinity, "8.00 EiB/s"), (-.infinity, "0 B/s"), (1e300, "8.00 EiB/s"),
        ] as [(Double, String)]
    )
    func rates(rate: Double, expected: String) {
        #expect(ByteCount.formatRate(rate) == expected)
    }

    @Test("writes whole-number throughputs the same")
    func wholeRates() {
        #expect(ByteCount.formatRate(Int64(222_298_112)) == "212 MiB/s")
    }
}
