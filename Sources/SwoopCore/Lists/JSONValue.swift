// SPDX-License-Identifier: Apache-2.0

/// A JSON value of the few kinds that events and manifests have.
package enum JSONValue: Hashable, Sendable {
    case string(String)
    case integer(Int64)
    /// Written with at most three decimals; what is no finite number becomes `null`.
    case number(Double)
    case array([JSONValue])
    case null

    /// A string, or `null`.
    package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    /// An integer, or `null`.
    package static func optional(_ number: Int64?) -> JSONValue { number.map { .integer($0) } ?? .null }

    /// The value as JSON text (RFC 8259).
    package var text: String {
        switch self {
        case .string(let text): Self.quoted(text.utf8)
        case .integer(let number): String(number)
        case .number(let number) where number.isFinite: Self.rounded(number)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .number, .null: "null"
        }
    }

    /// Fields in order as one line of NDJSON.
    package static func line(_ fields: [(String, JSONValue)]) -> String {
        "{" + fields.map { quoted($0.0.utf8) + ":" + $0.1.text }.joined(separator: ",") + "}\n"
    }

    /// Text in quotes; controls are escaped (C1 too, for terminals' sake), bytes that are no UTF-8 become U+FFFD.
    package static func quoted(_ bytes: some Collection<UInt8>) -> String {
        var result = "\""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar): result += escaped(scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// C0, DEL and C1: what Unicode's category `Cc` has, without looking it up.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func escaped(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func rounded(_ number: Double) -> String {
        let thousandths = (number * 1000).rounded()
        guard abs(thousandths) < 1e15 else { return String(number) }
        let value = thousandths / 1000
        return value == value.rounded() ? String(Int64(value)) : String(value)
    }
}
