// SPDX-License-Identifier: Apache-2.0

internal import Crypto
package import SwoopCore

/// Several digests over the same bytes.
package struct DigestSet {
    private let order: [DigestAlgorithm]
    private var sha256: SHA256?
    private var sha512: SHA512?
    private var sha1: Insecure.SHA1?
    private var md5: Insecure.MD5?

    /// Makes the digests of no bytes yet.
    package init(_ algorithms: [DigestAlgorithm]) {
        order = algorithms
        if algorithms.contains(.sha256) { sha256 = SHA256() }
        if algorithms.contains(.sha512) { sha512 = SHA512() }
        if algorithms.contains(.sha1) { sha1 = Insecure.SHA1() }
        if algorithms.contains(.md5) { md5 = Insecure.MD5() }
    }

    /// Whether nothing is to be computed.
    package var isEmpty: Bool { order.isEmpty }

    /// Adds the bytes that follow.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha256?.update(bufferPointer: bytes)
        sha512?.update(bufferPointer: bytes)
        sha1?.update(bufferPointer: bytes)
        md5?.update(bufferPointer: bytes)
    }

    /// The digests of the bytes so far, in the order of the algorithms asked for.
    package func digests() -> [SwoopCore.Digest] {
        order.compactMap { SwoopCore.Digest(algorithm: $0, bytes: bytes(of: $0)) }
    }

    private func bytes(of algorithm: DigestAlgorithm) -> [UInt8] {
        switch algorithm {
        case .sha256: sha256.map { Array($0.finalize()) } ?? []
        case .sha512: sha512.map { Array($0.finalize()) } ?? []
        case .sha1: sha1.map { Array($0.finalize()) } ?? []
        case .md5: md5.map { Array($0.finalize()) } ?? []
        }
    }
}
