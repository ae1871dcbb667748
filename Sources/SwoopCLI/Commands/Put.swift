// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

/// `swoop put FILE... s3://BUCKET/KEY`.
struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Upload to an object store in parallel parts, resume after anything, verify what the store has.",
        usage: "swoop put [options] FILE... s3://BUCKET/KEY",
        discussion: """
            EXAMPLES:
              swoop put backup.tar s3://bucket/backups/
              swoop put -r photos s3://bucket/photos/
              tar c data | swoop put - s3://bucket/data.tar
              swoop put --endpoint-url http://127.0.0.1:8333 a.bin s3://bucket/a.bin

            A destination that ends with / is a prefix: the file keeps its name. The same command again goes on with an
            upload that was interrupted; --abort gives it up. Credentials come from where the AWS CLI takes them.

            \(ExitStatus.help)
            """
    )

    @Argument(help: .init("Files, or - for standard input; the destination comes last.", valueName: "file|destination"))
    var paths: [String]

    @Flag(name: [.customShort("r"), .customLong("recursive")], help: "Upload what is in directories, too.")
    var isRecursive = false

    @Flag(help: "Leave an object that is there alone, and exit 7.")
    var ifNotExists = false

    @Flag(help: "Do not go on with an upload that an earlier run left.")
    var noResume = false

    @Flag(help: "Remove from the store what interrupted uploads to the destination left, and upload nothing.")
    var abort = false

    @Option(
        help: .init(
            "Length of parts, such as 64M. (default: 16M, or what the store's most parts ask for)",
            valueName: "size"
        ),
        transform: ArgumentValue.positiveSize
    )
    var partSize: Int64?

    @Option(
        name: [.customShort("j", allowingJoined: true), .long],
        help: .init("Files at a time. (default: \(ListFlags.defaultJobs))", valueName: "n"),
        transform: ArgumentValue.maximumConnections
    )
    var jobs: Int?

    @OptionGroup(title: "Store") var store: StoreFlags
    @OptionGroup(title: "Object") var object: ObjectFlags
    @OptionGroup(title: "View") var view: ViewFlags
    @OptionGroup(title: "Connections") var connection: ConnectionFlags
    @OptionGroup(title: "Network") var network: NetworkFlags

    func validate() throws {
        if abort {
            guard paths.count == 1 else { throw ValidationError("--abort takes the destination alone") }
        } else if paths.count < 2 {
            throw ValidationError("a file and a destination are needed: swoop put FILE s3://BUCKET/KEY")
        }
        if paths.dropLast().contains("-"), paths.count > 2 {
            throw ValidationError("- is standard input, which is one object: name no other file with it")
        }
    }

    mutating func run() async throws {
        let console = Console.standard
        let destination = try location(paths[paths.count - 1])
        let command = self
        if abort {
            let status = await Interruption.watch { await command.removeUploads(destination, console) } ?? .interrupted
            if status != .success { throw status.code }
            return
        }
        let requests = try requests(destination)
        guard !requests.isEmpty else {
            console.complain("there is no file in \(paths.dropLast().joined(separator: " ")): nothing to upload")
            return
        }
        let session = UploadSession(
            requests: requests,
            presentation: presentation,
            console: console,
            jobs: jobs ?? ListFlags.defaultJobs,
            client: client
        )
        let status = await Interruption.watch { await session.run() } ?? .interrupted
        if status != .success { throw status.code }
    }

    private func location(_ text: String) throws -> S3Location {
        do throws(S3LocationError) {
            return try S3Location.parse(text)
        } catch {
            throw ValidationError("\(Redaction.url(text)): \(error.message)")
        }
    }

    /// One request for each file.
    func requests(_ destination: S3Location) throws -> [UploadRequest] {
        let files = try UploadFile.find(Array(paths.dropLast()), isRecursive: isRecursive)
        if files.count > 1 || isRecursive, !destination.isPrefix {
            throw ValidationError("several files need a prefix: write \(destination)/")
        }
        if files.first?.name == nil, files.count == 1, destination.isPrefix {
            throw ValidationError("standard input has no name: write the whole key, as in \(destination)data.tar")
        }
        return try files.map { file in
            let key = destination.isPrefix ? destination.key + (file.name ?? "") : destination.key
            let location = try self.location("s3://\(destination.bucket)/\(key)")
            return try request(file.source, location)
        }
    }

    private func request(_ source: UploadSource, _ location: S3Location) throws -> UploadRequest {
        var request = UploadRequest(
            source,
            to: location.description,
            options: connection.options,
            http: try network.options,
            store: store.options
        )
        request.options.resume = !noResume
        request.options.seed = .random(in: .min ... .max)
        request.object = object.options(for: location.key)
        request.partSize = partSize
        request.ifNotExists = ifNotExists
        request.stateDirectory = StatePath.uploads(TerminalDevice.environment)
        return request
    }

    var presentation: Presentation {
        let style = TerminalStyle.detect(TerminalDevice.environment)
        return view.presentation(isTerminal: TerminalDevice.error.isTerminal, style: style)
    }

    var client: ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.rateLimit = connection.limitRate
        configuration.originMemory = OriginMemoryPath.find(TerminalDevice.environment)
        return configuration
    }
}
