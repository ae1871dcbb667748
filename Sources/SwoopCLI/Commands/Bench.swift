// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopCore
internal import SwoopIO

/// `swoop bench URL`: measures one connection against several.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure one connection, then 2, 4, 8 and so on until it stops helping.",
        discussion: """
            EXAMPLES:
              swoop bench https://example.org/debian-12.iso
              swoop bench --json --max-connections 16 https://example.org/debian-12.iso

            Each number of connections is measured for three seconds, or until 512 MiB have come. Nothing is kept. It ends
            as soon as twice as many connections bring hardly more, or the origin turns one away.

            \(ExitStatus.help)
            """
    )

    @Argument(help: .init("http or https; a file of some size, 100 MiB or more.", valueName: "url"))
    var url: String

    @Option(
        help: .init(
            "Most connections to measure. (default: \(TransferOptions().maximumConnections))",
            valueName: "n"
        ),
        transform: ArgumentValue.maximumConnections
    )
    var maxConnections: Int?

    @Flag(help: "Write the figures as NDJSON on standard output.")
    var json = false

    @OptionGroup(title: "HTTP") var http: HTTPFlags
    @OptionGroup(title: "Network") var network: NetworkFlags

    func validate() throws {
        do throws(HTTPURLError) {
            _ = try HTTPURL.parse(url)
        } catch .unsupportedScheme {
            return
        } catch {
            throw ValidationError(error.message)
        }
    }

    mutating func run() async throws {
        var request = TransferRequest(url, to: .discard, http: try http.options(over: network))
        request.options.retries = 1
        let most = maxConnections ?? request.options.maximumConnections
        let run = BenchRun(request: request, isJSON: json, console: .standard)
        let status = await Interruption.watch { await run.run(mostConnections: most) } ?? .interrupted
        if status != .success { throw status.code }
    }
}
