// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("SOCKSHandshake")
struct SOCKSHandshakeTests {
    private static let granted: [UInt8] = [5, 0, 0, 1, 10, 0, 0, 1, 0, 80]

    private func handshake(
        host: String = "o.test",
        port: Int = 443,
        login: (String, String)? = nil
    ) -> SOCKSHandshake {
        SOCKSHandshake(host: host, port: port, credentials: login.map { .init(user: $0.0, password: $0.1) })
    }

    private func failure(_ step: SOCKSHandshake.Step) -> TransferFailure? {
        if case .failed(let failure) = step { failure } else { nil }
    }

    @Test("asks for a name, port in network order, and is open once that is granted")
    func opens() {
        var handshake = handshake()
        #expect(handshake.greeting == [5, 1, 0])
        #expect(handshake.receive([5, 0]) == .send([5, 1, 0, 3, 6] + Array("o.test".utf8) + [1, 187]))
        #expect(handshake.receive(Self.granted) == .open(rest: []))
    }

    @Test("takes replies byte by byte, and hands back what comes after the last one")
    func pieces() {
        var handshake = handshake()
        #expect(handshake.receive([5]) == .wait)
        _ = handshake.receive([0])
        for byte in Self.granted.dropLast() { #expect(handshake.receive([byte]) == .wait) }
        #expect(handshake.receive([80, 72, 73]) == .open(rest: [72, 73]))
    }

    @Test(
        "any address in the last reply is skipped",
        arguments: [[1, 1, 2, 3, 4], [3, 2, 65, 66], [4] + Array(repeating: 0, count: 16)] as [[UInt8]]
    )
    func addresses(address: [UInt8]) {
        var handshake = handshake()
        _ = handshake.receive([5, 0])
        #expect(handshake.receive([5, 0, 0] + address + [0, 80, 99]) == .open(rest: [99]))
    }

    @Test(
        "an IPv4 address goes as one, everything else as a name",
        arguments: [
            ("192.0.2.7", [1, 192, 0, 2, 7]), ("1.2.3", [3, 5] + Array("1.2.3".utf8)),
            ("1.2.3.256", [3, 9] + Array("1.2.3.256".utf8)), ("::1", [3, 3] + Array("::1".utf8)),
        ] as [(String, [UInt8])]
    )
    func targets(host: String, bytes: [UInt8]) {
        var handshake = handshake(host: host, port: 80)
        #expect(handshake.receive([5, 0]) == .send([5, 1, 0] + bytes + [0, 80]))
    }

    @Test("tells name and password to a proxy that asks, and to no other")
    func login() {
        var asked = handshake(login: ("ann", "pw"))
        #expect(asked.greeting == [5, 2, 0, 2])
        #expect(asked.receive([5, 2]) == .send([1, 3] + Array("ann".utf8) + [2] + Array("pw".utf8)))
        guard case .send(let request) = asked.receive([1, 0]) else { return #expect(Bool(false), "no request") }
        #expect(request.starts(with: [5, 1, 0, 3]))
        var open = handshake(login: ("ann", "pw"))
        guard case .send(let first) = open.receive([5, 0]) else { return #expect(Bool(false), "no request") }
        #expect(first.starts(with: [5, 1, 0, 3]))
    }

    @Test(
        "a refusal says what to do, and never the password",
        arguments: [
            (nil, [[5, 255]], "wants a login"), (("ann", "s3cret"), [[5, 255]], "no login by name"),
            (nil, [[5, 2]], "wants a login"), (("ann", "s3cret"), [[5, 2], [1, 1]], "does not accept"),
            (nil, [[72, 84]], "no SOCKS 5 proxy"), (nil, [[5, 0], [5, 2, 0, 1, 0]], "rules forbid"),
            (nil, [[5, 0], [5, 5, 0, 1, 0]], "connection refused"), (nil, [[5, 0], [4, 0, 0, 1, 0]], "contradicts"),
            (nil, [[5, 0], [5, 0, 0, 9, 0]], "unknown kind"),
        ] as [((String, String)?, [[UInt8]], String)]
    )
    func refusals(login: (String, String)?, replies: [[UInt8]], words: String) {
        var handshake = handshake(login: login)
        var last: SOCKSHandshake.Step = .wait
        for reply in replies { last = handshake.receive(reply) }
        #expect(failure(last)?.message.contains(words) == true, "\(last)")
        #expect(failure(last)?.message.contains("s3cret") == false)
        #expect(handshake.receive([5, 0]) == .wait)
    }

    @Test(
        "what the network refuses may be asked for again, what the proxy refuses not",
        arguments: [
            (1, true), (2, false), (3, true), (4, true), (5, true), (6, true), (7, false), (8, false), (99, true),
        ]
            as [(UInt8, Bool)]
    )
    func retries(code: UInt8, isTransient: Bool) {
        var handshake = handshake()
        _ = handshake.receive([5, 0])
        #expect(failure(handshake.receive([5, code, 0, 1, 0]))?.isTransient == isTransient)
    }

    @Test("names that are too long are refused before they are sent")
    func long() {
        var handshake = handshake(login: (String(repeating: "a", count: 256), "x"))
        #expect(failure(handshake.receive([5, 2])) != nil)
        var far = self.handshake(host: String(repeating: "a", count: 256))
        #expect(failure(far.receive([5, 0])) != nil)
    }
}
