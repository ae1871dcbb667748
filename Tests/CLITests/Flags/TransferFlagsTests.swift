// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Flags")
struct TransferFlagsTests {
    private func get(_ arguments: [String], url: String = "http://h/x") throws -> Get {
        try #require(try Program.parse(arguments + [url]) as? Get)
    }

    private func options(_ arguments: [String]) throws -> TransferOptions {
        var options = try #require(try get(arguments).requests().first).options
        options.seed = 0
        return options
    }

    private func httpOptions(_ arguments: [String]) throws -> HTTPOptions {
        let get = try get(arguments)
        return try get.http.options(over: get.network)
    }

    /// A command line for each field of `TransferOptions` that changes it.
    private static let flags: [String: [String]] = [
        "connections": ["-c", "3"],
        "maximumConnections": ["--max-connections", "3"],
        "window": ["-o", "-", "--window", "2M"],
        "segmentSize": ["--segment-size", "25M"],
        "existingTarget": ["--overwrite"],
        "resume": ["--no-resume"],
        "onChange": ["--on-change", "fail"],
        "expectedDigest": ["--checksum", "md5:00112233445566778899aabbccddeeff"],
        "digestAlgorithm": ["--digest", "sha-512"],
        "maximumLength": ["--max-filesize", "1G"],
        "connectTimeout": ["--connect-timeout", "3"],
        "stallTimeout": ["--stall-timeout", "0.5"],
        "retries": ["--retries", "0"],
        "retryWait": ["--retry-wait", "0.1"],
        "sync": ["--no-sync"],
    ]

    @Test("every option of a transfer has a flag")
    func everyOptionHasAFlag() throws {
        let fields = Mirror(reflecting: TransferOptions()).children.compactMap(\.label).filter {
            !["seed", "verifiesPieces"].contains($0)
        }
        #expect(Set(fields) == Set(Self.flags.keys))
        for (field, arguments) in Self.flags {
            let changed = Mirror(reflecting: try options(arguments)).children
            let defaults = Mirror(reflecting: TransferOptions()).children
            for (new, old) in zip(changed, defaults) {
                let isSame = String(describing: new.value) == String(describing: old.value)
                #expect(isSame == (new.label != field), "\(arguments) and \(new.label ?? "")")
            }
        }
    }

    @Test("without flags the options are the library's")
    func defaults() throws {
        #expect(try options([]) == TransferOptions())
        #expect(try httpOptions([]) == .init())
    }

    @Test("reads what hands know from other tools")
    func spellings() throws {
        #expect(try options(["-c4"]).connections == 4)
        #expect(try options(["--connections=auto"]).connections == nil)
        #expect(try options(["--chunk-size", "1MiB"]).segmentSize == 1 << 20)
        #expect(try options(["--skip-existing"]).existingTarget == .skip)
        #expect(try options(["--checksum", "MD5=00112233445566778899AABBCCDDEEFF"]).expectedDigest?.algorithm == .md5)
        #expect(try httpOptions(["-HA: b", "-H", "-C:d"]).fields.pairs.map(\.name) == ["A", "-C"])
        #expect(try httpOptions(["-u", "me:a:b"]).credentials == .init(user: "me", password: "a:b"))
        #expect(try httpOptions(["-u", "me:"]).credentials == .init(user: "me", password: ""))
    }

    @Test("passes mirrors on, and the rate limit to all transfers together")
    func mirrorsAndRate() throws {
        let get = try get(["--mirror", "http://m/x", "--mirror", "https://n/x", "--limit-rate", "1.5M/s", "--explain"])
        #expect(try get.requests()[0].mirrors == ["http://m/x", "https://n/x"])
        #expect(get.connection.limitRate == 3 << 19)
        #expect(get.transfer.explain)
    }

    @Test(
        "remembers origins in the user's cache, if there is one",
        arguments: [
            ([:], nil), (["HOME": "/h"], "/h/.cache/swoop/origins"),
            (["HOME": "/h", "XDG_CACHE_HOME": "/c"], "/c/swoop/origins"),
            (["HOME": "/h", "XDG_CACHE_HOME": "relative"], "/h/.cache/swoop/origins"), (["HOME": ""], nil),
        ] as [([String: String], String?)]
    )
    func originMemory(environment: [String: String], path: String?) {
        #expect(OriginMemoryPath.find { environment[$0] } == path)
    }

    @Test("a word like a command's is still a value")
    func commandWords() throws {
        #expect(try get(["-o", "demo"]).output.output == "demo")
        #expect(try Program.parse(["chaos"]) is Chaos)
        #expect(try Program.parse(["demo"]) is Demo)
        #expect(try Program.parse(["get", "http://h/x"]) is Get)
    }

    @Test("decides where the bytes go")
    func destinations() throws {
        #expect(try get([]).output.destination == .directory("."))
        #expect(try get(["-d", "a"]).output.destination == .directory("a"))
        #expect(try get(["-o", "a/b"]).output.destination == .file("a/b"))
        #expect(try get(["-d", "a", "-o", "b"]).output.destination == .file("a/b"))
        #expect(try get(["--discard"]).output.destination == .discard)
    }

    @Test("computes SHA-256 of what is discarded unless told otherwise")
    func discardDigest() throws {
        #expect(try get(["--discard"]).requests()[0].options.digestAlgorithm == .sha256)
        #expect(try get(["--discard", "--digest", "md5"]).requests()[0].options.digestAlgorithm == .md5)
        #expect(try get([]).requests()[0].options.digestAlgorithm == nil)
    }

    @Test("passes everything on for every URL")
    func severalURLs() throws {
        let requests = try get(["-c", "2", "http://h/a"], url: "http://h/b").requests()
        #expect(requests.map(\.url) == ["http://h/a", "http://h/b"])
        #expect(requests.allSatisfy { $0.options.connections == 2 })
    }

    @Test(
        "chooses what to show",
        arguments: [
            ([], true, HumanReport.View.live, HumanReport.Verbosity.normal),
            ([], false, .lines, .normal),
            (["--discard"], true, .lines, .normal),
            (["--discard", "--progress", "live"], true, .live, .normal),
            (["--progress", "live"], false, .lines, .normal),
            (["--progress", "none"], true, .none, .normal),
            (["-q"], true, .none, .quiet),
            (["-q", "--progress", "lines"], true, .none, .quiet),
            (["-v"], true, .live, .verbose),
            (["--json"], true, .none, .quiet),
            (["--json", "--progress", "lines"], true, .lines, .normal),
            (["--json", "-v"], true, .none, .verbose),
        ]
    )
    func views(
        arguments: [String],
        isTerminal: Bool,
        view: HumanReport.View,
        verbosity: HumanReport.Verbosity
    ) throws {
        let get = try get(arguments)
        let shown = get.view.presentation(isTerminal: isTerminal, style: .plain, prefersLines: get.output.discard)
        #expect(shown.view == view)
        #expect(shown.verbosity == verbosity)
    }

    @Test("shows lines on a dumb terminal")
    func dumbTerminal() throws {
        let style = TerminalStyle(usesUnicode: true, usesColour: false, canRedraw: false)
        #expect(try get([]).view.presentation(isTerminal: true, style: style).view == .lines)
    }
}
