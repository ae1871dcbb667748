// SPDX-License-Identifier: Apache-2.0

/// A point in time as signatures write it: ISO 8601 basic format, in UTC, to the second.
///
/// - Source: AWS docs "Elements of an AWS API request signature", X-Amz-Date.
struct SigningDate: Hashable, Sendable {
    /// `20130524T000000Z`.
    let timestamp: String
    /// `20130524`: the day that a signing key is for.
    let day: String

    /// Makes the date from seconds since 1970-01-01T00:00:00Z; those outside 1970 to 9999 are clamped.
    init(seconds: Int64) {
        let clamped = Int(min(max(0, seconds), Self.lastSecond))
        let (days, second) = clamped.quotientAndRemainder(dividingBy: 86_400)
        day = Self.day(days)
        let time = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }.joined()
        timestamp = "\(day)T\(time)Z"
    }

    /// 9999-12-31T23:59:59Z.
    private static let lastSecond: Int64 = 253_402_300_799
    /// Days in 400 years; the calendar repeats after them.
    private static let daysInCycle = 146_097

    private static func day(_ sinceEpoch: Int) -> String {
        var year = 1970 + sinceEpoch / daysInCycle * 400
        var rest = sinceEpoch % daysInCycle
        while rest >= days(inYear: year) {
            rest -= days(inYear: year)
            year += 1
        }
        var month = 1
        while rest >= days(inMonth: month, year: year) {
            rest -= days(inMonth: month, year: year)
            month += 1
        }
        return padded(year, 4) + padded(month, 2) + padded(rest + 1, 2)
    }

    private static func days(inYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

    private static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
