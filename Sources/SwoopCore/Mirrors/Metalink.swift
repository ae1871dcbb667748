// SPDX-License-Identifier: Apache-2.0

/// What a Metalink document says: files, where they can be had, and how they are verified.
///
/// Read from Metalink 4 (RFC 5854) and from its predecessor 3.0, which Fedora's mirror lists still are.
/// Signatures, descriptions, torrents and other Metalinks that it refers to are ignored.
public struct Metalink: Hashable, Sendable {
    /// The largest document that is read, in bytes: enough for piece digests of a terabyte in 8 MiB pieces.
    public static let maximumBytes = 16 << 20
    /// How many files a document may describe.
    public static let maximumFiles = 10_000

    /// One file.
    public struct File: Hashable, Sendable {
        /// A name that is safe in the target directory: the last component, passed through ``FileName/sanitise(_:)``.
        ///
        /// Two files of a document may have the same name, since sub-directories are not kept.
        public let name: String
        /// Length in bytes, if given.
        public let size: Int64?
        /// Digests of the whole file, strongest first, one for each algorithm that is known.
        public let digests: [Digest]
        /// Digests of its pieces, those of the strongest algorithm if there are several; they match ``size``.
        public let pieces: PieceDigests?
        /// Where it can be had over http and https, by priority, each URL once; may be empty.
        public let urls: [MirrorURL]
    }

    /// The files in document order; at least one.
    public let files: [File]

    /// The media type of Metalink 4 (RFC 5854 section 7.1).
    public static let mediaType = "application/metalink4+xml"

    /// Reads a document.
    ///
    /// What is unknown is skipped. What is known and cannot be right, such as a digest of the wrong length, makes the
    /// whole document unusable: to ignore it would be to download without the verification that was promised.
    /// - Parameter bytes: the document in UTF-8, at most ``maximumBytes``.
    /// - Returns: the files that it describes, at least one.
    /// - Throws: ``MetalinkError``, with the line and without quoting the document.
    /// - Source: RFC 5854 sections 4 and 5.
    public static func parse(_ bytes: [UInt8]) throws(MetalinkError) -> Metalink {
        guard bytes.count <= maximumBytes else { throw MetalinkError(.tooLarge, line: 1) }
        var parser = try MetalinkParser(bytes)
        return Metalink(files: try parser.document())
    }
}

/// Which of the two formats a document is in.
enum MetalinkVersion: String {
    /// RFC 5854.
    case four = "urn:ietf:params:xml:ns:metalink"
    /// Metalink 3.0, second edition.
    case three = "http://www.metalinker.org/"

    init?(root: XMLName) {
        guard root.local == "metalink", let namespace = root.namespace else { return nil }
        self.init(rawValue: namespace)
    }
}
