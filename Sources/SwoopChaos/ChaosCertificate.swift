// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Glibc
internal import NIOSSL

/// A certificate (RFC 5280) for a listener, or for the authority that signs it; made when the program first needs it.
struct ChaosCertificate: Sendable {
    /// What a certificate says.
    struct Statement {
        var subject = "swoop chaos"
        /// Names under which its listener is reached, encoded as GeneralNames.
        var names: [[UInt8]] = ChaosCertificate.loopback
        var isAuthority = false
        /// Seconds from now.
        var validity: ClosedRange<Int64> = -86_400...86_400 * 30
    }

    let subject: String
    let encoded: [UInt8]
    private let key: P256.Signing.PrivateKey

    /// Makes one that is signed by an authority, or by itself.
    ///
    /// - Throws: `CryptoKitError` if signing fails.
    init(_ statement: Statement, signedBy authority: ChaosCertificate? = nil) throws {
        key = P256.Signing.PrivateKey()
        subject = statement.subject
        let signer = authority?.key ?? key
        let content = Self.content(statement, key: key, issuer: authority?.subject ?? statement.subject)
        let signature = try signer.signature(for: content).derRepresentation
        encoded = DER.sequence(content, Self.algorithm, DER.bits([UInt8](signature)))
    }

    /// As a PEM file has it.
    var text: String {
        get throws {
            let base64 = Base64.encode(encoded)
            let lines = stride(from: 0, to: base64.count, by: 64).map { String(base64.dropFirst($0).prefix(64)) }
            return (["-----BEGIN CERTIFICATE-----"] + lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
        }
    }

    /// What a server needs to show it.
    ///
    /// - Throws: `NIOSSLError` if the library refuses it.
    func context(upTo newest: TLSVersion? = nil) throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: encoded, format: .der)
        let privateKey = try NIOSSLPrivateKey(bytes: [UInt8](key.derRepresentation), format: .der)
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)],
            privateKey: .privateKey(privateKey)
        )
        if let newest {
            settings.minimumTLSVersion = .tlsv1
            settings.maximumTLSVersion = newest
            settings.cipherSuites = "ECDHE-ECDSA-AES128-SHA"
        }
        return try NIOSSLContext(configuration: settings)
    }

    // MARK: Encoding

    private typealias DER = DistinguishedEncoding

    private static func content(_ statement: Statement, key: P256.Signing.PrivateKey, issuer: String) -> [UInt8] {
        let now = Int64(time(nil))
        let serial = withUnsafeBytes(of: UInt64.random(in: 1...UInt64(Int64.max)).bigEndian, Array.init)
        let version = DER.tagged(0, isConstructed: true, DER.integer([2]))
        let validity = DER.sequence(
            DER.time(now + statement.validity.lowerBound),
            DER.time(now + statement.validity.upperBound)
        )
        return DER.sequence(
            version,
            DER.integer(serial),
            algorithm,
            name(issuer),
            validity,
            name(statement.subject),
            [UInt8](key.publicKey.derRepresentation),
            DER.tagged(3, isConstructed: true, extensions(statement))
        )
    }

    private static func extensions(_ statement: Statement) -> [UInt8] {
        guard statement.isAuthority else {
            let names = DER.sequence(statement.names.flatMap { $0 })
            return DER.sequence(DER.sequence(DER.identifier([0x55, 0x1D, 0x11]), DER.octets(names)))
        }
        let constraints = DER.octets(DER.sequence(DER.isTrue()))
        let usage = DER.octets(DER.bits([0x06], unused: 1))
        return DER.sequence(
            DER.sequence(DER.identifier([0x55, 0x1D, 0x13]), DER.isTrue(), constraints),
            DER.sequence(DER.identifier([0x55, 0x1D, 0x0F]), DER.isTrue(), usage)
        )
    }

    private static func name(_ common: String) -> [UInt8] {
        DER.sequence(DER.set(DER.sequence(DER.identifier([0x55, 0x04, 0x03]), DER.text(common))))
    }

    /// ecdsa-with-SHA256 (RFC 5758).
    private static let algorithm = DER.sequence(DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]))

    /// The names of this machine to itself.
    static let loopback: [[UInt8]] = [
        hostName("localhost"),
        DER.tagged(7, isConstructed: false, [127, 0, 0, 1]),
        DER.tagged(7, isConstructed: false, Array(repeating: 0, count: 15) + [1]),
    ]

    static func hostName(_ name: String) -> [UInt8] { DER.tagged(2, isConstructed: false, [UInt8](name.utf8)) }
}
