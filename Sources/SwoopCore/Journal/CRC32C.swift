// SPDX-License-Identifier: Apache-2.0

/// The cyclic redundancy check of the Castagnoli polynomial: finds every burst of damage up to 32 bits long.
///
/// - Source: RFC 3720 section 12.1 and appendix B.4.
enum CRC32C {
    /// The check of `bytes`; of `123456789` in ASCII it is `0xE3069283`.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
    }

    /// What each byte does to the sum; the polynomial is reflected.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
    }
}
