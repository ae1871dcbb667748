// SPDX-License-Identifier: Apache-2.0

/// Walks through a Metalink document. Each method named after an element reads it up to its end tag.
///
/// Only elements in the namespace of the outermost one count: mirror lists carry elements of their own, such as older
/// versions of a file with other digests, that must not be taken for the file's.
struct MetalinkParser {
    /// The longest size, digest or URL in bytes.
    private static let maximumValue = 8 * 1024

    private var reader: XMLReader
    private var version = MetalinkVersion.four

    init(_ bytes: [UInt8]) throws(MetalinkError) {
        do { reader = try XMLReader(bytes) } catch { throw MetalinkError(error) }
    }

    /// Reads the document to its end.
    mutating func document() throws(MetalinkError) -> [Metalink.File] {
        guard case .start(let root) = try next(), let version = MetalinkVersion(root: root.name) else {
            throw failure(.notMetalink)
        }
        self.version = version
        var files: [Metalink.File] = []
        try filesElement(into: &files)
        while try next() != nil {}
        guard !files.isEmpty else { throw failure(.noFile) }
        return files
    }

    /// `metalink` of version 4, and `files` in it of version 3.
    private mutating func filesElement(into files: inout [Metalink.File]) throws(MetalinkError) {
        while let child = try nextChild() {
            switch child.name.local {
            case "file":
                guard files.count < Metalink.maximumFiles else { throw failure(.tooManyFiles) }
                files.append(try file(child))
            case "files" where version == .three: try filesElement(into: &files)
            default: try skip()
            }
        }
    }

    private mutating func file(_ element: XMLElement) throws(MetalinkError) -> Metalink.File {
        guard let name = element["name"].flatMap(Self.safeName) else { throw failure(.unsafeName) }
        var draft = MetalinkDraft(name: name)
        try fileContent(into: &draft)
        guard let file = draft.file() else { throw failure(.badPieces) }
        return file
    }

    /// The children of `file`; version 3 has some of them in `verification` and `resources`.
    private mutating func fileContent(into draft: inout MetalinkDraft) throws(MetalinkError) {
        while let child = try nextChild() {
            switch child.name.local {
            case "size": try size(into: &draft)
            case "hash": try hash(child, into: &draft)
            case "pieces": try pieces(child, into: &draft)
            case "url": try url(child, into: &draft)
            case "verification" where version == .three: try fileContent(into: &draft)
            case "resources" where version == .three: try fileContent(into: &draft)
            default: try skip()
            }
        }
    }

    /// RFC 5854 section 4.1.2.1 forbids names that lead elsewhere; of a name that does not, the last component is kept.
    private static func safeName(_ raw: String) -> String? {
        let parts = raw.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        let components = parts.map(Substring.init)
        guard components.first?.isEmpty == false, !components.contains(where: { [".", ".."].contains($0) }) else {
            return nil
        }
        return FileName.sanitise(raw)
    }
}

// The elements in `file`.
extension MetalinkParser {
    /// RFC 5854 section 4.2.14.
    private mutating func size(into draft: inout MetalinkDraft) throws(MetalinkError) {
        guard let size = ASCII.decimal(try value()), draft.size == nil || draft.size == size else {
            throw failure(.badSize)
        }
        draft.size = size
    }

    /// `hash` of the whole file (RFC 5854 section 4.2.4).
    private mutating func hash(_ element: XMLElement, into draft: inout MetalinkDraft) throws(MetalinkError) {
        guard let algorithm = Self.algorithm(of: element) else { return try skip() }
        guard let digest = Digest(algorithm: algorithm, hex: try value()), draft.add(digest) else {
            throw failure(.badDigest)
        }
    }

    /// `pieces` (RFC 5854 section 4.1.3). An empty one says nothing.
    private mutating func pieces(_ element: XMLElement, into draft: inout MetalinkDraft) throws(MetalinkError) {
        guard let algorithm = Self.algorithm(of: element) else { return try skip() }
        guard let length = element["length"].flatMap({ ASCII.decimal(ASCII.trimmed($0)) }), length > 0 else {
            throw failure(.badPieces)
        }
        var digests: [Digest] = []
        while let child = try nextChild() {
            guard child.name.local == "hash" else {
                try skip()
                continue
            }
            digests.append(try piece(child, index: digests.count, algorithm))
        }
        guard let pieces = PieceDigests(algorithm: algorithm, length: length, digests: digests) else { return }
        draft.pieces.append(pieces)
    }

    /// Version 3 numbers the pieces. Other numbers than the natural ones would put digests to the wrong bytes.
    private mutating func piece(
        _ element: XMLElement,
        index: Int,
        _ algorithm: DigestAlgorithm
    ) throws(MetalinkError) -> Digest {
        let number = element["piece"].map { ASCII.decimal(ASCII.trimmed($0)) }
        guard number == nil || number == Int64(index) else { throw failure(.badPieces) }
        guard let digest = Digest(algorithm: algorithm, hex: try value()) else { throw failure(.badDigest) }
        return digest
    }

    /// `url` (RFC 5854 section 4.2.16), skipped unless http or https. In version 3 a torrent's URL is http, too.
    private mutating func url(_ element: XMLElement, into draft: inout MetalinkDraft) throws(MetalinkError) {
        let text = try optionalValue()
        let type = element["type"].map(ASCII.lowercased)
        guard version == .four || type.map({ ["http", "https", "file"].contains($0) }) ?? true else { return }
        guard let text, let url = try? HTTPURL.parse(text), url.user == nil, url.password == nil else { return }
        draft.add(MirrorURL(url: url, priority: priority(element), location: element["location"]))
    }

    /// Version 3 has a preference instead: up to 100, and more is better.
    private func priority(_ element: XMLElement) -> Int {
        guard version == .three else { return MirrorURL.priority(element["priority"]) }
        guard let preference = element["preference"].flatMap({ ASCII.decimal(ASCII.trimmed($0)) }) else {
            return MirrorURL.lowestPriority
        }
        return 101 - Int(min(100, preference))
    }

    private static func algorithm(of element: XMLElement) -> DigestAlgorithm? {
        element["type"].flatMap { DigestAlgorithm.parse(String(ASCII.trimmed($0))) }
    }
}

// Moving on. The reader bounds how deep any of this can go.
extension MetalinkParser {
    private func failure(_ reason: MetalinkError.Reason) -> MetalinkError {
        MetalinkError(reason, line: reader.line)
    }

    private mutating func next() throws(MetalinkError) -> XMLReader.Event? {
        do { return try reader.next() } catch { throw MetalinkError(error) }
    }

    /// The next child of the open element that is of the document's format; `nil` at the end tag.
    private mutating func nextChild() throws(MetalinkError) -> XMLElement? {
        while let event = try next() {
            switch event {
            case .start(let element) where element.name.namespace == version.rawValue: return element
            case .start: try skip()
            case .text: break
            case .end: return nil
            }
        }
        return nil
    }

    /// Skips the rest of the open element.
    private mutating func skip() throws(MetalinkError) {
        var depth = 1
        while depth > 0, let event = try next() {
            switch event {
            case .start: depth += 1
            case .end: depth -= 1
            case .text: break
            }
        }
    }

    /// The text of the open element without the white space around it, which must not be too long.
    private mutating func value() throws(MetalinkError) -> Substring {
        guard let value = try optionalValue() else { throw failure(.tooLong) }
        return value[...]
    }

    /// The text of the open element, without elements in it and white space around it; `nil` if too long.
    private mutating func optionalValue() throws(MetalinkError) -> String? {
        var bytes: [UInt8] = []
        while let event = try next() {
            switch event {
            case .start: try skip()
            case .text(let text):
                if bytes.count <= Self.maximumValue { bytes += text.utf8.prefix(Self.maximumValue + 1) }
            case .end:
                guard bytes.count <= Self.maximumValue else { return nil }
                return Self.trimmed(bytes)
            }
        }
        return nil
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let start = bytes.firstIndex { !XMLScanner.isWhitespace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !XMLScanner.isWhitespace($0) } ?? start
        return String(decoding: bytes[start..<min(end + 1, bytes.endIndex)], as: UTF8.self)
    }
}

/// A file while its element is being read.
private struct MetalinkDraft {
    let name: String
    var size: Int64?
    var pieces: [PieceDigests] = []
    private var digests: [Digest] = []
    private var urls: [MirrorURL] = []

    init(name: String) { self.name = name }

    /// `false` if it contradicts one of the same algorithm.
    mutating func add(_ digest: Digest) -> Bool {
        if let known = digests.first(where: { $0.algorithm == digest.algorithm }) { return known == digest }
        digests.append(digest)
        return true
    }

    mutating func add(_ url: MirrorURL) {
        if urls.count < MirrorURL.maximumCount { urls.append(url) }
    }

    /// The file, or `nil` if its size and pieces contradict each other.
    func file() -> Metalink.File? {
        if let size, !pieces.allSatisfy({ $0.fits(total: size) }) { return nil }
        return Metalink.File(
            name: name,
            size: size,
            digests: digests.sorted { $0.algorithm.rank > $1.algorithm.rank },
            pieces: pieces.max { $0.algorithm.rank < $1.algorithm.rank },
            urls: MirrorURL.ordered(urls)
        )
    }
}
