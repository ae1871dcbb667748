// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL
internal import SwoopCore

/// Whose certificates are accepted.
enum TrustSettings {
    static func configuration(for options: HTTPOptions) throws(TransferFailure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if options.acceptsAnyCertificate {
            configuration.certificateVerification = .none
        }
        guard let file = options.authorityFile else { return configuration }
        do {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
        } catch {
            throw TransferFailure(.tlsRefused, "cannot read certificates from \(file): give a readable PEM file")
        }
        return configuration
    }
}
