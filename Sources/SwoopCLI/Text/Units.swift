// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// Amounts and times as a person reads them.
enum Units {
    /// `2.41 of 3.81 GiB`; the first unit is left out where it is the second's.
    static func amount(_ bytes: Int64, of length: Int64) -> String {
        let part = ByteCount.format(bytes).split(separator: " ")
        let whole = ByteCount.format(length)
        guard part.count == 2, whole.hasSuffix(" " + part[1]) else { return "\(ByteCount.format(bytes)) of \(whole)" }
        return "\(part[0]) of \(whole)"
    }

    /// `2,000`.
    static func grouped(_ number: Int64) -> String {
        let digits = String(number)
        let first = (digits.utf8.count - 1) % 3 + 1
        var result = String(digits.prefix(first))
        for offset in stride(from: first, to: digits.utf8.count, by: 3) {
            result += "," + digits.dropFirst(offset).prefix(3)
        }
        return result
    }

    /// Whole percents, rounded down so that 100 means all of it.
    static func percent(_ bytes: Int64, of length: Int64) -> Int {
        guard length > 0, bytes < length else { return 100 }
        return min(99, max(0, Int(Double(bytes) / Double(length) * 100)))
    }

    /// Two decimals in the largest fitting power of 1024, as the segment report has them: `25.00 MiB`.
    static func twoDecimals(_ bytes: Int64) -> String {
        let names = ["KiB", "MiB", "GiB", "TiB", "PiB"]
        guard bytes >= 1024 else { return "\(max(0, bytes)) B" }
        let power = min(names.count, (63 - bytes.leadingZeroBitCount) / 10)
        let unit = Int64(1) << (10 * Int64(power))
        let hundredths = (bytes % unit * 100 + unit / 2) / unit
        let whole = bytes / unit + hundredths / 100
        return "\(whole).\(twoDigits(hundredths % 100)) \(names[power - 1])"
    }

    /// Bytes per second over `elapsed`, which counts as a millisecond at least.
    static func throughput(_ bytes: Int64, in elapsed: Duration) -> Int64 {
        let rate = Double(max(0, bytes)) / max(0.001, seconds(elapsed))
        return Int64(exactly: rate.rounded()) ?? .max
    }

    /// `430 ms`, `18.2 s`, `3 min 12 s`, `1 h 4 min`.
    static func elapsed(_ time: Duration) -> String {
        let milliseconds = milliseconds(time)
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        guard milliseconds >= 59_950 else {
            let tenths = (milliseconds + 50) / 100
            return "\(tenths / 10).\(tenths % 10) s"
        }
        return coarse((milliseconds + 500) / 1000)
    }

    /// `6 s`, `3 min 12 s`, `1 h 4 min`, `3 d 4 h`; rounded up to whole seconds.
    static func remaining(_ time: Duration) -> String {
        coarse(max(1, (milliseconds(time) + 999) / 1000))
    }

    /// Whole milliseconds, not below zero.
    static func milliseconds(_ time: Duration) -> Int64 {
        let (seconds, attoseconds) = time.components
        guard seconds < 1 << 50 else { return 1 << 60 }
        return max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    static func seconds(_ time: Duration) -> Double {
        let (seconds, attoseconds) = time.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static func coarse(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<172_800: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
