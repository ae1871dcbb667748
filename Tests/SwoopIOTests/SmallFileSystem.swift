// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopTestKit
import Testing

/// File systems in memory, made for one test.
enum SmallFileSystem {
    /// Whether this process may mount. In CI it must: there the tests run, and fail, instead of being skipped.
    static let isUsable = getenv("CI") != nil || canMount()

    /// Mounts a file system, and unmounts it when `body` is done.
    ///
    /// - Parameters:
    ///   - size: what it holds, as mount's `size=` wants it.
    ///   - body: gets its directory, and a function that makes it read-only.
    /// - Throws: what `body` threw, or that this process may not mount.
    static func with(
        size: String = "1m",
        _ body: (String, _ freeze: () throws -> Void) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try #require(mount("tmpfs", directory, "tmpfs", 0, "size=\(size)") == 0, "cannot mount: errno \(errno)")
            defer { umount2(directory, Int32(MNT_DETACH)) }
            try await body(directory) {
                let flags = UInt(MS_REMOUNT | MS_RDONLY)
                try #require(mount("tmpfs", directory, "tmpfs", flags, "size=\(size)") == 0)
            }
        }
    }

    private static func canMount() -> Bool {
        var template = Array("/tmp/swoop-mount-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return false }
        defer { rmdir(template) }
        guard mount("tmpfs", template, "tmpfs", 0, "size=64k") == 0 else { return false }
        umount2(template, Int32(MNT_DETACH))
        return true
    }
}
