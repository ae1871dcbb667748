// SPDX-License-Identifier: Apache-2.0

public import SwoopCore
public import SwoopS3

/// Where an upload's bytes come from.
public enum UploadSource: Hashable, Sendable {
    /// The file at this path.
    case file(String)
    /// The process's standard input, to its end. It cannot be read again: an interrupted upload begins anew.
    case standardInput

    /// What to call it: the last part of the path.
    public var name: String {
        switch self {
        case .file(let path): path.split(separator: "/").last.map(String.init) ?? path
        case .standardInput: "standard input"
        }
    }
}

/// One upload: what, where to, and how.
public struct UploadRequest: Sendable {
    /// What is uploaded.
    public var source: UploadSource
    /// `s3://BUCKET/KEY`.
    public var url: String
    /// Connections, retries and time-outs; what is about downloads only is ignored.
    public var options: TransferOptions
    /// Proxies, addresses, certificates.
    public var http: HTTPOptions
    /// Which store, and who asks it.
    public var store: StoreOptions
    /// What is stored with the object.
    public var object = ObjectOptions()
    /// Length of parts in bytes, or `nil` for one that suits the store and the source.
    public var partSize: Int64?
    /// Whether an object that is there shall stay; then the upload fails.
    public var ifNotExists = false
    /// Directory in which uploads are remembered for a later run, or `nil` to remember none.
    public var stateDirectory: String?

    /// Makes a request with default options.
    public init(
        _ source: UploadSource,
        to url: String,
        options: TransferOptions = TransferOptions(),
        http: HTTPOptions = HTTPOptions(),
        store: StoreOptions = StoreOptions()
    ) {
        self.source = source
        self.url = url
        self.options = options
        self.http = http
        self.store = store
    }
}
