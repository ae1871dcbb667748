// SPDX-License-Identifier: Apache-2.0

/// Reads a list of downloads in aria2's input format, line by line, holding one item at a time.
///
/// A line holds the URLs of one representation, separated by tabs. Lines below it that begin with a space or tab are
/// `option=value` for it. Lines that begin with `#` are comments. An empty line ends an item, which is how a program that
/// writes a list slowly says that no options follow; so does the next line with URLs.
/// - Source: aria2c(1), section "Input File".
public struct InputList: Sendable {
    /// An item, or what is wrong with one.
    public typealias Entry = Result<InputItem, InputListError>

    /// Options of aria2's that were met and mean nothing here, each once, in order.
    public private(set) var ignored: [String] = []
    private var number = 0
    private var pending: Entry?

    /// Makes a reader that is before the first line.
    public init() {}

    /// Takes the next line, without its line break.
    ///
    /// - Returns: what this line shows to be complete, or `nil`. An item with several mistakes is one error, its first.
    public mutating func read(_ line: some StringProtocol) -> Entry? {
        number += 1
        let text = ASCII.trimmed(withoutMark(line))
        guard let first = line.utf8.first, let start = text.utf8.first else { return finish() }
        if start == UInt8(ascii: "#") { return nil }
        if ASCII.isWhitespace(first) { return option(text) }
        defer { pending = item(text) }
        return finish()
    }

    /// Takes the end of the list.
    public mutating func finish() -> Entry? {
        defer { pending = nil }
        return pending
    }

    /// Windows' line ends, and the mark that its editors put at the beginning, are no part of a line.
    private func withoutMark(_ line: some StringProtocol) -> Substring {
        var text = Substring(line)
        if number == 1, text.utf8.starts(with: [0xEF, 0xBB, 0xBF]) { text = Substring(text.utf8.dropFirst(3)) }
        return text.utf8.last == UInt8(ascii: "\r") ? Substring(text.utf8.dropLast()) : text
    }

    // MARK: URLs

    private func item(_ text: Substring) -> Entry {
        var urls: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: "\t")) {
            let url = String(ASCII.trimmed(Substring(part)))
            guard !url.isEmpty else { continue }
            if let error = Self.fault(url) { return .failure(InputListError(line: number, message: error.message)) }
            urls.append(url)
        }
        guard let first = urls.first else {
            return .failure(InputListError(line: number, message: "no URL: write one"))
        }
        return .success(InputItem(line: number, url: first, mirrors: Array(urls.dropFirst())))
    }

    /// A URL of a scheme that Swoop does not speak is well-formed: its download fails, others go on.
    private static func fault(_ url: String) -> HTTPURLError? {
        do throws(HTTPURLError) {
            _ = try HTTPURL.parse(url)
            return nil
        } catch .unsupportedScheme {
            return nil
        } catch {
            return error
        }
    }

    // MARK: Options

    private mutating func option(_ text: Substring) -> Entry? {
        guard let pending else {
            return .failure(InputListError(line: number, message: "an option with no URL above it: \(Self.layout)"))
        }
        guard case .success(var item) = pending else { return nil }
        if let message = take(text, into: &item.settings) {
            self.pending = .failure(InputListError(line: number, message: message))
        } else {
            self.pending = .success(item)
        }
        return nil
    }

    private static let noOption = "an indented line is no option: write option=value"
    private static let layout = "write URLs at the beginning of a line, and options indented below"

    /// What is wrong with an option, or `nil`. Values are not repeated: they may be secrets.
    private mutating func take(_ text: Substring, into settings: inout InputSettings) -> String? {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            return Self.noOption
        }
        let name = ASCII.lowercased(ASCII.trimmed(text[..<equals]))
        // What is no option's name may be an address with a password.
        guard name.utf8.allSatisfy({ ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
            return Self.noOption
        }
        do throws(InputValueError) {
            let value = String(ASCII.trimmed(text[text.utf8.index(after: equals)...]))
            if try settings.take(name, value) { return nil }
        } catch {
            return "\(name) cannot be read: \(error.advice)"
        }
        guard Self.foreign.contains(name) else { return "unknown option '\(Self.shown(name))': leave it out" }
        if !ignored.contains(name) { ignored.append(name) }
        return nil
    }

    private static func shown(_ name: String) -> String { String(name.prefix(40)) }

    /// What aria2 allows in its input files (aria2c(1), 1.37) beyond what ``InputSettings/take(_:_:)`` reads.
    private static let foreign: Set<String> = [
        "all-proxy", "all-proxy-passwd", "all-proxy-user", "allow-piece-length-change", "always-resume", "async-dns",
        "auto-file-renaming", "bt-enable-hook-after-hash-check", "bt-enable-lpd", "bt-exclude-tracker",
        "bt-external-ip", "bt-force-encryption", "bt-hash-check-seed", "bt-load-saved-metadata", "bt-max-peers",
        "bt-metadata-only", "bt-min-crypto-level", "bt-prioritize-piece", "bt-remove-unselected-file",
        "bt-request-peer-speed-limit", "bt-require-crypto", "bt-save-metadata", "bt-seed-unverified",
        "bt-stop-timeout", "bt-tracker", "bt-tracker-connect-timeout", "bt-tracker-interval", "bt-tracker-timeout",
        "check-integrity", "conditional-get", "connect-timeout", "content-disposition-default-utf8", "dry-run",
        "enable-http-keep-alive", "enable-http-pipelining", "enable-mmap", "enable-peer-exchange", "file-allocation",
        "follow-metalink", "follow-torrent", "force-save", "ftp-passwd", "ftp-pasv", "ftp-proxy", "ftp-proxy-passwd",
        "ftp-proxy-user", "ftp-reuse-connection", "ftp-type", "ftp-user", "gid", "hash-check-only",
        "http-accept-gzip", "http-auth-challenge", "http-no-cache", "http-passwd", "http-proxy", "http-proxy-passwd",
        "http-proxy-user", "http-user", "https-proxy", "https-proxy-passwd", "https-proxy-user", "index-out",
        "lowest-speed-limit", "max-download-limit", "max-file-not-found", "max-mmap-limit",
        "max-resume-failure-tries", "max-tries", "max-upload-limit", "metalink-base-uri",
        "metalink-enable-unique-protocol", "metalink-language", "metalink-location", "metalink-os",
        "metalink-preferred-protocol", "metalink-version", "min-split-size", "no-file-allocation-limit", "no-netrc",
        "no-proxy", "no-want-digest-header", "parameterized-uri", "pause", "pause-metadata", "piece-length",
        "proxy-method", "realtime-chunk-checksum", "remote-time", "remove-control-file", "retry-wait", "reuse-uri",
        "rpc-save-upload-metadata", "seed-ratio", "seed-time", "select-file", "ssh-host-key-md",
        "stream-piece-selector", "timeout", "uri-selector", "use-head",
    ]
}
