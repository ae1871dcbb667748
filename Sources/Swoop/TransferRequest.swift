// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
internal import SwoopIO

/// Where a download goes.
public enum Destination: Hashable, Sendable {
    /// Into this directory, under the name that the origin or the URL gives. The directory is created if missing.
    case directory(String)
    /// To this path.
    case file(String)
    /// To the process's standard output, in order. Nothing is resumed; what was written cannot be taken back.
    case standardOutput
    /// Nowhere: fetched, hashed and forgotten.
    case discard
}

/// One download: what, where to, and how.
public struct TransferRequest: Sendable {
    /// The URL: `http` or `https`, with or without userinfo, or `s3://BUCKET/KEY`.
    public var url: String
    /// URLs that have the same bytes; credentials and the user's fields never go there.
    public var mirrors: [String] = []
    /// Length that the bytes must have, as a Metalink says, or `nil`.
    public var expectedLength: Int64?
    /// Digests of the pieces, as a Metalink says, or `nil`: then no byte of a mirror is kept unproven.
    public var pieces: PieceDigests?
    /// Where the bytes go.
    public var destination: Destination
    /// How to fetch them.
    public var options: TransferOptions
    /// What the requests say besides; sent to the URL's own origin only.
    public var http: HTTPOptions
    /// Which store an `s3` URL means, and with whose credentials it is asked.
    public var store = StoreOptions()

    /// Makes a request with default options.
    public init(
        _ url: String,
        to destination: Destination = .directory("."),
        options: TransferOptions = TransferOptions(),
        http: HTTPOptions = HTTPOptions()
    ) {
        self.url = url
        self.destination = destination
        self.options = options
        self.http = http
    }
}

extension Destination {
    /// Whether what was written can be read back.
    fileprivate var keepsBytes: Bool {
        switch self {
        case .directory, .file: true
        case .standardOutput, .discard: false
        }
    }
}

extension TransferRequest {
    /// The name that the user chose, or `nil` to take the origin's or the URL's.
    var explicitName: String? {
        guard case .file(let path) = destination else { return nil }
        return path.utf8.split(separator: UInt8(ascii: "/")).last.flatMap { String($0) } ?? path
    }

    /// What decides about this download.
    func makeMachine(_ url: HTTPURL, mirrors: [HTTPURL]) -> DownloadMachine {
        var options = options
        options.verifiesPieces = destination.keepsBytes
        options.window = destination == .standardOutput ? window : nil
        return DownloadMachine(
            url: url,
            explicitName: explicitName,
            mirrors: MirrorDescription(urls: mirrors, length: expectedLength, pieces: pieces),
            options: options
        )
    }

    /// Bytes that may be ahead of the reader, if there is one.
    private var window: Int64 {
        min(max(TransferOptions.smallestWindow, options.window ?? TransferOptions.defaultWindow), 1 << 40)
    }

    func makeStore() -> any ByteStore {
        switch destination {
        case .directory(let path): fileStore(.directory(path))
        case .file(let path): fileStore(.file(path))
        case .standardOutput:
            StreamStore(window: window, digests: options.digestsToCompute)
        case .discard: DiscardStore(digests: options.digestsToCompute)
        }
    }

    private func fileStore(_ destination: StoreDestination) -> FileStore {
        FileStore(
            destination: destination,
            digests: options.digestsToCompute,
            resume: options.resume,
            sync: options.sync
        )
    }
}
