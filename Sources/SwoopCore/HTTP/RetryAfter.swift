// SPDX-License-Identifier: Apache-2.0

/// Reads how long an origin asks to be left alone.
///
/// - Source: RFC 9110 section 10.2.3.
public enum RetryAfter {
    /// The longest wait that is believed: one day.
    public static let maximum: Duration = .seconds(maximumSeconds)
    private static let maximumSeconds: Int64 = 86_400

    /// Reads a `Retry-After` field value: seconds, or a date.
    ///
    /// - Parameters:
    ///   - value: the field value.
    ///   - date: the `Date` field of the same response, which a date is compared with, as the origin's clock may differ
    ///     from ours; `nil` if it had none.
    /// - Returns: zero to ``maximum``: a negative wait is zero, a longer one is clamped. `nil` for anything else, and
    ///   for a date without `date`.
    public static func parse(_ value: String, date: HTTPDate?) -> Duration? {
        let text = ASCII.trimmed(value)
        if let wait = delay(text) { return wait }
        guard let date, let until = HTTPDate.parse(value) else { return nil }
        let (wait, overflow) = until.secondsSinceEpoch.subtractingReportingOverflow(date.secondsSinceEpoch)
        guard !overflow else { return until < date ? .zero : maximum }
        return clamped(wait)
    }

    private static func delay(_ text: Substring) -> Duration? {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty, digits.utf8.allSatisfy(ASCII.isDigit) else { return nil }
        return isNegative ? .zero : clamped(ASCII.decimal(digits) ?? Int64.max)
    }

    private static func clamped(_ seconds: Int64) -> Duration {
        .seconds(min(max(0, seconds), maximumSeconds))
    }
}
