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
        usage: "swoop [get] [options] [-i FILE] [URL...]",
        discussion: """
            EXAMPLES:
              swoop https://example.org/debian-12.iso
              swoop -d isos --checksum sha-256:9f86d0... https://example.org/debian-12.iso
              swoop -c 4 -H 'X-Token: ...' -o model.bin https://example.org/model
              swoop --discard --segment-size 25M https://example.org/100MiB.bin
              swoop --json https://example.org/a https://example.org/b | jq .
              swoop -j 16 -d data -i urls.txt --manifest done.ndjson
              swoop https://example.org/debian-12.iso.meta4

            The files that a Metalink (.meta4, .metalink) describes are downloaded from all of its mirrors and verified;
            -o NAME.meta4 saves the document itself.

            The data are in NAME.part until they are complete and verified. The same command again resumes.
            Progress, warnings and errors go to standard error; --json and --digest write to standard output.

            \(ExitStatus.help)
            """
    )

    @Argument(
        help: .init("http or https, or a Metalink's URL or path; several are fetched -j at a time.", valueName: "url")
    )
    var urls: [String] = []

    @OptionGroup(title: "Output") var output: OutputFlags
    @OptionGroup(title: "View") var view: ViewFlags
    @OptionGroup(title: "Many files") var list: ListFlags
    @OptionGroup(title: "Transfer") var transfer: TransferFlags
    @OptionGroup(title: "Connections") var connection: ConnectionFlags
    @OptionGroup(title: "HTTP") var http: HTTPFlags
    @OptionGroup(title: "Network") var network: NetworkFlags
    @OptionGroup(title: "Object stores") var store: StoreFlags

    func validate() throws {
        guard !urls.isEmpty || list.inputFile != nil else {
            throw ValidationError("no URL given: write swoop URL, or -i FILE with a list of them")
        }
        if !isSingle { try validateSeveral() }
        if !transfer.mirrors.isEmpty, urls.contains(where: isMetalink) {
            throw ValidationError("--mirror is of one URL, but a Metalink is given, which has its own: leave it out")
        }
    }

    /// Not part of ``validate()``, which comes before unknown options are complained of: their values look like URLs.
    private func checkURLs() throws {
        for index in urls.indices where !isMetalink(urls[index]) {
            try ArgumentValue.checkURL(urls[index], urls.count == 1 ? "" : "URL \(index + 1) of \(urls.count): ")
        }
    }

    /// Whether there is one argument; a Metalink may turn out to have several files.
    private var isSingle: Bool { urls.count == 1 && list.inputFile == nil }

    /// Whether an argument is read for what it describes. With `-o NAME.meta4` the document itself is wanted.
    private func isMetalink(_ argument: String) -> Bool {
        let savesDocument = output.output.map(MetalinkSource.isName) ?? false
        return !savesDocument && MetalinkSource(argument) != nil
    }

    private func validateSeveral() throws {
        let given = list.inputFile == nil ? "\(urls.count) URLs are given" : "a list is given"
        if output.output == "-" {
            throw ValidationError("-o - writes one file to standard output, but \(given): use -d DIR, or one URL")
        }
        if output.output != nil {
            throw ValidationError("-o names one file, but \(given): use -d DIR, or one URL")
        }
        if !transfer.mirrors.isEmpty {
            throw ValidationError("--mirror is of one URL, but \(given): write mirrors into a list, after tabs")
        }
        if transfer.checksum != nil {
            throw ValidationError("--checksum is of one file, but \(given): write checksum= into a list")
        }
    }

    /// What the downloads have in common.
    private func template(_ checksums: ChecksumList?) throws -> ItemTemplate {
        var options = transfer.options(over: connection)
        if output.discard, options.digestAlgorithm == nil { options.digestAlgorithm = .sha256 }
        if case .standardOutput = output.destination {
            options.window = output.window ?? TransferOptions.defaultWindow
        }
        return ItemTemplate(
            options: options,
            http: try http.options(over: network),
            store: store.options,
            destination: output.destination,
            checksums: checksums
        )
    }

    /// The downloads of the command line's own URLs, if none of them is a Metalink's.
    func requests(_ template: ItemTemplate? = nil) throws -> [TransferRequest] {
        let template = try template ?? self.template(nil)
        return try urls.map { url in
            var request = template.request(url)
            request.mirrors = transfer.mirrors
            if urls.count == 1, let lack = template.lack(of: request) { throw ValidationError(lack) }
            return request
        }
    }

    mutating func run() async throws {
        try checkURLs()
        let console = output.console
        let share = try list.share(TerminalDevice.environment)
        let survey = try await survey(console)
        if let variable = share.variable { tellShare(share.shard, variable, console) }
        let (manifest, done) = try await openManifest(console)
        let command = self
        // One watch for all of it: a process can watch its signals once.
        let ended = await Interruption.watch {
            await command.result {
                let template = try command.template(try await command.checksums(console))
                let requests = try await command.expandedRequests(template, console)
                let session = DownloadSession(
                    work: try command.work(requests, share.shard, survey, done, template),
                    presentation: command.presentation,
                    console: console,
                    jobs: command.list.jobs ?? ListFlags.defaultJobs,
                    client: command.client,
                    manifest: manifest
                )
                return await session.run()
            }
        }
        let status = try ended?.get() ?? .interrupted
        if status != .success { throw status.code }
    }

    private func result(_ body: () async throws -> ExitStatus) async -> Result<ExitStatus, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// The downloads of the command line's own arguments, with each Metalink read.
    private func expandedRequests(_ template: ItemTemplate, _ console: Console) async throws -> [TransferRequest] {
        guard urls.contains(where: isMetalink) else { return try requests(template) }
        switch await MetalinkSource.expand(urls, template, client) {
        case .success(let requests):
            if !view.quiet, requests.contains(where: { $0.http.lacksSecrets(of: template.http) }) {
                console.complain("-u, -H and --referer are not sent to origins that only a Metalink names")
            }
            return requests
        case .failure(let fault):
            if fault.status == .usage { throw ValidationError(fault.message) }
            console.complain(fault.message)
            throw ended(fault.status, console)
        }
    }

    private func work(
        _ requests: [TransferRequest],
        _ shard: Shard,
        _ survey: ListSource.Survey?,
        _ done: Set<ItemKey>,
        _ template: ItemTemplate
    ) throws -> DownloadSession.Work {
        if requests.count == 1, list.inputFile == nil, shard == .whole, let request = requests.first {
            let item = DownloadItem(number: 1, request: request)
            if !done.contains(item.key) { return .single(item) }
        }
        let feed = ItemFeed(
            template: template,
            urls: requests,
            list: try list.inputFile.map { try ListSource.open($0) },
            shard: shard,
            done: done,
            told: survey?.ignored.count ?? 0
        )
        let listed = list.inputFile == nil ? 0 : survey?.count
        return .several(feed, total: listed.map { shard.count(of: Int64(requests.count) + $0) })
    }

    private var presentation: Presentation {
        let style = TerminalStyle.detect(TerminalDevice.environment)
        var presentation = view.presentation(
            isTerminal: TerminalDevice.error.isTerminal,
            style: style,
            prefersLines: output.discard
        )
        presentation.explains = transfer.explain
        presentation.leavesDone = list.manifest != nil || transfer.skipExisting || transfer.overwrite
        return presentation
    }

    var client: ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.rateLimit = connection.limitRate
        configuration.originMemory = OriginMemoryPath.find(TerminalDevice.environment)
        return configuration
    }

    // MARK: Before anything is begun

    /// Reads a list that can be read twice, so that one that is wrong has no effect at all.
    private func survey(_ console: Console) async throws -> ListSource.Survey? {
        guard let path = list.inputFile, path != "-", try ListSource.open(path).isRegular else { return nil }
        let survey = try await ListSource.survey(path)
        if !survey.ignored.isEmpty, !view.quiet { console.complain(ItemFeed.warning(survey.ignored)) }
        if survey.count == 0, urls.isEmpty, !view.quiet {
            console.complain("\(path) has no URL: nothing to download")
        }
        return survey
    }

    /// A share that nobody typed is nothing to keep quiet about.
    private func tellShare(_ shard: Shard, _ variable: String, _ console: Console) {
        guard !view.quiet else { return }
        console.complain("share \(shard) of the list, by \(variable): --shard 0/1 takes all of it")
    }

    private func openManifest(_ console: Console) async throws -> (ManifestLog?, Set<ItemKey>) {
        guard let path = list.manifest else { return (nil, []) }
        do throws(StoreError) {
            return try await ManifestLog.open(path)
        } catch {
            console.complain(error.failure.message)
            throw ended(.local, console)
        }
    }

    /// The end of a run in which nothing could be begun. Its events have a last line like any other's.
    func ended(_ status: ExitStatus, _ console: Console) -> ExitCode {
        var tally = BatchTally()
        tally.add(status)
        if view.json { console.output(EventLog.summary(tally, elapsed: .zero, exit: status)) }
        return status.code
    }
}
