// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct RetryAfterTests {
    private let now = HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT")

    @Test(
        "reads seconds between zero and one day",
        arguments: [
            ("0", 0), ("1", 1), ("120", 120), (" 7 ", 7), ("0030", 30), ("86400", 86_400), ("86401", 86_400),
            ("9223372036854775807", 86_400), ("9223372036854775808", 86_400), ("999999999999999999999999", 86_400),
            ("-1", 0), ("-99999999999999999999999", 0),
        ] as [(String, Int64)]
    )
    func seconds(value: String, expected: Int64) {
        #expect(RetryAfter.parse(value, date: nil) == .seconds(expected))
        #expect(RetryAfter.parse(value, date: now) == .seconds(expected))
    }

    @Test(
        "compares a date with the response's own clock",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
            ("Sunday, 06-Nov-94 08:50:07 GMT", 30),
            ("Sun Nov  6 08:50:07 1994", 30),
            ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
            ("Sat, 01 Jan 0000 00:00:00 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ] as [(String, Int64)]
    )
    func dates(value: String, expected: Int64) {
        #expect(RetryAfter.parse(value, date: now) == .seconds(expected))
        #expect(RetryAfter.parse(value, date: nil) == nil)
    }

    @Test("does not overflow against an extreme clock")
    func extremeClock() {
        let value = "Fri, 31 Dec 9999 23:59:59 GMT"
        #expect(RetryAfter.parse(value, date: HTTPDate(secondsSinceEpoch: .min)) == RetryAfter.maximum)
        #expect(RetryAfter.parse(value, date: HTTPDate(secondsSinceEpoch: .max)) == .zero)
        let past = "Sat, 01 Jan 0000 00:00:00 GMT"
        #expect(RetryAfter.parse(past, date: HTTPDate(secondsSinceEpoch: .max)) == .zero)
    }

    @Test(
        "refuses anything else",
        arguments: ["", " ", "-", "+5", "1.5", "5s", "5 5", "--5", "soon", "0x10", "٣", "1,2"]
    )
    func garbage(value: String) {
        #expect(RetryAfter.parse(value, date: now) == nil)
    }
}
