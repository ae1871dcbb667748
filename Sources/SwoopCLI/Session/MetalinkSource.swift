// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopIO

/// A Metalink on the command line. It stands for the files that it describes.
struct MetalinkSource: Hashable, Sendable {
    private enum Place: Hashable {
        case path(String)
        case url(HTTPURL)
    }

    /// What was written on the command line.
    private let argument: String
    private let place: Place

    /// Whether a name is one of a Metalink.
    static func isName(_ name: String) -> Bool { name.hasSuffix(".meta4") || name.hasSuffix(".metalink") }

    /// `nil` for an argument that is no Metalink's name.
    init?(_ argument: String) {
        self.argument = argument
        do throws(HTTPURLError) {
            let url = try HTTPURL.parse(argument)
            guard Self.isName(url.path) else { return nil }
            place = .url(url)
        } catch .unsupportedScheme {
            return nil
        } catch {
            guard Self.isName(argument) else { return nil }
            place = .path(argument)
        }
    }

    /// The downloads of a command line's arguments, in their order.
    static func expand(
        _ arguments: [String],
        _ template: ItemTemplate,
        _ configuration: ClientConfiguration
    ) async -> Result<[TransferRequest], MetalinkFault> {
        do throws(MetalinkFault) {
            return .success(
                try await TransferClient.withClient(configuration) { client async throws(MetalinkFault) in
                    var requests: [TransferRequest] = []
                    for argument in arguments {
                        let source = MetalinkSource(argument)
                        requests += try await source?.requests(template, client) ?? [template.request(argument)]
                    }
                    return requests
                }
            )
        } catch {
            return .failure(error)
        }
    }

    private func requests(
        _ template: ItemTemplate,
        _ client: TransferClient
    ) async throws(MetalinkFault) -> [TransferRequest] {
        try requests(try await bytes(template, client), template)
    }

    /// The downloads of the files that the document describes, in its order.
    func requests(_ document: [UInt8], _ template: ItemTemplate) throws(MetalinkFault) -> [TransferRequest] {
        let files = try parse(document)
        if files.count > 1 { try checkSeveral(template, files.count) }
        var requests: [TransferRequest] = []
        for file in files { requests.append(try request(file, template)) }
        return requests
    }

    private func checkSeveral(_ template: ItemTemplate, _ count: Int) throws(MetalinkFault) {
        let given = "\(shown) describes \(count) files"
        switch template.destination {
        case .directory, .discard: break
        case .file: throw MetalinkFault(.usage, "-o names one file, but \(given): use -d DIR")
        case .standardOutput:
            throw MetalinkFault(.usage, "-o - writes one file to standard output, but \(given): use -d DIR")
        }
        if template.options.expectedDigest != nil {
            throw MetalinkFault(.usage, "--checksum is of one file, but \(given): leave it out")
        }
    }

    /// How messages call it.
    private var shown: String {
        switch place {
        case .path(let path): path
        case .url(let url): url.redacted
        }
    }

    // MARK: The document

    private func parse(_ bytes: [UInt8]) throws(MetalinkFault) -> [Metalink.File] {
        do throws(MetalinkError) {
            return try Metalink.parse(bytes).files
        } catch {
            switch place {
            case .path: throw MetalinkFault(.usage, "\(shown):\(error.line): \(error.message)")
            case .url:
                throw MetalinkFault(.permanent, "\(shown): no usable Metalink, line \(error.line): \(error.message)")
            }
        }
    }

    private func bytes(_ template: ItemTemplate, _ client: TransferClient) async throws(MetalinkFault) -> [UInt8] {
        switch place {
        case .path(let path): return try await read(path)
        case .url:
            var request = template.request(argument)
            request.options.expectedDigest = nil
            request.options.maximumLength = nil
            do throws(TransferError) {
                return try await client.document(request, mostBytes: Metalink.maximumBytes)
            } catch {
                throw MetalinkFault(ExitStatus(error.failure), "\(shown): \(error.message)")
            }
        }
    }

    /// What cannot be opened may be a URL without its scheme. It is not repeated: a secret may be anywhere in it.
    private func read(_ path: String) async throws(MetalinkFault) -> [UInt8] {
        let reader: LineReader
        do throws(StoreError) {
            reader = try LineReader(path)
        } catch {
            throw MetalinkFault(
                .usage,
                "it is neither a file that can be read nor a URL: check the name, or write http://"
            )
        }
        defer { reader.close() }
        var bytes: [UInt8] = []
        do throws(StoreError) {
            while bytes.count <= Metalink.maximumBytes, let lines = try await reader.next() {
                for line in lines {
                    bytes += line.utf8
                    bytes.append(UInt8(ascii: "\n"))
                }
            }
        } catch {
            throw MetalinkFault(.usage, error.failure.message)
        }
        return bytes
    }

    // MARK: A file

    private func request(_ file: Metalink.File, _ template: ItemTemplate) throws(MetalinkFault) -> TransferRequest {
        let urls = usable(file, template)
        let http = urls.first.map { trusted(template.http, at: $0) } ?? template.http
        guard let request = template.request(file, from: urls, http: http) else {
            let advice = "ask its publisher for a new one"
            throw MetalinkFault(.permanent, "\(shown): there is no URL to get \(file.name) from: \(advice)")
        }
        return request
    }

    /// Whoever asked for the document over https gets no bytes over http that it cannot prove.
    private func usable(_ file: Metalink.File, _ template: ItemTemplate) -> [HTTPURL] {
        let urls = file.urls.map(\.url)
        guard case .url(let document) = place else { return urls }
        let digest = template.options.expectedDigest ?? file.digests.first
        let algorithms = [digest?.algorithm].compactMap { $0 }
        return urls.filter { MirrorURL.admits($0, for: document, verified: algorithms) }
    }

    /// The user's fields and credentials are for the origin that the user named; a document may name any other.
    private func trusted(_ http: HTTPOptions, at url: HTTPURL) -> HTTPOptions {
        var http = http
        if case .url(let document) = place, document.origin == url.origin {
            if http.credentials == nil, let user = document.user {
                http.credentials = .init(user: user, password: document.password ?? "")
            }
            return http
        }
        return http.withoutSecrets
    }
}

extension HTTPOptions {
    /// Whether something of `other` that is for one origin only is missing.
    func lacksSecrets(of other: HTTPOptions) -> Bool {
        (other.credentials != nil && credentials == nil) || (other.referer != nil && referer == nil)
            || (!other.fields.pairs.isEmpty && fields.pairs.isEmpty)
    }
}

/// Why a Metalink stands for nothing.
struct MetalinkFault: Error, Hashable, Sendable {
    let status: ExitStatus
    /// What happened and what to do; lower case, no full stop, no secrets.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}
