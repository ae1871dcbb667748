// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

/// `swoop ls s3://BUCKET/PREFIX`.
struct Ls: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the objects of a store, or what interrupted uploads left there.",
        discussion: """
            EXAMPLES:
              swoop ls s3://bucket/photos/
              swoop ls -r --json s3://bucket/ | jq .size
              swoop ls --uploads s3://bucket/

            Pages are written as they come.

            \(ExitStatus.help)
            """
    )

    @Argument(help: .init("s3://BUCKET/PREFIX.", valueName: "url"))
    var url: String

    @Flag(name: [.customShort("r"), .customLong("recursive")], help: "Everything below the prefix.")
    var isRecursive = false

    @Flag(help: "Uploads that were neither completed nor given up.")
    var uploads = false

    @Flag(help: "Write NDJSON.")
    var json = false

    @OptionGroup(title: "Store") var store: StoreFlags
    @OptionGroup(title: "Network") var network: NetworkFlags

    mutating func run() async throws {
        do throws(S3LocationError) {
            _ = try S3Location.parse(url)
        } catch {
            throw ValidationError("\(Redaction.url(url)): \(error.message)")
        }
        var request = ListRequest(url, store: store.options, http: try network.options)
        request.isRecursive = isRecursive
        let (wanted, command) = (request, self)
        let status = await Interruption.watch { await command.list(wanted, .standard) } ?? .interrupted
        if status != .success { throw status.code }
    }

    private func list(_ request: ListRequest, _ console: Console) async -> ExitStatus {
        do throws(TransferError) {
            try await TransferClient.withClient { client async throws(TransferError) in
                if uploads {
                    try await client.listUploads(request) { page in
                        console.output(page.map { ListText.line($0, isJSON: json) }.joined())
                    }
                } else {
                    try await client.list(request) { page in console.output(ListText.lines(page, isJSON: json)) }
                }
            }
            return Task.isCancelled ? .interrupted : .success
        } catch {
            console.complain("\(Redaction.url(url)): \(error.message)")
            return ExitStatus(error.failure)
        }
    }
}
