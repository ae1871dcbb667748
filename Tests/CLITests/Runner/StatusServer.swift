// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Answers `GET /404/anything` with status 404 and no body, and so on. One request per connection.
struct StatusServer {
    let port: Int
    private let listener: Int32

    /// Runs a server on loopback for as long as `body` runs.
    static func with<R>(_ body: (StatusServer) async throws -> R) async throws -> R {
        let server = try StatusServer()
        Thread.detachNewThread { server.serve() }
        defer { shutdown(server.listener, Int32(SHUT_RDWR)) }
        return try await body(server)
    }

    /// A port of loopback on which nobody listens.
    static func unusedPort() throws -> Int {
        let server = try StatusServer()
        close(server.listener)
        return server.port
    }

    private init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) + listen(listener, 64) + getsockname(listener, generic, &size)
            }
        }
        guard listener >= 0, result == 0 else { throw CocoaError(.featureUnsupported) }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Ends when the listener is shut down.
    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            answer(connection)
            close(connection)
        }
        close(listener)
    }

    private func answer(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &buffer, buffer.count, 0)
        let request = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        let status = request.split(separator: "/").dropFirst().first.flatMap { Int($0) } ?? 400
        let answer = Array("HTTP/1.1 \(status) Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    }
}
