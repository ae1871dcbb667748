// SPDX-License-Identifier: Apache-2.0

/// The proleptic Gregorian calendar from year 0 on; day 0 is 0000-01-01.
package enum CivilCalendar {
    /// Number of 1970-01-01.
    package static let epoch = 719_528

    package static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        (1..<month).reduce(daysBefore(year: year)) { $0 + days(inMonth: $1, year: year) } + day - 1
    }

    package static func date(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        var year = dayNumber / 366
        while daysBefore(year: year + 1) <= dayNumber { year += 1 }
        var rest = dayNumber - daysBefore(year: year)
        var month = 1
        while rest >= days(inMonth: month, year: year) {
            rest -= days(inMonth: month, year: year)
            month += 1
        }
        return (year, month, rest + 1)
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Each quotient, rounded up, counts the years from 0 to `year - 1` that its divisor divides.
    private static func daysBefore(year: Int) -> Int {
        365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400
    }

    /// A number with zeros in front, `width` digits at least.
    package static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
