// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopCore
internal import SwoopIO

/// `swoop get URL...`, and `swoop URL...`.
struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Download over several connections, resume after anything, prove what was written.",
        usage: "swoop [get] [options] URL...",
        discussion: """
            EXAMPLES:
              swoop https://example.org/debian-12.iso
              swoop -d isos --checksum sha-256:9f86d0... https://example.org/debian-12.iso
              swoop -c 4 -H 'X-Token: ...' -o model.bin https://example.org/model
              swoop --discard --segment-size 25M https://example.org/100MiB.bin
              swoop --json https://example.org/a https://example.org/b | jq .

            The data are in NAME.part until they are complete and verified. The same command again resumes.
            Progress, warnings and errors go to standard error; --json and --digest write to standard output.

            \(ExitStatus.help)
            """
    )

    @Argument(help: .init("http or https; several are fetched one after another.", valueName: "url"))
    var urls: [String] = []

    @OptionGroup(title: "Output") var output: OutputFlags
    @OptionGroup(title: "Transfer") var transfer: TransferFlags
    @OptionGroup(title: "HTTP") var http: HTTPFlags

    func validate() throws {
        guard !urls.isEmpty else { throw ValidationError("no URL given: write swoop URL") }
        guard urls.count == 1 || output.output == nil else {
            throw ValidationError("-o names one file, but \(urls.count) URLs are given: use -d DIR, or one URL")
        }
        for index in urls.indices { try check(index) }
    }

    /// A URL of a scheme that Swoop does not speak is well-formed: its download fails, others go on.
    /// The text of one that cannot be read is not repeated: a secret may be anywhere in it.
    private func check(_ index: Int) throws {
        do throws(HTTPURLError) {
            _ = try HTTPURL.parse(urls[index])
        } catch .unsupportedScheme {
            return
        } catch {
            let which = urls.count == 1 ? "" : "URL \(index + 1) of \(urls.count): "
            throw ValidationError(which + error.message)
        }
    }

    /// The downloads that the command line asks for.
    func requests() throws -> [TransferRequest] {
        var options = transfer.options
        if output.discard, options.digestAlgorithm == nil { options.digestAlgorithm = .sha256 }
        let http = try http.options
        return urls.map { TransferRequest($0, to: output.destination, options: options, http: http) }
    }

    mutating func run() async throws {
        var requests = try requests()
        // Many processes that fail together must not come back together.
        for index in requests.indices { requests[index].options.seed = .random(in: .min ... .max) }
        let style = TerminalStyle.detect(TerminalDevice.environment)
        let session = DownloadSession(
            requests: requests,
            presentation: output.presentation(isTerminal: TerminalDevice.error.isTerminal, style: style),
            console: .standard
        )
        let status = await Interruption.watch { await session.run() } ?? .interrupted
        if status != .success { throw status.code }
    }
}
