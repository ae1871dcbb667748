// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// One of the process's standard streams: where text for people or programs goes.
public struct TerminalDevice: Hashable, Sendable {
    private let descriptor: Int32

    /// Standard output.
    public static let output = TerminalDevice(descriptor: STDOUT_FILENO)
    /// Standard error.
    public static let error = TerminalDevice(descriptor: STDERR_FILENO)

    /// Whether the stream ends in a terminal.
    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Width of the window in columns at this instant, at least 1; `nil` if the stream is no terminal or keeps it secret.
    public var columns: Int? { window.flatMap { $0.ws_col > 0 ? Int($0.ws_col) : nil } }

    /// Height of the window in rows at this instant, as ``columns``.
    public var rows: Int? { window.flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } }

    private var window: winsize? {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
    }

    /// Writes all of `text`: loops over short writes and interruptions, waits for a reader that is slow.
    ///
    /// - Returns: `false` if the reader has gone or the stream is closed. That is for the caller to take as a wish for
    ///   silence, not as an error.
    @discardableResult
    public func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                guard let written = writeSome(rest) else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return true
        }
    }

    /// How many bytes one call wrote, or `nil` if no later call can write any.
    private func writeSome(_ bytes: UnsafeRawBufferPointer) -> Int? {
        while true {
            #if canImport(Glibc)
                let written = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
                let written = Musl.write(descriptor, bytes.baseAddress, bytes.count)
            #else
                let written = Darwin.write(descriptor, bytes.baseAddress, bytes.count)
            #endif
            if written >= 0 { return written }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            default: return nil
            }
        }
    }

    /// A terminal that another program made non-blocking is waited for, not given up.
    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, -1)
    }

    /// The value of an environment variable, or `nil` if it is not set.
    public static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
