// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import SwoopCore

/// Whose certificates are accepted, and which one is shown.
enum TrustSettings {
    /// How long a connection that is closed waits for the other side to agree. A response that is broken off goes on
    /// meanwhile, at full speed and for nothing: an origin that is sending does not listen. In HTTP the length says where a
    /// body ends, so nobody needs the agreement (RFC 9110 section 8.6, RFC 9112 section 9.8).
    static let farewell: TimeAmount = .milliseconds(1)

    /// Makes the settings of a client.
    ///
    /// - Parameters:
    ///   - options: whom to trust, and the user's certificate.
    ///   - route: says which certificate the server may ask for.
    /// - Returns: settings for TLS.
    /// - Throws: `TransferFailure` if a file cannot be used.
    static func configuration(
        for options: HTTPOptions,
        showing route: Route
    ) throws(TransferFailure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // Older versions can be read and changed by others (RFC 8996).
        configuration.minimumTLSVersion = .tlsv12
        configuration.shutdownTimeout = farewell
        if options.acceptsAnyCertificate {
            configuration.certificateVerification = .none
        }
        try show(route, in: &configuration)
        guard let file = options.authorityFile else { return configuration }
        do {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
        } catch {
            throw TransferFailure(.tlsRefused, "cannot read certificates from \(file): give a readable PEM file")
        }
        return configuration
    }

    /// Makes a handshake's handler that says which host it wants, unless that is an address: addresses are not said (RFC 6066
    /// section 3).
    static func naming(
        _ host: String,
        _ make: (String?) throws -> NIOSSLClientHandler
    ) throws -> NIOSSLClientHandler {
        do {
            return try make(host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try make(nil)
        }
    }

    private static func show(_ route: Route, in configuration: inout TLSConfiguration) throws(TransferFailure) {
        guard let file = route.certificateFile else { return }
        let keyFile = route.keyFile ?? file
        do {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
        } catch {
            throw TransferFailure(.tlsRefused, "cannot read a certificate from \(file): give a readable PEM file")
        }
        do {
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem))
        } catch {
            let advice = "give a readable PEM file without a passphrase with --key"
            throw TransferFailure(.tlsRefused, "cannot read a private key from \(keyFile): \(advice)")
        }
    }
}
