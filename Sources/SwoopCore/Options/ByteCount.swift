// SPDX-License-Identifier: Apache-2.0

/// Numbers of bytes as people write and read them.
public enum ByteCount {
    /// Reads `512`, `200K`, `1.5G`, `64MiB` or `10MB`.
    ///
    /// `K M G T` and `KiB MiB GiB TiB` are powers of 1024, `KB MB GB TB` powers of 1000, `B` or nothing is bytes; case
    /// does not matter. A fraction needs a digit on both sides of its point and a unit above bytes; a part of a byte is
    /// dropped.
    /// - Returns: 0 or more; `nil` for a sign, a space, another unit, or more than `Int64.max`.
    public static func parse(_ text: String) -> Int64? {
        let unitStart = text.utf8.firstIndex { !ASCII.isDigit($0) && $0 != UInt8(ascii: ".") } ?? text.endIndex
        guard let unit = unitSize(ASCII.lowercased(text[unitStart...])) else { return nil }
        let number = text[..<unitStart]
        guard let point = number.utf8.firstIndex(of: UInt8(ascii: ".")) else {
            return scaled(number, by: unit)
        }
        guard unit > 1, let whole = scaled(number[..<point], by: unit),
            let part = fraction(number[number.utf8.index(after: point)...], of: unit)
        else { return nil }
        let (sum, overflow) = whole.addingReportingOverflow(part)
        return overflow ? nil : sum
    }

    /// Three significant digits in the largest fitting power of 1024: `512 B`, `3.81 GiB`, `212 MiB`.
    ///
    /// Below 1 KiB the number is exact, and 1000 to 1023 of a unit have four digits. A negative number counts as zero.
    public static func format(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(max(0, bytes)) B" }
        var value = Double(bytes) / 1024
        var unit = 0
        while value >= 1023.5 {
            value /= 1024
            unit += 1
        }
        return "\(threeDigits(value)) \(binaryUnits[unit])"
    }

    /// A throughput as ``format(_:)`` writes it, per second: `212 MiB/s`.
    public static func formatRate(_ bytesPerSecond: Int64) -> String {
        format(bytesPerSecond) + "/s"
    }

    /// A throughput as ``format(_:)`` writes it, per second: `212 MiB/s`. What is no number counts as zero.
    public static func formatRate(_ bytesPerSecond: Double) -> String {
        guard bytesPerSecond > 0 else { return formatRate(Int64(0)) }
        return formatRate(bytesPerSecond < 0x1p62 ? Int64(bytesPerSecond + 0.5) : Int64.max)
    }

    /// `Int64.max` is 8 EiB, so that no larger unit is needed.
    private static let binaryUnits = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    private static func unitSize(_ name: String) -> Int64? {
        switch name {
        case "", "b": 1
        case "k", "kib": 1 << 10
        case "m", "mib": 1 << 20
        case "g", "gib": 1 << 30
        case "t", "tib": 1 << 40
        case "kb": 1_000
        case "mb": 1_000_000
        case "gb": 1_000_000_000
        case "tb": 1_000_000_000_000
        default: nil
        }
    }

    private static func scaled(_ digits: Substring, by unit: Int64) -> Int64? {
        guard let number = ASCII.decimal(digits) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }

    /// The floor of `0.digits * unit`, from the last digit to the first so that nothing overflows or is lost.
    private static func fraction(_ digits: Substring, of unit: Int64) -> Int64? {
        guard !digits.isEmpty, digits.utf8.allSatisfy(ASCII.isDigit) else { return nil }
        return digits.utf8.reversed().reduce(0) { (Int64(ASCII.hexValue($1) ?? 0) * unit + $0) / 10 }
    }

    /// `value` from 0 to below 1024 with two, one or no decimals, rounded to the nearest.
    ///
    /// Adds a half instead of calling `rounded()`, which needs the C mathematics library.
    private static func threeDigits(_ value: Double) -> String {
        let hundredths = Int(value * 100 + 0.5)
        if hundredths < 1000 { return "\(hundredths / 100)." + twoDigits(hundredths % 100) }
        let tenths = Int(value * 10 + 0.5)
        return tenths < 1000 ? "\(tenths / 10).\(tenths % 10)" : "\(Int(value + 0.5))"
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
