// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// One download of a run.
struct DownloadItem: Sendable {
    /// Place within the run, from 1: the `id` of its events.
    let number: Int64
    var request: TransferRequest

    /// What a manifest knows the item by.
    var key: ItemKey { ItemKey(url: request.url, target: target) }

    private var target: String {
        switch request.destination {
        case .file(let path): path
        case .directory(let path): path.hasSuffix("/") ? path : path + "/"
        case .standardOutput, .discard: ""
        }
    }

    /// What to call it before the origin has said its name.
    var provisionalName: String {
        if case .file(let path) = request.destination, let name = path.split(separator: "/").last {
            return String(name)
        }
        if StoreOptions.isLocation(request.url) {
            let name = request.url.split(separator: "/").last.flatMap { FileName.sanitise(String($0)) }
            return name ?? request.url
        }
        guard let url = try? HTTPURL.parse(request.url) else { return Redaction.url(request.url) }
        return FileName.from(url: url)
    }

    /// Where its file will be if the origin suggests no other name; `nil` if nothing is kept.
    var provisionalPath: String? {
        switch request.destination {
        case .file(let path): path
        case .directory: target + provisionalName
        case .standardOutput, .discard: nil
        }
    }
}

/// What all items of a run have in common, from the command line.
struct ItemTemplate: Sendable {
    var options: TransferOptions
    var http: HTTPOptions
    /// For `s3` URLs.
    var store = StoreOptions()
    var destination: Destination
    /// Digests by file name, if the user has a list of them.
    var checksums: ChecksumList?

    /// The download of a URL of the command line.
    func request(_ url: String) -> TransferRequest {
        var request = TransferRequest(url, to: destination, options: options, http: http)
        request.store = store
        // Many processes that fail together must not come back together.
        request.options.seed = .random(in: .min ... .max)
        request.options.expectedDigest = options.expectedDigest ?? checksum(of: url)
        return request
    }

    /// The download of an item of a list; what it says goes before what the command line says.
    func request(_ item: InputItem) -> TransferRequest {
        let settings = item.settings
        var request = request(item.url)
        request.mirrors = item.mirrors
        request.destination = destination(settings)
        request.options.expectedDigest =
            settings.digest ?? settings.name.flatMap { checksums?[$0] } ?? request.options.expectedDigest
        request.options.connections = settings.connections ?? options.connections
        request.options.maximumLength = settings.maximumLength ?? options.maximumLength
        request.options.resume = settings.resume ?? options.resume
        if let overwrite = settings.overwrite { request.options.existingTarget = overwrite ? .overwrite : .refuse }
        for field in settings.fields.pairs { request.http.fields.add(field.name, field.value) }
        request.http.referer = settings.referer ?? http.referer
        request.http.userAgent = settings.userAgent ?? http.userAgent
        return request
    }

    /// The download of a file that a Metalink describes, from `urls`, best first; `nil` if there are none. What the
    /// command line says goes before what the document says.
    func request(_ file: Metalink.File, from urls: [HTTPURL], http: HTTPOptions) -> TransferRequest? {
        guard let first = urls.first else { return nil }
        var request = request(first.text)
        request.http = http
        request.mirrors = urls.dropFirst().map(\.text)
        request.expectedLength = file.size
        request.pieces = file.pieces
        request.options.expectedDigest = options.expectedDigest ?? file.digests.first
        if case .directory(let directory) = destination { request.destination = .file(file.name, in: directory) }
        return request
    }

    private func checksum(of url: String) -> Digest? {
        guard let checksums, let url = try? HTTPURL.parse(url) else { return nil }
        if case .file(let path) = destination, let name = path.split(separator: "/").last,
            let digest = checksums[String(name)]
        {
            return digest
        }
        return checksums[FileName.from(url: url)]
    }

    /// Why a download cannot be verified as the user wants it; `nil` if it can.
    func lack(of request: TransferRequest) -> String? {
        guard checksums != nil, request.options.expectedDigest == nil else { return nil }
        let name = DownloadItem(number: 0, request: request).provisionalName
        return "\(name) is not in the list of checksums: nothing of it was fetched"
    }

    private func destination(_ settings: InputSettings) -> Destination {
        guard case .directory(let common) = destination else { return destination }
        let directory = settings.directory ?? common
        guard let name = settings.name else { return .directory(directory) }
        return .file(name, in: directory)
    }
}

extension Destination {
    /// A file of that name in a directory.
    fileprivate static func file(_ name: String, in directory: String) -> Destination {
        if directory == "." { return .file(name) }
        return .file(directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)")
    }
}
