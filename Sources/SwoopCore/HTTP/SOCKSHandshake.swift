// SPDX-License-Identifier: Apache-2.0

/// The client's side of a SOCKS 5 conversation, up to where the proxy passes bytes on.
///
///     start --greeting--> method --no login--> connect --granted--> open
///                         method --login--> login --accepted--> connect
///     any --nonsense, refusal--> failed
///
/// Invariants
///   1. A name and a password are sent only to a proxy that has asked for them.
///   2. Nothing is kept beyond the longest reply, 262 bytes; what follows the last reply is handed back untouched.
///
/// Source: RFC 1928 (SOCKS 5), RFC 1929 (name and password). The proxy resolves names.
public struct SOCKSHandshake: Hashable, Sendable {
    /// What to do next.
    public enum Step: Hashable, Sendable {
        /// Send these bytes and wait for an answer.
        case send([UInt8])
        /// The answer is not complete.
        case wait
        /// The proxy passes bytes on; these came already.
        case open(rest: [UInt8])
        /// The proxy refused, or is none.
        case failed(TransferFailure)
    }

    private enum State: Hashable, Sendable {
        /// Which login is wanted is awaited. Can transition to: login, connect, over.
        case method
        /// The verdict on name and password is awaited. Can transition to: connect, over.
        case login
        /// The connection is awaited. Can transition to: over.
        case connect
        /// Open or failed.
        case over
    }

    private static let version: UInt8 = 5
    private static let loginVersion: UInt8 = 1
    private static let longestText = 255

    private let host: String
    private let port: Int
    private let credentials: HTTPOptions.Credentials?
    private var state: State = .method
    private var received: [UInt8] = []

    /// Makes the conversation about one connection.
    ///
    /// - Parameters:
    ///   - host: where the proxy is to connect to: a name, or an address without brackets.
    ///   - port: 1 to 65535.
    ///   - credentials: for a proxy that wants them.
    public init(host: String, port: Int, credentials: HTTPOptions.Credentials?) {
        self.host = host
        self.port = port
        self.credentials = credentials
    }

    /// The first bytes to send: which logins are offered.
    public var greeting: [UInt8] { credentials == nil ? [Self.version, 1, 0] : [Self.version, 2, 0, 2] }

    /// Takes bytes that the proxy sent.
    public mutating func receive(_ bytes: some Sequence<UInt8>) -> Step {
        received += bytes
        let step =
            switch state {
            case .method: method()
            case .login: login()
            case .connect: connected()
            case .over: Step.wait
            }
        if case .failed = step { state = .over }
        return step
    }

    private mutating func method() -> Step {
        guard received.first ?? Self.version == Self.version else { return refused("this is no SOCKS 5 proxy") }
        guard received.count >= 2 else { return .wait }
        let chosen = received[1]
        received.removeFirst(2)
        switch (chosen, credentials) {
        case (0, _): return connect()
        case (2, let credentials?): return login(credentials)
        default:
            return refused(
                credentials == nil
                    ? "it wants a login: write --proxy socks5://NAME:PASSWORD@HOST:PORT"
                    : "it takes no login by name and password"
            )
        }
    }

    private mutating func login(_ credentials: HTTPOptions.Credentials) -> Step {
        let (user, password) = (Array(credentials.user.utf8), Array(credentials.password.utf8))
        guard user.count <= Self.longestText, password.count <= Self.longestText else {
            return refused("name and password may have \(Self.longestText) bytes each")
        }
        state = .login
        return .send([Self.loginVersion, UInt8(user.count)] + user + [UInt8(password.count)] + password)
    }

    private mutating func login() -> Step {
        guard received.count >= 2 else { return .wait }
        guard received[1] == 0 else { return refused("it does not accept the name and the password") }
        received.removeFirst(2)
        return connect()
    }

    private mutating func connect() -> Step {
        let name = Array(host.utf8)
        guard let address = address ?? (name.count <= Self.longestText ? [3, UInt8(name.count)] + name : nil) else {
            return refused("the origin's name is too long for it")
        }
        state = .connect
        let port = UInt16(clamping: port)
        return .send([Self.version, 1, 0] + address + [UInt8(port >> 8), UInt8(port & 255)])
    }

    /// The kind and bytes of an IPv4 address; anything else is left to the proxy as a name.
    private var address: [UInt8]? {
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8(String(Substring($0))) }
        return parts.count == 4 && bytes.count == 4 ? [1] + bytes : nil
    }

    /// The reply: version, verdict, nothing, and an address that means nothing to us.
    private mutating func connected() -> Step {
        guard received.count >= 5 else { return .wait }
        guard received[0] == Self.version else { return refused("it contradicts itself") }
        if let failure = Self.failure(received[1], at: "\(host):\(port)") { return .failed(failure) }
        let length: Int
        switch received[3] {
        case 1: length = 4 + 4 + 2
        case 3: length = 4 + 1 + Int(received[4]) + 2
        case 4: length = 4 + 16 + 2
        default: return refused("it answers with an unknown kind of address")
        }
        guard received.count >= length else { return .wait }
        state = .over
        defer { received = [] }
        return .open(rest: Array(received[length...]))
    }

    private static func failure(_ code: UInt8, at target: String) -> TransferFailure? {
        func unreachable(_ why: String) -> TransferFailure {
            TransferFailure(.connectFailed, "the proxy cannot connect to \(target): \(why)")
        }
        return switch code {
        case 0: nil
        case 2: TransferFailure(.proxyRefused, "the proxy's rules forbid to connect to \(target)")
        case 3: unreachable("network unreachable")
        case 4: unreachable("host unreachable or unknown")
        case 5: unreachable("connection refused")
        case 6: unreachable("it is too far away")
        case 7: TransferFailure(.proxyRefused, "the proxy makes no connections")
        case 8: TransferFailure(.proxyRefused, "the proxy does not know this kind of address: \(target)")
        default: unreachable("it does not say why")
        }
    }

    private func refused(_ why: String) -> Step {
        .failed(TransferFailure(.proxyRefused, "the proxy is of no use: \(why)"))
    }
}
