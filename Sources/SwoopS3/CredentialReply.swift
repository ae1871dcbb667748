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
        func digits(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = digits(0..<4), let month = digits(5..<7), (1...12).contains(month), let day = digits(8..<10),
            let hour = digits(11..<13), let minute = digits(14..<16), let second = digits(17..<19)
        else { return nil }
        let number = CivilCalendar.dayNumber(year: Int(year), month: Int(month), day: Int(day))
        let days = Int64(number - CivilCalendar.epoch)
        return offset(bytes[19...]).map { days * 86_400 + hour * 3_600 + minute * 60 + second - $0 }
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
