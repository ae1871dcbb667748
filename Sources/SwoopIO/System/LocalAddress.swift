// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The addresses of this machine.
public enum LocalAddress {
    /// The address that a user means: one that connections can come from, or a device's, IPv4 before IPv6.
    ///
    /// - Parameter text: as in `192.0.2.7`, `2001:db8::7` or `eth0`.
    /// - Returns: the address as text; `nil` if this machine has none such.
    public static func find(_ text: String) -> String? {
        if let address = try? SocketAddress(ipAddress: text, port: 0) {
            return isOurs(address) ? address.ipAddress : nil
        }
        let addresses = (try? System.enumerateDevices())?.filter { $0.name == text }.compactMap(\.address) ?? []
        let usable = addresses.filter { $0.protocol == .inet } + addresses.filter { $0.protocol == .inet6 }
        return usable.first?.ipAddress
    }

    private static func isOurs(_ address: SocketAddress) -> Bool {
        let descriptor = socket(address.protocol.rawValue, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return address.withSockAddr { bind(descriptor, $0, socklen_t($1)) == 0 }
    }
}
