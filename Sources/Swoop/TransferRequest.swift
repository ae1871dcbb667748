// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
internal import SwoopIO

/// Where a download goes.
public enum Destination: Hashable, Sendable {
    /// Into this directory, under the name that the origin or the URL gives. The directory is created if missing.
    case directory(String)
    /// To this path.
    case file(String)
    /// Nowhere: fetched, hashed and forgotten.
    case discard
}

/// One download: what, where to, and how.
public struct TransferRequest: Sendable {
    /// The URL; `http` or `https`, with or without userinfo.
    public var url: String
    /// Where the bytes go.
    public var destination: Destination
    /// How to fetch them.
    public var options: TransferOptions
    /// What the requests say besides; sent to the URL's own origin only.
    public var http: HTTPOptions

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

extension TransferRequest {
    /// The name that the user chose, or `nil` to take the origin's or the URL's.
    var explicitName: String? {
        guard case .file(let path) = destination else { return nil }
        return path.utf8.split(separator: UInt8(ascii: "/")).last.flatMap { String($0) } ?? path
    }

    func makeStore() -> any ByteStore {
        switch destination {
        case .directory(let path): fileStore(.directory(path))
        case .file(let path): fileStore(.file(path))
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
