// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL

/// Which of the server's ports a request came to.
public enum ChaosListener: String, CaseIterable, Hashable, Sendable {
    /// The port that ``ChaosServer/port`` names.
    case main
    /// The other origin, to which `redirect-other-origin` leads.
    case other
    /// The one that never speaks TLS.
    case plain
    /// The one that always speaks TLS, and properly.
    case secure
    /// Shows a certificate whose time is over.
    case expired
    /// Shows a certificate for another host.
    case wrongHost = "wrong-host"
    /// Shows a certificate that nobody signed but itself.
    case selfSigned = "self-signed"
    /// Speaks TLS 1.0 and nothing newer.
    case oldTLS = "old"
}

/// Where the server's listeners are reached, as `http://host:port`.
struct ListenerAddresses: Equatable, Sendable {
    private var bases: [ChaosListener: String] = [:]

    subscript(listener: ChaosListener) -> String {
        get { bases[listener] ?? "" }
        set { bases[listener] = newValue }
    }

    /// `http` or `https`.
    func scheme(of listener: ChaosListener) -> String { self[listener].hasPrefix("https:") ? "https" : "http" }
}

/// The authority of all servers of this program, and what their listeners show.
struct ChaosAuthority: Sendable {
    /// Made when it is first needed; the error that kept it from being made.
    static let shared = Result { try ChaosAuthority() }

    /// The authority's certificate, as a PEM file has it.
    let text: String
    private let contexts: [ChaosListener: NIOSSLContext]

    private init() throws {
        let authority = try ChaosCertificate(.init(subject: "swoop chaos authority", isAuthority: true))
        let proper = try ChaosCertificate(.init(), signedBy: authority)
        let elsewhere = ChaosCertificate.hostName("elsewhere.invalid")
        text = try authority.text
        contexts = [
            .secure: try proper.context(),
            .expired: try ChaosCertificate(.init(validity: -86_400 * 30 ... -86_400), signedBy: authority).context(),
            .wrongHost: try ChaosCertificate(.init(names: [elsewhere]), signedBy: authority).context(),
            .selfSigned: try ChaosCertificate(.init()).context(),
            .oldTLS: try proper.context(upTo: .tlsv1),
        ]
    }

    /// What a listener speaks TLS with.
    ///
    /// - Parameters:
    ///   - listener: which one.
    ///   - isSecure: whether those that can do either speak TLS.
    /// - Returns: its context; `nil` if it speaks none.
    func context(of listener: ChaosListener, isSecure: Bool) -> NIOSSLContext? {
        switch listener {
        case .main, .other: isSecure ? contexts[.secure] : nil
        default: contexts[listener]
        }
    }
}
