// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct ContentRangeTests {
    private static let largest = "9223372036854775807"

    @Test(
        "reads a satisfied range as half-open",
        arguments: [
            ("bytes 0-0/1", 0, 1, 1),
            ("bytes 0-9/10", 0, 10, 10),
            ("bytes 5-9/100", 5, 10, 100),
            ("BYTES 5-9/*", 5, 10, nil),
            ("Bytes 007-009/0100", 7, 10, 100),
            ("  bytes 0-1/2\t", 0, 2, 2),
            ("bytes 0-9223372036854775806/9223372036854775807", 0, Int64.max, Int64.max),
            ("bytes 9223372036854775806-9223372036854775806/*", Int64.max - 1, Int64.max, nil),
        ] as [(String, Int64, Int64, Int64?)]
    )
    func satisfied(value: String, lower: Int64, upper: Int64, complete: Int64?) {
        #expect(ContentRange.parse(value) == .range(ByteRange(lower, upper), complete: complete))
    }

    @Test(
        "reads an unsatisfied range",
        arguments: [("bytes */0", 0), ("bytes */1234", 1234), ("bytes */" + largest, Int64.max)] as [(String, Int64)]
    )
    func unsatisfied(value: String, complete: Int64) {
        #expect(ContentRange.parse(value) == .unsatisfied(complete: complete))
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", " ", "bytes", "bytes ", "bytes 0-9", "bytes 0-9/", "bytes /10", "bytes -/10", "bytes 0-/10",
            "bytes -9/10",
            "0-9/10", "bytes=0-9/10", "bytes: 0-9/10", "bytes0-9/10", "items 0-9/10", "byte 0-9/10", "bytes\t0-9/10",
            "bytes  0-9/10", "bytes 0 - 9/10", "bytes 0-9 / 10", "bytes 0-9/10 ;x", "bytes 0-9/10x",
            "bytes 0-9/10/10",
            "bytes 0-9/10, bytes 0-9/10", "bytes 0-4,5-9/10", "bytes 0-9-9/10", "bytes +0-9/10", "bytes 0-+9/10",
            "bytes 0-9/+10", "bytes 0-9/-10", "bytes -1-9/10", "bytes 0x0-0x9/10", "bytes 0.0-9/10", "bytes ０-9/10",
            "bytes 0-9/1\u{301}0", "bytes 0-9\u{301}/10", "bytes 0-9/10\u{0}", "bytes 0-9\r\n/10",
        ]
    )
    func garbage(value: String) {
        #expect(ContentRange.parse(value) == nil)
    }

    @Test(
        "refuses contradictions",
        arguments: ["bytes 9-8/10", "bytes 1-0/*", "bytes 0-10/10", "bytes 0-0/0", "bytes 5-9/9", "bytes */*"]
    )
    func contradictions(value: String) {
        #expect(ContentRange.parse(value) == nil)
    }

    @Test(
        "refuses numbers that do not fit",
        arguments: [
            "bytes 0-\(largest)/*", "bytes \(largest)-\(largest)/*", "bytes 0-9223372036854775808/*",
            "bytes 0-9/9223372036854775808", "bytes */9223372036854775808", "bytes 0-1/99999999999999999999999999",
            "bytes 99999999999999999999-99999999999999999999/*",
        ]
    )
    func overflow(value: String) {
        #expect(ContentRange.parse(value) == nil)
    }
}
