// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopChaos
internal import SwoopCore
internal import SwoopIO

/// `swoop demo`: shows on this machine alone what several connections gain.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the gain offline: one connection against several, from a throttled origin on loopback.",
        discussion: """
            The origin gives each connection 200 KiB/s and all of them together 1 MiB/s. The same file is fetched over one
            connection and over several, its digest compared with the origin's. It takes about half a minute and writes no
            file. Exit 0 only if every byte was right.
            """
    )

    mutating func run() async throws {
        let status = await Interruption.watch { await Self.show(.standard) } ?? .interrupted
        if status != .success { throw status.code }
    }

    /// Fetched over one connection in 20 s, over several in 4 s.
    private static let file = "4MiB.bin"
    private static let several = 6

    private static func show(_ console: Console) async -> ExitStatus {
        do {
            return try await ChaosServer.with { server in await compare(server, console) }
        } catch {
            console.complain("the demo's origin could not start: \(error)")
            return .local
        }
    }

    private static func compare(_ server: ChaosServer, _ console: Console) async -> ExitStatus {
        guard let content = server.content(file), let expected = digest(of: content) else { return .bug }
        console.output("an origin on loopback gives each connection 200 KiB/s and all together 1 MiB/s\n")
        var times: [Duration] = []
        for count in [1, several] {
            let url = server.url(.throttled, file, query: "rate=200K&total=1M&run=\(count)")
            switch await fetch(url, connections: count, expected: expected, console) {
            case .failure(let error): return ExitStatus(error.failure)
            case .success(let result):
                times.append(result.elapsed)
                console.output(line(result, connections: count))
            }
        }
        let ratio = Units.seconds(times[0]) / max(0.001, Units.seconds(times[1]))
        console.output("\(several) connections were \(tenths(ratio)) times as fast; every byte was verified\n")
        return .success
    }

    private static func fetch(
        _ url: String,
        connections: Int,
        expected: Digest,
        _ console: Console
    ) async -> TransferRun.Outcome {
        var options = TransferOptions()
        options.connections = connections
        options.expectedDigest = expected
        let style = TerminalStyle.detect(TerminalDevice.environment)
        let isLive = TerminalDevice.error.isTerminal && style.canRedraw
        let report = HumanReport(name: file, view: isLive ? .live : .none, verbosity: .quiet, style: style)
        let request = TransferRequest(url, to: .discard, options: options)
        var run = TransferRun.download(request, report: report, events: nil, console: console)
        return await run.run()
    }

    private static func line(_ result: TransferResult, connections: Int) -> String {
        let rate = ByteCount.formatRate(Units.throughput(result.length, in: result.elapsed))
        let size = ByteCount.format(result.length)
        return "\(NoticeText.connections(connections)): \(size) in \(Units.elapsed(result.elapsed)), \(rate)\n"
    }

    /// What the origin's bytes hash to, computed from the content itself and not from what arrived.
    private static func digest(of content: SyntheticContent) -> Digest? {
        var digests = DigestSet([.sha256])
        content.bytes(ByteRange(0, content.length)).withUnsafeBytes { digests.update($0) }
        return digests.digests().first
    }

    private static func tenths(_ ratio: Double) -> String {
        let tenths = Int((ratio * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
