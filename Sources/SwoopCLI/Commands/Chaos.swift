// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopChaos
internal import SwoopIO

/// `swoop chaos`: the misbehaving origin, for testing any downloader.
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Run an HTTP origin on loopback that misbehaves on purpose.",
        discussion: """
            EXAMPLES:
              swoop chaos --list
              swoop chaos --port 8080
              swoop chaos --root /srv/files
              swoop chaos --tls

            A file's URL is http://127.0.0.1:PORT/SCENARIO/NAME?PARAMETER=VALUE, with https after --tls. Without --root
            every name that reads as a length exists, such as 64MiB.bin. Ctrl-C ends it.
            """,
        subcommands: [ChaosScore.self]
    )

    @Option(
        help: .init("Serve the files directly in this directory. (default: files that are made up)", valueName: "dir"),
        transform: ArgumentValue.nonEmpty
    )
    var root: String?

    @Option(
        help: .init("TCP port on 127.0.0.1. (default: a free one)", valueName: "n"),
        transform: Self.port
    )
    var port: Int?

    @Flag(help: "Serve over TLS. The certificate's authority is written to a file for as long as this runs.")
    var tls = false

    @Flag(help: "List the scenarios and their parameters, and end.")
    var list = false

    private static func port(_ text: String) throws -> Int {
        guard let port = Int(text), (0...65_535).contains(port) else {
            throw ValidationError("write a number from 1 to 65535, or 0 for a free port")
        }
        return port
    }

    func validate() throws {
        guard let root, !PathKind.isDirectory(root) else { return }
        throw ValidationError("--root \(root) is not a directory: name one with files in it")
    }

    mutating func run() async throws {
        let console = Console.standard
        guard !list else { return console.output(ScenarioTable.listing()) }
        let configuration = ChaosConfiguration(
            content: root.map { .directory($0) } ?? .synthetic([:]),
            port: port ?? 0,
            isSecure: tls
        )
        let failure = await Interruption.watch { await Self.serve(configuration, console) } ?? nil
        guard let failure else { return }
        console.complain("port \(configuration.port): \(failure): choose another one with --port")
        throw ExitStatus.local.code
    }

    /// Serves until the task is cancelled. Returns why it could not.
    private static func serve(_ configuration: ChaosConfiguration, _ console: Console) async -> String? {
        guard let directory = ScratchDirectory.make() else { return "cannot write among the temporary files" }
        defer { directory.remove() }
        do {
            try await ChaosServer.with(configuration) { server in
                let authority = directory.write(server.authority, as: "authority.pem")
                console.output(greeting(server, authority, hasRoot: configuration.content != .synthetic([:])))
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func greeting(_ server: ChaosServer, _ authority: String?, hasRoot: Bool) -> String {
        let name = hasRoot ? "NAME" : "64MiB.bin"
        let base = server.base()
        let swoop = base.hasPrefix("https:") ? "swoop --cacert \(authority ?? "FILE")" : "swoop"
        let trust = authority.map { "the certificates' authority: \($0)" } ?? "the authority could not be written"
        return """
            \(base)
            try:
              \(swoop) --discard '\(base)/plain/\(name)'
              \(swoop) --discard '\(base)/throttled/\(hasRoot ? "NAME" : "4MiB.bin")?rate=200K&total=1M'
              \(swoop) --discard '\(base)/reset/\(name)?n=3'
            \(trust), for --cacert
            'swoop chaos --list' has all scenarios; Ctrl-C ends this server

            """
    }
}
