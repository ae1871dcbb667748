// SPDX-License-Identifier: Apache-2.0

/// SHA-256 (FIPS 180-4), so that the origin and the client under test do not share an implementation.
///
/// It has no generic calls in its inner loop, so that it is usable in a debug build too.
struct SHA256 {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19
    )
    /// Bytes that do not fill a block yet.
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count &+= UInt64(bytes.count)
        let missing = min(bytes.count, (Self.block - rest.count) % Self.block)
        rest += bytes[..<missing]
        if rest.count == Self.block { absorbRest() }
        let blocks = (bytes.count - missing) / Self.block
        let end = missing + blocks * Self.block
        absorb(UnsafeRawBufferPointer(rebasing: bytes[missing..<end]))
        rest += bytes[end...]
    }

    /// The digest of everything; nothing may follow.
    mutating func finish() -> [UInt8] {
        let bits = count &* 8
        rest.append(0x80)
        while rest.count % Self.block != Self.block - 8 { rest.append(0) }
        rest += withUnsafeBytes(of: bits.bigEndian, Array.init)
        absorbRest()
        let (a, b, c, d, e, f, g, h) = state
        return [a, b, c, d, e, f, g, h].flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
    }

    private static let block = 64

    private mutating func absorbRest() {
        let whole = rest
        rest.removeAll(keepingCapacity: true)
        whole.withUnsafeBytes { absorb($0) }
    }

    private mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            guard let words = schedule.baseAddress, let source = bytes.baseAddress else { return }
            Self.roundConstants.withUnsafeBufferPointer { constants in
                guard let constants = constants.baseAddress else { return }
                var offset = 0
                while offset < bytes.count {
                    Self.expand(source + offset, into: words)
                    compress(words, constants)
                    offset &+= Self.block
                }
            }
        }
    }

    /// The message schedule of one block.
    private static func expand(_ block: UnsafeRawPointer, into words: UnsafeMutablePointer<UInt32>) {
        var t = 0
        while t < 16 {
            words[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: t &* 4, as: UInt32.self))
            t &+= 1
        }
        while t < 64 {
            let (x, y) = (words[t &- 15], words[t &- 2])
            let small = ((x &>> 7) | (x &<< 25)) ^ ((x &>> 18) | (x &<< 14)) ^ (x &>> 3)
            let large = ((y &>> 17) | (y &<< 15)) ^ ((y &>> 19) | (y &<< 13)) ^ (y &>> 10)
            words[t] = words[t &- 16] &+ small &+ words[t &- 7] &+ large
            t &+= 1
        }
    }

    private mutating func compress(_ words: UnsafeMutablePointer<UInt32>, _ constants: UnsafePointer<UInt32>) {
        var (a, b, c, d, e, f, g, h) = state
        var t = 0
        while t < 64 {
            let mixed = ((e &>> 6) | (e &<< 26)) ^ ((e &>> 11) | (e &<< 21)) ^ ((e &>> 25) | (e &<< 7))
            let one = h &+ mixed &+ ((e & f) ^ (~e & g)) &+ constants[t] &+ words[t]
            let turned = ((a &>> 2) | (a &<< 30)) ^ ((a &>> 13) | (a &<< 19)) ^ ((a &>> 22) | (a &<< 10))
            let two = turned &+ ((a & b) ^ (a & c) ^ (b & c))
            h = g
            g = f
            f = e
            e = d &+ one
            d = c
            c = b
            b = a
            a = one &+ two
            t &+= 1
        }
        state.0 &+= a
        state.1 &+= b
        state.2 &+= c
        state.3 &+= d
        state.4 &+= e
        state.5 &+= f
        state.6 &+= g
        state.7 &+= h
    }

    /// The first 32 bits of the fractions of the cube roots of the first 64 primes (FIPS 180-4 section 4.2.2).
    private static let roundConstants: [UInt32] = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
        0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
        0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
        0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
        0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]
}
