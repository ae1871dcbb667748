// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

extension S3Credentials {
    /// Reads credentials as containers, machines and programs write them: a JSON object.
    ///
    /// - Returns: `nil` for anything else.
    /// - Source: AWS SDKs and Tools reference guide, "Process credential provider", "Container credential provider".
    public init?(json text: String) {
        guard let fields = JSONReader.object(text), case .string(let key)? = fields["AccessKeyId"],
            case .string(let secret)? = fields["SecretAccessKey"]
        else { return nil }
        var token: String?
        for name in ["SessionToken", "Token"] {
            if case .string(let text)? = fields[name], !text.isEmpty { token = text }
        }
        var expiry: Int64?
        if case .string(let text)? = fields["Expiration"] { expiry = InternetDate.seconds(text) }
        self.init(accessKey: key, secretKey: secret, sessionToken: token, expiresAt: expiry)
    }
}

/// A date as RFC 3339 has it.
enum InternetDate {
    /// Seconds since 1970 of `2026-12-01T06:30:00Z`, with or without a fraction or an offset; `nil` for anything else.
    static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3A,
            bytes[16] == 0x3A
        else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), (1...12).contains(month), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        return offset(bytes[19...]).map { days * 86_400 + hour * 3_600 + minute * 60 + second - $0 }
    }

    /// Source: Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Seconds that the clock is ahead of UTC; a fraction of a second may stand in front.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let zone = Array(bytes.drop { $0 == UInt8(ascii: ".") || ASCII.isDigit($0) })
        if zone == [UInt8(ascii: "Z")] || zone == [UInt8(ascii: "z")] { return 0 }
        let text = String(decoding: zone, as: UTF8.self).replacing(":", with: "")
        guard text.utf8.count == 5, let number = Int64(text.dropFirst()), "+-".contains(text.first ?? " ") else {
            return nil
        }
        let seconds = number / 100 * 3_600 + number % 100 * 60
        return text.first == "-" ? -seconds : seconds
    }
}
