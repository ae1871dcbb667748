// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import SwoopCLI

@Suite("Usage errors")
struct UsageErrorTests {
    /// What a command line that is refused, or that asks for help, says.
    private func run(_ arguments: [String]) async -> (status: SwoopCLI.ExitStatus, output: String, error: String) {
        let texts = Texts()
        let console = Console(
            output: { text in texts.output.withLock { $0 += text } },
            error: { text in texts.error.withLock { $0 += text } },
            columns: { 80 }
        )
        let status = await Program.run(arguments, console: console)
        return (status, texts.output.withLock { $0 }, texts.error.withLock { $0 })
    }

    private final class Texts: Sendable {
        let output = Mutex("")
        let error = Mutex("")
    }

    @Test(
        "are one line that says what to do, and exit 2",
        arguments: [
            ([], "no URL given: write swoop URL"),
            (["--bogus", "http://h/"], "unknown option '--bogus'"),
            (["http://"], "the URL has no host"),
            (["example.org/x"], "the URL does not begin with http:// or https://"),
            (["http://h/", "nonsense"], "URL 2 of 2: the URL does not begin"),
            (["-o", "-", "-d", "d", "http://h/"], "-d d with -o - (standard output)"),
            (["-o", "-", "--window", "1023K", "http://h/"], "1M to 1T"),
            (["-o", "-", "--window", "2T", "http://h/"], "1M to 1T"),
            (["-o", "a", "http://h/", "http://h/"], "-o names one file, but 2 URLs"),
            (["-o", "a", "-i", "list"], "-o names one file, but a list"),
            (["-o", "-", "-i", "list"], "-o - writes one file"),
            (["-o", "-", "http://h/", "http://h/"], "-o - writes one file"),
            (["-i", "/nonexistent"], "cannot read /nonexistent: no such file"),
            (["-i", "/tmp"], "-i /tmp is a directory"),
            (["-i", ""], "write a name"),
            (["-j", "0", "http://h/"], "from 1 to 256"),
            (["-j", "many", "http://h/"], "from 1 to 256"),
            (["--shard", "4/4", "http://h/"], "write I/N"),
            (["--shard", "1", "http://h/"], "write I/N"),
            (["--manifest", "/tmp", "http://h/"], "--manifest /tmp is a directory"),
            (["--mirror", "http://m/", "http://h/", "http://h/"], "--mirror is of one URL, but 2 URLs"),
            (["--mirror", "http://m/", "-i", "list"], "--mirror is of one URL, but a list"),
            (["--mirror", "http://m/", "--mirror", "m", "http://h/"], "--mirror number 2: the URL does not begin"),
            (["--checksum", "md5:00112233445566778899aabbccddeeff", "-i", "list"], "--checksum is of one file"),
            (["--max-connections", "0", "http://h/"], "from 1 to 1000"),
            (["--limit-rate", "0", "http://h/"], "bytes per second"),
            (["--limit-rate", "fast", "http://h/"], "bytes per second"),
            (["-o", "a/", "http://h/"], "use -d a/"),
            (["-o", "/tmp", "http://h/"], "use -d /tmp"),
            (["-o", "", "http://h/"], "-o needs"),
            (["-o", "/a", "-d", "b", "http://h/"], "leave out one of them"),
            (["--discard", "-o", "a", "http://h/"], "leave out -o and -d"),
            (["-c", "0", "http://h/"], "from 1 to 1000"),
            (["-c", "many", "http://h/"], "or auto"),
            (["--segment-size", "12Q", "http://h/"], "'12Q' is invalid"),
            (["--segment-size", "0", "http://h/"], "at least 1"),
            (["--max-filesize", "-1", "http://h/"], "--max-filesize"),
            (["--checksum", "sha-256:00", "http://h/"], "all of its hex digits"),
            (["--digest", "crc32", "http://h/"], "sha-256, sha-512, sha-1 or md5"),
            (["--on-change", "maybe", "http://h/"], "write restart or fail"),
            (["--stall-timeout", "0", "http://h/"], "more than 0"),
            (["--stall-timeout", "nan", "http://h/"], "write seconds"),
            (["--connect-timeout", "1e9", "http://h/"], "write seconds"),
            (["--retry-wait", "1..2", "http://h/"], "write seconds"),
            (["--retries", "1.5", "http://h/"], "whole number"),
            (["--progress", "fancy", "http://h/"], "'auto', 'live', 'lines' or 'none'"),
            (["--overwrite", "--skip-existing", "http://h/"], "contradict"),
            (["-q", "-v", "http://h/"], "contradict"),
            (["-k", "--cacert", "a.pem", "http://h/"], "contradict"),
            (["--user-agent", "a\nb", "http://h/"], "control characters"),
            (["chaos", "--port", "70000"], "from 1 to 65535"),
            (["chaos", "--root", "/nonexistent"], "not a directory"),
            (["demo", "more"], "unexpected argument"),
        ]
    )
    func oneLine(arguments: [String], part: String) async {
        let said = await run(arguments)
        #expect(said.status == .usage)
        #expect(said.output.isEmpty)
        #expect(said.error.hasPrefix("swoop: "))
        #expect(said.error.contains(part))
        #expect(said.error.contains("--help'"))
        #expect(said.error.filter { $0 == "\n" }.count == 1 && said.error.hasSuffix("\n"))
    }

    @Test(
        "never repeat a secret",
        arguments: [
            ["-u", "hunter2", "http://h/"], ["-H", "hunter2", "http://h/"], ["-H", "A: hunter2\r\nB: c", "http://h/"],
            ["--mirror", "user:hunter2@h/x", "http://h/"], ["user:hunter2@h/x"], ["http://user:hunter2@h:99999/x"],
        ]
    )
    func noSecrets(arguments: [String]) async {
        let said = await run(arguments)
        #expect(said.status == .usage)
        #expect(!said.error.contains("hunter2"))
    }

    @Test(
        "help and version go to standard output and exit 0",
        arguments: [["--help"], ["get", "--help"], ["chaos", "--help"], ["demo", "--help"], ["--version"]]
    )
    func help(arguments: [String]) async {
        let said = await run(arguments)
        #expect(said.status == .success)
        #expect(!said.output.isEmpty)
        #expect(said.error.isEmpty)
    }

    @Test("the help of get begins with examples and explains the exit status")
    func helpText() async throws {
        let text = await run(["get", "--help"]).output
        let examples = try #require(text.firstRange(of: "EXAMPLES:"))
        let options = try #require(text.firstRange(of: "--segment-size, --chunk-size"))
        #expect(examples.lowerBound < options.lowerBound)
        #expect(text.contains("EXIT STATUS:"))
    }
}
