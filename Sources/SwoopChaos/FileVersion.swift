// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// What is known of a file before anyone asks for it.
struct Resource: Hashable, Sendable {
    let name: String
    /// Length of version 1.
    let length: Int64
    /// Something that differs between files, for entity tags.
    let fingerprint: UInt64
    /// When version 1 was made, in seconds since 1970.
    let modified: Int64
}

/// One version of a file: what it is called in headers, and how long it is.
struct FileVersion: Equatable, Sendable {
    let version: Int
    let length: Int64
    /// The ETag field's value.
    private(set) var entityTag: String?
    /// The Last-Modified field's value.
    private(set) var lastModified: String?

    init(_ resource: Resource, version: Int, _ parameters: ScenarioParameters) {
        self.version = version
        length = Self.length(resource.length, version: version, delta: parameters.delta)
        let opaque = "\"v\(version)-\(String(resource.fingerprint, radix: 16))\""
        entityTag =
            switch parameters.entityTag {
            case .none: nil
            case .weak: "W/" + opaque
            case .strong: opaque
            }
        let time = resource.modified &+ Int64(version) &- 1
        lastModified = parameters.sendsLastModified ? HTTPDate(secondsSinceEpoch: time).wireForm : nil
    }

    /// The same file under another name for its version, or another date.
    func renamed(entityTag: String?, lastModified: String?) -> FileVersion {
        var file = self
        file.entityTag = entityTag
        file.lastModified = lastModified
        return file
    }

    /// A file that is the first `limit` bytes of `other`.
    init(_ other: FileVersion, limit: Int64) {
        version = other.version
        length = min(other.length, limit)
        entityTag = other.entityTag
        lastModified = other.lastModified
    }

    private static func length(_ base: Int64, version: Int, delta: Int64) -> Int64 {
        let (growth, overflow) = delta.multipliedReportingOverflow(by: Int64(version) - 1)
        let (sum, carried) = base.addingReportingOverflow(growth)
        return overflow || carried ? base : max(0, sum)
    }
}

/// What a correct origin would answer to the conditions and the range of a request.
enum Selection: Equatable, Sendable {
    case whole
    case part(ByteRange)
    /// 416: no byte of the range exists.
    case unsatisfiable
    /// 412: If-Match names another version.
    case preconditionFailed

    /// Evaluates If-Match, then, for a GET, Range under If-Range (RFC 9110 sections 13.2.2 and 14.2).
    init(_ request: ChaosRequest, of file: FileVersion) {
        guard Self.ifMatchHolds(request, file) else {
            self = .preconditionFailed
            return
        }
        guard !request.isHead, let range = request.field("range").flatMap(RangeHeader.init),
            Self.ifRangeHolds(request, file)
        else {
            self = .whole
            return
        }
        self = range.resolve(length: file.length).map(Selection.part) ?? .unsatisfiable
    }

    private static func ifMatchHolds(_ request: ChaosRequest, _ file: FileVersion) -> Bool {
        guard let field = request.field("if-match") else { return true }
        let tags = field.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        return tags.contains("*") || tags.contains { isStrong($0) && $0 == file.entityTag }
    }

    /// A date holds only if it is the Last-Modified exactly, a tag only if both are strong (RFC 9110 section 13.1.5).
    private static func ifRangeHolds(_ request: ChaosRequest, _ file: FileVersion) -> Bool {
        guard let field = request.field("if-range") else { return true }
        let isTag = field.hasPrefix("\"") || field.hasPrefix("W/")
        return isTag ? isStrong(field) && field == file.entityTag : field == file.lastModified
    }

    private static func isStrong(_ tag: String) -> Bool { tag.hasPrefix("\"") }
}
