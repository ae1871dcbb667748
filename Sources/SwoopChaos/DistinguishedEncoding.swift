// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The Distinguished Encoding Rules (X.690), as much of them as a certificate needs.
enum DistinguishedEncoding {
    typealias Bytes = [UInt8]

    static func sequence(_ parts: Bytes...) -> Bytes { element(0x30, parts.flatMap { $0 }) }
    static func set(_ parts: Bytes...) -> Bytes { element(0x31, parts.flatMap { $0 }) }
    static func octets(_ bytes: Bytes) -> Bytes { element(0x04, bytes) }
    static func text(_ text: String) -> Bytes { element(0x0C, Bytes(text.utf8)) }
    static func isTrue() -> Bytes { element(0x01, [0xFF]) }

    /// A string of bits; the last `unused` of them mean nothing.
    static func bits(_ bytes: Bytes, unused: UInt8 = 0) -> Bytes { element(0x03, [unused] + bytes) }

    /// An object identifier in its encoded form.
    static func identifier(_ bytes: Bytes) -> Bytes { element(0x06, bytes) }

    /// A number that is not negative, most significant byte first.
    static func integer(_ magnitude: Bytes) -> Bytes {
        let significant = Bytes(magnitude.drop { $0 == 0 })
        let needsSign = (significant.first ?? 0x80) >= 0x80
        return element(0x02, (needsSign ? [0] : []) + significant)
    }

    /// An instant; years from 1950 to 2049 only.
    static func time(_ secondsSinceEpoch: Int64) -> Bytes {
        var seconds = time_t(secondsSinceEpoch)
        var date = tm()
        gmtime_r(&seconds, &date)
        let parts = [date.tm_year % 100, date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec]
        let digits = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        return element(0x17, Bytes((digits + "Z").utf8))
    }

    /// An element whose meaning its place gives it.
    static func tagged(_ number: UInt8, isConstructed: Bool, _ content: Bytes) -> Bytes {
        element(0x80 | (isConstructed ? 0x20 : 0) | number, content)
    }

    private static func element(_ tag: UInt8, _ content: Bytes) -> Bytes { [tag] + length(content.count) + content }

    private static func length(_ count: Int) -> Bytes {
        guard count >= 0x80 else { return [UInt8(count)] }
        let bytes = withUnsafeBytes(of: count.bigEndian) { Bytes($0.drop { $0 == 0 }) }
        return [0x80 | UInt8(bytes.count)] + bytes
    }
}
