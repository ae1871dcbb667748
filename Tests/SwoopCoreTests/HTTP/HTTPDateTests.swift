// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct HTTPDateTests {
    @Test(
        "reads the three forms of the same instant",
        arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    )
    func threeForms(value: String) {
        #expect(HTTPDate.parse(value)?.secondsSinceEpoch == 784_111_777)
        #expect(HTTPDate.parse(" \(value)\t")?.secondsSinceEpoch == 784_111_777)
    }

    /// Expected values are from `date -u -d … +%s`.
    private static let instants: [(String, Int64)] = [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
        ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
        ("Thu, 31 Dec 2020 23:59:59 GMT", 1_609_459_199),
        ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ("Tue, 19 Jan 2038 03:14:08 GMT", 2_147_483_648),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200),
    ]

    @Test("reads and writes instants across leap years and centuries", arguments: instants)
    func knownInstants(value: String, seconds: Int64) {
        #expect(HTTPDate.parse(value)?.secondsSinceEpoch == seconds)
        #expect(HTTPDate(secondsSinceEpoch: seconds).wireForm == value)
    }

    @Test(
        "places two-digit years around 1970",
        arguments: [
            ("Thursday, 01-Jan-70 00:00:00 GMT", 0),
            ("Friday, 31-Dec-99 23:59:59 GMT", 946_684_799),
            ("Saturday, 01-Jan-00 00:00:00 GMT", 946_684_800),
            ("Tuesday, 01-Jan-69 00:00:00 GMT", 3_124_224_000),
        ] as [(String, Int64)]
    )
    func twoDigitYears(value: String, seconds: Int64) {
        #expect(HTTPDate.parse(value)?.secondsSinceEpoch == seconds)
    }

    @Test("counts a leap second into the next minute")
    func leapSecond() {
        #expect(HTTPDate.parse("Sat, 31 Dec 2016 23:59:60 GMT") == HTTPDate.parse("Sun, 01 Jan 2017 00:00:00 GMT"))
        #expect(HTTPDate.parse("Sat, 31 Dec 2016 23:59:60 GMT")?.secondsSinceEpoch == 1_483_228_800)
    }

    @Test("reads a two-digit day in the asctime form")
    func asctimeTwoDigitDay() {
        #expect(HTTPDate.parse("Wed Nov 16 08:49:37 1994")?.secondsSinceEpoch == 784_975_777)
    }

    @Test(
        "refuses dates that do not exist",
        arguments: [
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
            "Mon, 29 Feb 2100 00:00:00 GMT", "Wed, 30 Feb 2000 00:00:00 GMT", "Sun, 32 Dec 1994 00:00:00 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Foo, 06 Nov 1994 08:49:37 GMT", "Foo Nov  6 08:49:37 1994",
            "Sun Nov    08:49:37 1994", "Monday, 31-Feb-94 08:49:37 GMT",
        ]
    )
    func impossible(value: String) {
        #expect(HTTPDate.parse(value) == nil)
    }

    @Test(
        "refuses other forms",
        arguments: [
            "", "0", "-1", "784111777", "Sun", "Sun,", ",", "1994-11-06T08:49:37Z", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 06 Nov 1994 08:49:37 GMT x", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 19941 08:49:37 GMT",
            "sun, 06 nov 1994 08:49:37 gmt", "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GM\u{301}", "Sun, ０6 Nov 1994 08:49:37 GMT",
        ]
    )
    func otherForms(value: String) {
        #expect(HTTPDate.parse(value) == nil)
    }

    @Test("reads back every form it writes, day by day over 400 years and more")
    func roundTrip() {
        for day in stride(from: Int64(-140_000), through: 180_000, by: 13) {
            let date = HTTPDate(secondsSinceEpoch: day * 86_400 + 45_296)
            #expect(HTTPDate.parse(date.wireForm) == date)
        }
    }

    @Test("clamps what four digits cannot show")
    func clamping() {
        #expect(HTTPDate(secondsSinceEpoch: .max).wireForm == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate(secondsSinceEpoch: .min).wireForm == "Sat, 01 Jan 0000 00:00:00 GMT")
    }

    @Test("orders by time")
    func ordering() {
        #expect(HTTPDate(secondsSinceEpoch: -1) < HTTPDate(secondsSinceEpoch: 0))
        #expect(!(HTTPDate(secondsSinceEpoch: 0) < HTTPDate(secondsSinceEpoch: 0)))
    }
}
