// SPDX-License-Identifier: Apache-2.0

/// What a run remembers of an upload, so that a later one can go on: NDJSON, a head and a line for each part.
///
/// A part is gone on with only if three agree: this record, what the store lists, and the source's bytes read again.
public struct UploadRecord: Hashable, Sendable {
    /// What is remembered of a part.
    public struct Part: Hashable, Sendable {
        /// What the store calls it.
        public var tag: String
        /// SHA-256 of its bytes.
        public var digest: Digest

        /// Makes a part from its fields.
        public init(tag: String, digest: Digest) {
            self.tag = tag
            self.digest = digest
        }
    }

    /// The store's name of the upload.
    public let uploadID: String
    /// What was uploaded and where to, in any form that is another for another source: ``head(source:uploadID:partSize:)``.
    public let source: String
    /// Length of its parts in bytes; at least 1.
    public let partSize: Int64
    /// The parts that the store acknowledged, by number.
    public internal(set) var parts: [Int: Part] = [:]

    /// Format of the lines.
    private static let version: Int64 = 1

    /// The first line.
    ///
    /// - Parameters:
    ///   - source: tells this source in its present state, and its destination, from all others. No secret.
    ///   - uploadID: the store's name of the upload.
    ///   - partSize: length of its parts in bytes.
    /// - Returns: the line with its line break.
    public static func head(source: String, uploadID: String, partSize: Int64) -> String {
        JSONValue.line([
            ("swoop_upload", .integer(version)), ("source", .string(source)), ("upload", .string(uploadID)),
            ("part_size", .integer(partSize)),
        ])
    }

    /// The line of a part.
    public static func line(_ number: Int, _ part: Part) -> String {
        JSONValue.line([
            ("part", .integer(Int64(number))), ("tag", .string(part.tag)), ("digest", .string(part.digest.description)),
        ])
    }

    /// Reads what a run left. A line that a crash cut off, and all that is none, counts for nothing.
    ///
    /// - Parameters:
    ///   - text: the lines. Where several uploads were begun, the last head counts.
    ///   - source: what the record must be about.
    /// - Returns: `nil` if it is no record, or is about something else.
    public static func parse(_ text: String, source: String) -> UploadRecord? {
        var record: UploadRecord?
        for line in text.split(separator: "\n") {
            guard let fields = JSONReader.object(line) else { continue }
            if let head = UploadRecord(head: fields) {
                record = head
            } else if case .integer(let number)? = fields["part"], let part = Part(line: fields) {
                record?.parts[Int(clamping: number)] = part
            }
        }
        return record?.source == source ? record : nil
    }

    private init?(head fields: [String: JSONValue]) {
        guard case .integer(Self.version)? = fields["swoop_upload"], case .string(let source)? = fields["source"],
            case .string(let upload)? = fields["upload"], case .integer(let size)? = fields["part_size"], size >= 1
        else { return nil }
        (self.source, uploadID, partSize) = (source, upload, size)
    }
}

extension UploadRecord.Part {
    fileprivate init?(line fields: [String: JSONValue]) {
        guard case .string(let tag)? = fields["tag"], case .string(let text)? = fields["digest"],
            let digest = Digest.parse(text)
        else { return nil }
        (self.tag, self.digest) = (tag, digest)
    }
}
