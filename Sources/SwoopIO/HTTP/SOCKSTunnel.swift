// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import SwoopCore

/// Makes each connection to a SOCKS proxy one to an origin, and secure if the origin is: the client, which believes that
/// the proxy is the origin and speaks plain HTTP, is none the wiser.
struct SOCKSTunnel: Sendable {
    private let handshake: SOCKSHandshake
    private let timeout: TimeAmount
    /// The host whose certificate is expected, and how it is verified; `nil` if the origin is not secure.
    private let secured: (host: String, context: NIOSSLContext)?

    /// The tunnel of a way; `nil` if none is needed.
    init?(_ way: ClientTransport.Way, _ trust: TLSConfiguration) throws(TransferFailure) {
        guard let target = way.route.target, let proxy = way.route.proxy else { return nil }
        handshake = SOCKSHandshake(
            host: way.route.addresses[target.host] ?? target.host,
            port: target.port,
            credentials: proxy.credentials
        )
        timeout = TimeAmount(way.connectTimeout)
        secured = target.scheme == "https" ? (target.host, try Self.context(trust)) : nil
    }

    private static func context(_ trust: TLSConfiguration) throws(TransferFailure) -> NIOSSLContext {
        var trust = trust
        trust.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: trust)
        } catch {
            throw TransportFailure.describe(error)
        }
    }

    /// Puts the tunnel between a connection's socket and everything else.
    func add(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let socks = SOCKSHandler(handshake, timeout: timeout)
        try pipeline.addHandler(socks, position: .first)
        // It speaks as soon as it is there, and what it says must wait for the proxy.
        if let secured { try pipeline.addHandler(try tls(secured), position: .after(socks)) }
    }

    private func tls(_ secured: (host: String, context: NIOSSLContext)) throws -> NIOSSLClientHandler {
        try TrustSettings.naming(secured.host) { name in
            try NIOSSLClientHandler(context: secured.context, serverHostname: name)
        }
    }
}
