// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// Tells one run of the kernel from another: what was only in the page cache is gone after the next boot.
enum BootID {
    /// The running kernel's `/proc/sys/kernel/random/boot_id`, or an empty string, which equals no boot, if it is hidden.
    static let current = read("/proc/sys/kernel/random/boot_id")

    private static func read(_ path: FilePath) -> String {
        guard let file = try? OwnedDescriptor(opening: path, .readOnly) else { return "" }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = try? bytes.withUnsafeMutableBytes { try file.readFully(into: $0, at: 0) }
        let text = bytes.prefix(count ?? 0).prefix { $0 > 0x20 && $0 < 0x7F }
        return String(decoding: text, as: UTF8.self)
    }
}
