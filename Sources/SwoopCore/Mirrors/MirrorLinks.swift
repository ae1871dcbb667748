// SPDX-License-Identifier: Apache-2.0

/// What the `Link` fields of a response say about mirrors.
///
/// A mirror named there has the same bytes only if its publisher is right: RFC 6249 wants a digest to verify the whole
/// with, or entity tags that the mirrors share. Signatures and torrents are ignored.
/// - Source: RFC 6249 sections 3 and 4.
public struct MirrorLinks: Hashable, Sendable {
    /// Links with the relation `duplicate`, by priority, each URL once and never the response's own.
    public let duplicates: [MirrorURL]
    /// Where Metalink 4 documents about the representation are, in order, each URL once and never the response's own.
    public let describedBy: [HTTPURL]

    /// Reads the fields of a response.
    ///
    /// Links about something else (`anchor`), to anything but http and https, and, for `describedby`, of another media
    /// type than ``Metalink/mediaType`` are left out. User and password in a link are dropped.
    /// - Parameters:
    ///   - fields: all fields of the response.
    ///   - base: the URL that answered, to which relative references relate.
    /// - Returns: mirrors and documents; both may be empty.
    public static func from(_ fields: HeaderFields, base: HTTPURL) -> MirrorLinks {
        let links = LinkField.parse(fields.values("Link")).filter(\.isAboutResponse)
        let duplicates = links.filter { $0.relations.contains("duplicate") }.compactMap { mirror($0, base) }
        let documents = links.filter { $0.relations.contains("describedby") && isMetalink($0) }
        var seen: Set<String> = [base.text]
        return MirrorLinks(
            duplicates: MirrorURL.ordered(duplicates).filter { $0.url.text != base.text },
            describedBy: documents.compactMap { base.resolve($0.target) }.filter { seen.insert($0.text).inserted }
        )
    }

    private static func mirror(_ link: LinkField.Link, _ base: HTTPURL) -> MirrorURL? {
        guard let url = base.resolve(link.target) else { return nil }
        return MirrorURL(url: url, priority: MirrorURL.priority(link["pri"]), location: link["geo"])
    }

    /// The type may have parameters, which say nothing here.
    private static func isMetalink(_ link: LinkField.Link) -> Bool {
        let type = (link["type"] ?? "").utf8.prefix { $0 != UInt8(ascii: ";") }
        return ASCII.equalIgnoringCase(ASCII.trimmed(Substring(type)), Metalink.mediaType)
    }
}
