// SPDX-License-Identifier: Apache-2.0

/// The hash of some bytes together with the algorithm that made it.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The hash function.
    public let algorithm: DigestAlgorithm
    /// The hash, exactly as many bytes as the algorithm yields.
    public let bytes: [UInt8]

    /// Makes a digest; `nil` unless there are exactly `algorithm.byteCount` bytes.
    public init?(algorithm: DigestAlgorithm, bytes: [UInt8]) {
        guard bytes.count == algorithm.byteCount else { return nil }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Makes a digest from hex digits in any case; `nil` unless there are exactly `2 * algorithm.byteCount` of them.
    public init?(algorithm: DigestAlgorithm, hex: some StringProtocol) {
        let digits = hex.utf8.compactMap(ASCII.hexValue)
        guard digits.count == hex.utf8.count, digits.count == algorithm.byteCount * 2 else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        self.init(algorithm: algorithm, bytes: bytes)
    }

    /// Reads `ALGORITHM:HEX` or `ALGORITHM=HEX`, as in `sha-256:9f86…`.
    ///
    /// - Returns: `nil` for an unknown algorithm, another length than its own, or anything that is no hex digit.
    public static func parse(_ text: String) -> Digest? {
        guard let mark = text.utf8.firstIndex(where: { ":=".utf8.contains($0) }) else { return nil }
        guard let algorithm = DigestAlgorithm.parse(String(text[..<mark])) else { return nil }
        return Digest(algorithm: algorithm, hex: text[text.utf8.index(after: mark)...])
    }

    /// The hash as lower-case hex digits, two for each byte.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// `sha-256:` and the hex digits; ``parse(_:)`` reads it back.
    public var description: String {
        algorithm.rawValue + ":" + hex
    }
}
