// SPDX-License-Identifier: Apache-2.0

/// A hash function that a download can be verified with; the raw value is its name in RFC 9530 where it has one.
public enum DigestAlgorithm: String, Sendable, CaseIterable, Hashable, Codable {
    /// SHA-256.
    case sha256 = "sha-256"
    /// SHA-512.
    case sha512 = "sha-512"
    /// SHA-1: finds accidents, not attackers.
    case sha1 = "sha-1"
    /// MD5: finds accidents, not attackers.
    case md5

    /// Reads a name in any case, with or without its hyphen: `sha256`, `SHA-256`, `md5`.
    ///
    /// - Returns: `nil` for any other name.
    public static func parse(_ name: String) -> DigestAlgorithm? {
        switch ASCII.lowercased(name) {
        case "sha-256", "sha256": .sha256
        case "sha-512", "sha512": .sha512
        case "sha-1", "sha1": .sha1
        case "md5": .md5
        default: nil
        }
    }

    /// The length of a digest in bytes.
    public var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha512: 64
        case .sha1: 20
        case .md5: 16
        }
    }
}
