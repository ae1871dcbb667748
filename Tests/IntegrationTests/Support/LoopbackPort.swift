// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A TCP port on 127.0.0.1.
struct LoopbackPort: Sendable {
    let number: UInt16

    /// A port that is free now. It is below the range from which the kernel hands out ports, so that neither another
    /// test's listener nor a connection takes it before its server does.
    static func findFree() -> LoopbackPort? {
        (0..<200).lazy
            .map { _ in LoopbackPort(number: .random(in: 20_000..<32_000)) }
            .first { $0.isFree }
    }

    private var isFree: Bool { attempt(bind) }

    /// Whether something listens.
    var answers: Bool { attempt(connect) }

    private func attempt(_ call: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var reuse: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                call(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
