// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SwoopCore

/// Looks at the certificate of an origin that was refused: the library says that it refused, not why.
///
/// That takes a second handshake, which is refused as well; nothing is sent over it.
struct CertificateInspection: Sendable {
    let host: String
    let port: Int
    /// Where the host is reached, if not at its own name.
    let address: String?
    let loop: any EventLoop

    /// Long enough for a handshake that has just succeeded so far.
    private static let timeout: TimeAmount = .seconds(5)

    /// The failure with a better reason, if the certificate gives one.
    func explain(_ failure: TransferFailure) -> EventLoopFuture<TransferFailure> {
        certificate()
            .map { certificate in
                let validity = CertificateValidity(
                    first: Int64(certificate.notValidBefore),
                    last: Int64(certificate.notValidAfter)
                )
                return validity.complaint(at: WallClock.seconds).map { TransferFailure(failure.code, $0) } ?? failure
            }
            .recover { _ in failure }
    }

    /// The one that the origin shows.
    private func certificate() -> EventLoopFuture<NIOSSLCertificate> {
        let shown = loop.makePromise(of: NIOSSLCertificate.self)
        let channel = ClientBootstrap(group: loop)
            .connectTimeout(Self.timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler(shown)) }
            }
            .connect(host: address ?? host, port: port)
        channel.whenFailure { shown.fail($0) }
        channel.whenSuccess { channel in
            let alarm = loop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in
                alarm.cancel()
                shown.fail(ChannelError.eof)
            }
        }
        return shown.futureResult
    }

    private func handler(_ shown: EventLoopPromise<NIOSSLCertificate>) throws -> NIOSSLClientHandler {
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let see: NIOSSLCustomVerificationCallback = { chain, verdict in
            if let first = chain.first { shown.succeed(first) }
            verdict.succeed(.failed)
        }
        return try TrustSettings.naming(host) { name in
            try NIOSSLClientHandler(context: context, serverHostname: name, customVerificationCallback: see)
        }
    }
}
