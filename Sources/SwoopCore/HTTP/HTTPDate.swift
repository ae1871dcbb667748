// SPDX-License-Identifier: Apache-2.0

/// A point in time as HTTP writes it, to the second.
///
/// - Source: RFC 9110 section 5.6.7.
public struct HTTPDate: Hashable, Sendable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z, without leap seconds; negative before it.
    public let secondsSinceEpoch: Int64

    /// Makes the date from seconds since 1970-01-01T00:00:00Z.
    public init(secondsSinceEpoch: Int64) {
        self.secondsSinceEpoch = secondsSinceEpoch
    }

    /// Reads the three forms a recipient must accept: IMF-fixdate, RFC 850 and asctime.
    ///
    /// A two-digit year below 70 is of this century, as there is no clock here to apply the fifty-year rule with. That
    /// the name of the day belongs to the date is not checked.
    /// - Returns: `nil` for any other form, another zone than GMT, or a date that does not exist.
    public static func parse(_ value: String) -> HTTPDate? {
        let bytes = Array(ASCII.trimmed(value).utf8)
        return parseFixed(bytes) ?? parseRFC850(bytes) ?? parseAsctime(bytes)
    }

    /// The date as IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`; years outside 0000 to 9999 are clamped.
    public var wireForm: String {
        let seconds = min(max(secondsSinceEpoch, Self.firstSecond), Self.lastSecond) - Self.firstSecond
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = CivilCalendar.date(dayNumber: Int(days))
        let time = [second / 3600, second / 60 % 60, second % 60].map { CivilCalendar.padded(Int($0), 2) }
        let weekday = Self.weekdays[(Int(days) + Self.weekdayOfDayZero) % 7].prefix(3)
        return "\(weekday), \(CivilCalendar.padded(day, 2)) \(Self.months[month - 1]) \(CivilCalendar.padded(year, 4)) "
            + time.joined(separator: ":") + " GMT"
    }

    /// Whether `one` is earlier than `other`.
    public static func < (one: HTTPDate, other: HTTPDate) -> Bool {
        one.secondsSinceEpoch < other.secondsSinceEpoch
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    /// 0000-01-01 was a Saturday.
    private static let weekdayOfDayZero = 6
    /// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    private static let firstSecond: Int64 = -62_167_219_200
    private static let lastSecond: Int64 = 253_402_300_799
}

extension HTTPDate {
    private static func parseFixed(_ bytes: [UInt8]) -> HTTPDate? {
        guard matches(bytes, "aaa, dd aaa dddd dd:dd:dd GMT"), isWeekday(bytes[..<3], short: true) else { return nil }
        return date(
            year: number(bytes[12..<16]),
            month: bytes[8..<11],
            day: number(bytes[5..<7]),
            time: bytes[17..<25]
        )
    }

    private static func parseRFC850(_ bytes: [UInt8]) -> HTTPDate? {
        guard let comma = bytes.firstIndex(of: UInt8(ascii: ",")), isWeekday(bytes[..<comma], short: false) else {
            return nil
        }
        let rest = Array(bytes[comma...])
        guard matches(rest, ", dd-aaa-dd dd:dd:dd GMT") else { return nil }
        let year = number(rest[9..<11])
        return date(
            year: year < 70 ? 2000 + year : 1900 + year,
            month: rest[5..<8],
            day: number(rest[2..<4]),
            time: rest[12..<20]
        )
    }

    private static func parseAsctime(_ bytes: [UInt8]) -> HTTPDate? {
        guard matches(bytes, "aaa aaa sd dd:dd:dd dddd"), isWeekday(bytes[..<3], short: true) else { return nil }
        return date(
            year: number(bytes[20..<24]),
            month: bytes[4..<7],
            day: number(bytes[8..<10]),
            time: bytes[11..<19]
        )
    }

    /// Compares with a pattern of equal length: `a` is a letter, `d` a digit, `s` a digit or space, the rest itself.
    private static func matches(_ bytes: [UInt8], _ pattern: String) -> Bool {
        bytes.elementsEqual(pattern.utf8) { byte, rule in
            switch rule {
            case UInt8(ascii: "a"): ASCII.isLetter(byte)
            case UInt8(ascii: "d"): ASCII.isDigit(byte)
            case UInt8(ascii: "s"): ASCII.isDigit(byte) || byte == UInt8(ascii: " ")
            default: byte == rule
            }
        }
    }

    private static func isWeekday(_ name: ArraySlice<UInt8>, short: Bool) -> Bool {
        weekdays.contains { name.elementsEqual(short ? $0.utf8.prefix(3) : $0.utf8[...]) }
    }

    /// At most four characters that the pattern has checked; a leading space counts as zero.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int(ASCII.hexValue($1) ?? 0) }
    }

    /// Takes the time as `hh:mm:ss`, where `ss` may be 60 in a leap second.
    private static func date(year: Int, month: ArraySlice<UInt8>, day: Int, time: ArraySlice<UInt8>) -> HTTPDate? {
        guard let monthIndex = months.firstIndex(where: { month.elementsEqual($0.utf8) }) else { return nil }
        guard day >= 1, day <= CivilCalendar.days(inMonth: monthIndex + 1, year: year) else { return nil }
        let start = time.startIndex
        let hour = number(time[start..<start + 2])
        let minute = number(time[start + 3..<start + 5])
        let second = number(time[start + 6..<start + 8])
        guard hour <= 23, minute <= 59, second <= 60 else { return nil }
        let days = CivilCalendar.dayNumber(year: year, month: monthIndex + 1, day: day)
        return HTTPDate(secondsSinceEpoch: Int64(days * 86_400 + hour * 3600 + minute * 60 + second) + firstSecond)
    }
}
