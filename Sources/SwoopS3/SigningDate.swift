// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

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
        let date = CivilCalendar.date(dayNumber: CivilCalendar.epoch + days)
        day = Self.digits([(date.year, 4), (date.month, 2), (date.day, 2)])
        timestamp = "\(day)T\(Self.digits([(second / 3600, 2), (second / 60 % 60, 2), (second % 60, 2)]))Z"
    }

    /// 9999-12-31T23:59:59Z.
    private static let lastSecond: Int64 = 253_402_300_799

    private static func digits(_ numbers: [(Int, Int)]) -> String {
        numbers.map { CivilCalendar.padded($0.0, $0.1) }.joined()
    }
}
