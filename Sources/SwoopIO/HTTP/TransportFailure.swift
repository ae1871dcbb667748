// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import SwoopCore

/// Says in the core's words what went wrong on the network.
enum TransportFailure {
    static func describe(_ error: any Error) -> TransferFailure {
        switch error {
        case let failure as TransferFailure: failure
        case let error as NIOConnectionError: connection(error)
        case let error as HTTPClientError: client(error)
        case let error as IOError: io(error)
        case let error as NIOSSLError: tls(error)
        case let error as NIOSSLExtraError: tls(extra: error)
        case let error as BoringSSLError: tlsRefused("\(error)")
        case is ChannelError: channel(error)
        case HTTPParserError.invalidEOFState: lost("the connection closed before the response was complete")
        case HTTPParserError.headerOverflow: lost("the origin sends header fields without end")
        case let error as HTTPParserError:
            TransferFailure(.invalidResponse, "the origin does not speak proper HTTP (\(error))")
        default: lost("the connection failed (\(error))")
        }
    }

    private static func lost(_ what: String) -> TransferFailure { TransferFailure(.connectionLost, what) }

    private static func connection(_ error: NIOConnectionError) -> TransferFailure {
        guard let first = error.connectionErrors.first else {
            return TransferFailure(.unknownHost, "no address for \(error.host): check the name and your network")
        }
        if first.error is ChannelError { return timeout }
        let reason = (first.error as? IOError).map { SystemText.describe($0.errnoCode) } ?? "\(first.error)"
        return TransferFailure(.connectFailed, "cannot connect to \(error.host):\(error.port): \(reason)")
    }

    private static var timeout: TransferFailure {
        TransferFailure(.connectTimeout, "no connection within the time-out: check the host and your network")
    }

    private static func client(_ error: HTTPClientError) -> TransferFailure {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: timeout
        case .proxyAuthenticationRequired:
            TransferFailure(
                .proxyRefused,
                "the proxy wants a login (407): write --proxy http://NAME:PASSWORD@HOST:PORT"
            )
        case .invalidProxyResponse:
            TransferFailure(.proxyRefused, "the proxy does not connect to this origin: check its rules")
        case .remoteConnectionClosed, .uncleanShutdown:
            lost("the connection closed before the response was complete")
        default: lost("the request failed (\(error))")
        }
    }

    private static func channel(_ error: any Error) -> TransferFailure {
        if case ChannelError.connectTimeout = error { return timeout }
        return lost("the connection failed (\(error))")
    }

    private static func io(_ error: IOError) -> TransferFailure {
        SystemText.isConnectError(error.errnoCode)
            ? TransferFailure(.connectFailed, "\(nameless)\(SystemText.describe(error.errnoCode))")
            : lost("the connection was lost: \(SystemText.describe(error.errnoCode))")
    }

    private static func tls(_ error: NIOSSLError) -> TransferFailure {
        switch error {
        case .handshakeFailed(let cause): tlsRefused("\(cause)")
        case .uncleanShutdown: lost("the connection closed before the response was complete")
        default: lost("the secure connection failed (\(error))")
        }
    }

    private static func tls(extra error: NIOSSLExtraError) -> TransferFailure {
        guard error == .failedToValidateHostname else { return tlsRefused("\(error)") }
        return TransferFailure(.tlsRefused, "the certificate is for another host: check the URL, or accept it with -k")
    }

    private static func tlsRefused(_ detail: String) -> TransferFailure {
        if detail.contains("CERTIFICATE_VERIFY_FAILED") { return untrusted }
        if detail.contains("WRONG_VERSION_NUMBER") {
            return TransferFailure(.tlsRefused, "there is no TLS at this port: check it, or write http:// instead")
        }
        guard detail.contains("UNSUPPORTED_PROTOCOL") || detail.contains("PROTOCOL_VERSION") else {
            return TransferFailure(.tlsRefused, "the TLS handshake failed (\(detail.prefix(160)))")
        }
        return TransferFailure(.tlsRefused, "the origin speaks no TLS that is safe: it needs TLS 1.2 or newer")
    }

    /// How the message begins where the error does not say whom we could not connect to.
    private static let nameless = "cannot connect: "

    /// Whether more can be said of a failure by who knows the route.
    static func isOfConnecting(_ failure: TransferFailure) -> Bool {
        failure == untrusted || failure.code == .connectFailed
    }

    /// A failure of a connection that goes by a proxy: what could not be reached is the proxy, unless the message names it.
    static func describe(_ failure: TransferFailure, at proxy: Proxy) -> TransferFailure {
        guard failure.message.hasPrefix(nameless) else { return failure }
        let reason = failure.message.dropFirst(nameless.count)
        return TransferFailure(failure.code, "cannot connect to the proxy \(proxy.host):\(proxy.port): \(reason)")
    }

    /// A certificate that was refused, for whatever reason.
    static let untrusted = TransferFailure(
        .tlsRefused,
        "the certificate is not trusted: name its authority with --cacert, or accept it with -k"
    )
}
