// SPDX-License-Identifier: Apache-2.0

/// Host names outside of ASCII, in the form that resolvers take: `bücher.example` is `xn--bcher-kva.example`.
///
/// Lower case and composed, as UTS 46 asks for; what its tables map besides (full width, ligatures) is refused, so that a
/// name is never read as another one.
/// - Source: RFC 5890; RFC 3492 for the encoding.
enum InternationalHost {
    /// The name in ASCII and lower case, as it is if it was ASCII before; `nil` if another character can stand in no host name, or a label is longer than 63 bytes.
    static func ascii(_ host: some StringProtocol) -> String? {
        if host.utf8.allSatisfy({ $0 < 0x80 }) { return ASCII.lowercased(host) }
        guard host.utf8.count <= longest else { return nil }
        let labels = host.unicodeScalars.split(omittingEmptySubsequences: false) { fullStops.contains($0.value) }
        var result: [String] = []
        for label in labels {
            let lower = String(String.UnicodeScalarView(label)).lowercased()
            let scalars = lower.flatMap(composed)
            guard scalars.allSatisfy(isAllowed) else { return nil }
            let encoded = scalars.allSatisfy(\.isASCII) ? lower : punycode(scalars).map { "xn--" + $0 }
            guard let encoded, encoded.utf8.count <= 63 else { return nil }
            result.append(encoded)
        }
        return result.joined(separator: ".")
    }

    /// More bytes than any name has that can be looked up (RFC 1035 section 2.3.4), whatever its script.
    private static let longest = 1_024

    /// The full stop and those of other scripts.
    private static let fullStops: Set<UInt32> = [0x2E, 0x3002, 0xFF0E, 0xFF61]

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ASCII.isAlphanumeric(UInt8(scalar.value)) || scalar == "-" || scalar == "_" }
        guard !scalar.properties.changesWhenNFKCCaseFolded || lowerCaseThatFolds.contains(scalar) else { return false }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .nonspacingMark, .spacingMark,
            .otherSymbol:
            return true
        default: return false
        }
    }

    /// Letters that host names keep, although folding changes them (RFC 5892 section 2.6).
    private static let lowerCaseThatFolds: Set<Unicode.Scalar> = ["\u{DF}", "\u{3C2}"]

    /// A letter with its marks as one scalar, if Unicode has it: keyboards send that, some file systems do not.
    private static func composed(_ character: Character) -> [Unicode.Scalar] {
        composedForms[character].map { [$0] } ?? Array(character.unicodeScalars)
    }

    /// Letters with marks, by themselves in any canonically equivalent spelling: Latin, Greek and Cyrillic.
    private static let composedForms: [Character: Unicode.Scalar] = {
        let letters = (Array(0xC0...0x4FF) + Array(0x1E00...0x1FFF)).compactMap { Unicode.Scalar(UInt32($0)) }
        return Dictionary(letters.map { (Character($0), $0) }) { first, _ in first }
    }()

    // MARK: Punycode (RFC 3492 section 6.3)

    private static let (base, leastThreshold, mostThreshold) = (36, 1, 26)
    private static let (skew, damp, firstBias, firstCode) = (38, 700, 72, 0x80)

    /// `nil` if a number overflows, which no label of 63 bytes makes happen.
    private static func punycode(_ scalars: [Unicode.Scalar]) -> String? {
        let plain = scalars.filter(\.isASCII)
        var output = plain.map { UInt8($0.value) }
        if !plain.isEmpty { output.append(UInt8(ascii: "-")) }
        var (code, delta, bias, handled) = (firstCode, 0, firstBias, plain.count)
        while handled < scalars.count {
            guard let next = scalars.map({ Int($0.value) }).filter({ $0 >= code }).min() else { return nil }
            let (step, overflows) = (next - code).multipliedReportingOverflow(by: handled + 1)
            guard !overflows, output.count <= 63 else { return nil }
            (delta, code) = (delta + step, next)
            for value in scalars.map({ Int($0.value) }) {
                if value < code { delta += 1 }
                guard value == code else { continue }
                output += digits(of: delta, bias: bias)
                bias = adapted(delta, to: handled + 1, isFirst: handled == plain.count)
                (delta, handled) = (0, handled + 1)
            }
            (delta, code) = (delta + 1, code + 1)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A number in digits whose weights depend on the bias.
    private static func digits(of number: Int, bias: Int) -> [UInt8] {
        var (rest, output) = (number, [UInt8]())
        for position in stride(from: base, through: base * 64, by: base) {
            let threshold = min(max(position - bias, leastThreshold), mostThreshold)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
        }
        return output + [digit(rest)]
    }

    private static func digit(_ value: Int) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }

    private static func adapted(_ delta: Int, to count: Int, isFirst: Bool) -> Int {
        var scaled = isFirst ? delta / damp : delta / 2
        scaled += scaled / count
        var steps = 0
        while scaled > (base - leastThreshold) * mostThreshold / 2 {
            scaled /= base - leastThreshold
            steps += base
        }
        return steps + (base - leastThreshold + 1) * scaled / (scaled + skew)
    }
}
