// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What libFuzzer calls, over and over in one process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen(FuzzInput(bytes: Array(UnsafeBufferPointer(start: start, count: count))))
    return 0
}

/// Feeds one parser and checks what its documentation promises.
typealias FuzzTarget = @Sendable (FuzzInput) -> Void

/// Every parser by the name that `Fuzz/run` takes; `Fuzz/run` reads the names from these lines.
private let targets: [String: FuzzTarget] = [
    "byte-count": ByteCountTarget.run,
    "checksum-list": ChecksumListTarget.run,
    "content-disposition": ContentDispositionTarget.run,
    "content-range": ContentRangeTarget.run,
    "cookies": CookieTarget.run,
    "digest": DigestTarget.run,
    "entity-tag": EntityTagTarget.run,
    "header": HeaderTarget.run,
    "http-date": HTTPDateTarget.run,
    "input-list": InputListTarget.run,
    "journal": JournalTarget.run,
    "json": JSONTarget.run,
    "link": LinkTarget.run,
    "manifest": ManifestTarget.run,
    "metalink": MetalinkTarget.run,
    "netrc": NetrcTarget.run,
    "origin-memory": OriginMemoryTarget.run,
    "proxy": ProxyTarget.run,
    "resolution": ResolutionTarget.run,
    "response": ResponseTarget.run,
    "retry-after": RetryAfterTarget.run,
    "socks": SOCKSTarget.run,
    "url": URLTarget.run,
    "xml": XMLTarget.run,
]

/// One executable for all parsers, since compiling takes longer than anything else here; the environment says which.
private let chosen: FuzzTarget = {
    guard let name = environment("FUZZ_TARGET"), let target = targets[name] else {
        fatalError("FUZZ_TARGET names no parser: set it to one of \(targets.keys.sorted().joined(separator: " "))")
    }
    return target
}()

/// Promises that are known to be broken, so that the fuzzer can look for what lies behind them.
private let tolerated: Set<Substring> = Set((environment("FUZZ_TOLERATE") ?? "").split(separator: ","))

private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Ends the process, which is how libFuzzer learns of it, unless a promise holds.
///
/// - Parameters:
///   - promise: whether it does.
///   - name: `PARSER/PROMISE`, printed and accepted by `FUZZ_TOLERATE`.
///   - seen: what broke it, for the log.
func check(_ promise: @autoclosure () -> Bool, _ name: Substring, _ seen: @autoclosure () -> Any = "") {
    guard !promise(), !tolerated.contains(name) else { return }
    fatalError("promise broken: \(name): \(String(reflecting: seen()))")
}

/// What the fuzzer made up, and the ways in which targets read it.
struct FuzzInput {
    let bytes: [UInt8]

    /// The bytes as text. What is no UTF-8 becomes U+FFFD, as where fields and files are read.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text cut at line feeds: for targets that take several values.
    var lines: [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A number that depends on every byte and looks like chance, yet is the same each time.
    var chance: UInt32 { CRC32C.checksum(bytes) }

    /// The first eight bytes as a number, in place of those that are missing zero.
    var number: Int64 {
        Int64(bitPattern: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Lines as `Name: value`; those without a colon are left out.
    static func fields(_ lines: some Sequence<String>) -> HeaderFields {
        let pairs = lines.compactMap { line -> (String, String)? in
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return (String(line[..<colon]), String(ASCII.trimmed(line[line.utf8.index(after: colon)...])))
        }
        return HeaderFields(pairs)
    }
}

/// Checks that several parsers share.
enum Common {
    /// A word that no input has by chance: where it shows up although it was a secret, something leaked.
    static let secret = "hunter2hunter2"

    /// Whether nothing in the text can move a cursor or end a line.
    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// The bytes of one text within those of another, whatever characters they make up.
    static func contains(_ text: String, _ word: String) -> Bool {
        let bytes = Array(text.utf8)
        let wanted = Array(word.utf8)
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { bytes[$0...].starts(with: wanted) }
    }

    /// Each algorithm once, strongest first, each digest as long as its algorithm says.
    static func checkDigests(_ digests: [Digest], _ name: Substring) {
        let ranks = digests.map(\.algorithm.rank)
        check(zip(ranks, ranks.dropFirst()).allSatisfy { $0 > $1 }, name, digests)
        for digest in digests {
            check(digest.bytes.count == digest.algorithm.byteCount, name, digest)
            check(Digest.parse(digest.description) == digest, name, digest)
        }
    }
}
