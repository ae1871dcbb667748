// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import Testing

@testable import SwoopChaos

/// One file under one scenario, asked again and again without a socket.
struct PlannedOrigin {
    let scenario: Scenario
    var query = ""
    var length: Int64 = 9_000
    var state = ResourceState()

    init(_ scenario: Scenario, _ query: String = "") {
        self.scenario = scenario
        self.query = query
    }

    mutating func ask(
        _ fields: [String: String] = [:],
        method: String = "GET",
        connection: Int = 0,
        listener: ChaosListener = .main,
        at milliseconds: Int64 = 0
    ) throws -> Behaviour {
        let target = "/\(scenario.rawValue)/a.bin?\(query)"
        var addresses = ListenerAddresses()
        for listener in ChaosListener.allCases {
            let isPlain = [.main, .other, .plain].contains(listener)
            addresses[listener] = "\(isPlain ? "http" : "https")://\(listener.rawValue)"
        }
        var request = ChaosRequest(method: method, target: target, fields: fields.map { HeaderField($0, $1) })
        request.connection = connection
        request.listener = listener
        var plan = ScenarioPlan(
            scenario: scenario,
            request: request,
            resource: Resource(name: "a.bin", length: length, fingerprint: 0xAB, modified: 1_704_067_200),
            parameters: try ScenarioParameters(scenario, query: request.query),
            addresses: addresses,
            now: Moment(ticks: milliseconds * 1_000_000, wall: 1_800_000_000_500 + milliseconds),
            state: state
        )
        defer { state = plan.state }
        return plan.decide()
    }

    mutating func response(_ fields: [String: String] = [:], method: String = "GET", at: Int64 = 0) throws -> Response {
        try #require(try ask(fields, method: method, at: at).response)
    }
}

extension Behaviour {
    var response: Response? { if case .respond(let response) = answer { response } else { nil } }
}

extension Response {
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    var version: Int? { if case .content(_, let version) = body { version } else { nil } }
    var range: ByteRange? { if case .content(let range, _) = body { range } else { nil } }
}

/// What a blocking client read of one response.
struct Reply {
    enum End { case complete, closed, reset, timedOut }
    var status = 0
    var head = ""
    var body: [UInt8] = []
    var end = End.complete
}

/// A blocking HTTP client of a few lines, so that the server is not tested with its own library.
final class RawClient {
    private let descriptor: CInt
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func send(_ method: String, _ url: String, _ fields: [String] = []) {
        let path = "/" + url.split(separator: "/", maxSplits: 2).dropFirst(2).joined()
        let text = (["\(method) \(path) HTTP/1.1", "Host: localhost"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    /// Reads one response; `timeout` in milliseconds is how long no byte may come.
    func receive(timeout: Int = 20_000, hasBody: Bool = true) -> Reply {
        var time = timeval(tv_sec: timeout / 1_000, tv_usec: timeout % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var reply = Reply()
        while !buffer.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            if let end = fill(1) { return Reply(end: end) }
        }
        reply.head = String(decoding: buffer, as: UTF8.self)
        reply.status = Int(reply.head.split(separator: " ")[1]) ?? 0
        buffer = []
        let length = reply.head.split(separator: "Content-Length: ").last.flatMap { Int($0.prefix { $0.isNumber }) }
        while hasBody, buffer.count < length ?? .max, reply.end == .complete {
            if let end = fill(min(65_536, (length ?? .max) - buffer.count)) { reply.end = end }
        }
        reply.body = buffer
        buffer = []
        return reply
    }

    func get(_ url: String, _ fields: [String] = []) -> Reply {
        send("GET", url, fields)
        return receive()
    }

    private func fill(_ count: Int) -> Reply.End? {
        var chunk = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &chunk, count, 0)
        guard received > 0 else { return received == 0 ? .closed : errno == ECONNRESET ? .reset : .timedOut }
        buffer += chunk[..<received]
        return nil
    }
}
