// SPDX-License-Identifier: Apache-2.0

/// Digests of a whole representation in the header fields of any response about it, a 206 included.
///
/// `Repr-Digest` is RFC 9530's, `Digest` that of RFC 3230, which it replaces and which mirror networks still send.
/// `Content-Digest` is not read: it is about the bytes of one response.
public enum InstanceDigest {
    /// Reads both fields.
    ///
    /// Unknown algorithms and malformed values are ignored, since the fields are advice and nobody asked for them.
    /// `Repr-Digest` wins over `Digest`.
    /// - Returns: the digests, strongest first, one for each algorithm; empty if there are none.
    public static func parse(_ fields: HeaderFields) -> [Digest] {
        var digests: [DigestAlgorithm: Digest] = [:]
        for member in members(fields.values("Digest")) {
            if let digest = legacy(member) { digests[digest.algorithm] = digests[digest.algorithm] ?? digest }
        }
        for member in members(fields.values("Repr-Digest")) {
            if let digest = structured(member) { digests[digest.algorithm] = digest }
        }
        return digests.values.sorted { $0.algorithm.rank > $1.algorithm.rank }
    }

    /// Reads every way in which a response states digests of the whole representation: those of ``parse(_:)``, then Amazon's
    /// unless they are digests of digests, Google's, and for a whole body `Content-MD5`.
    ///
    /// - Parameter head: of a 200 or 206 without a content coding; any other states nothing.
    /// - Returns: the digests, strongest first, one for each algorithm; empty if there are none.
    public static func stated(by head: ResponseHead) -> [Digest] {
        let fields = head.fields
        guard head.status == 200 || head.status == 206, fields["Content-Encoding"] == nil else { return [] }
        var digests = parse(fields)
        if fields["x-amz-checksum-type"]?.uppercased() != "COMPOSITE" {
            digests += ["sha256", "sha1"].compactMap { name in
                fields["x-amz-checksum-\(name)"].flatMap { digest(name[...], ASCII.trimmed($0)) }
            }
        }
        digests += members(fields.values("x-goog-hash")).compactMap(legacy)
        if head.status == 200 {
            digests += [fields["Content-MD5"]].compactMap { $0.flatMap { digest("md5", ASCII.trimmed($0)) } }
        }
        let first = Dictionary(digests.map { ($0.algorithm, $0) }) { earlier, _ in earlier }
        return first.values.sorted { $0.algorithm.rank > $1.algorithm.rank }
    }

    /// Neither names nor base64 hold a comma.
    private static func members(_ values: [String]) -> [Substring] {
        values.flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }.map { ASCII.trimmed(Substring($0)) }
    }

    /// `SHA-256=base64` (RFC 3230 section 4.3.2, RFC 5843).
    private static func legacy(_ member: Substring) -> Digest? {
        guard let (name, value) = pair(member) else { return nil }
        return digest(name, value)
    }

    /// `sha-256=:base64:`, possibly with parameters (RFC 9530 section 3, RFC 9651 section 3.2).
    private static func structured(_ member: Substring) -> Digest? {
        guard let (name, item) = pair(member), item.utf8.first == UInt8(ascii: ":") else { return nil }
        let content = Substring(item.utf8.dropFirst())
        guard let end = content.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let parameters = ASCII.trimmed(content[content.utf8.index(after: end)...])
        guard parameters.isEmpty || parameters.utf8.first == UInt8(ascii: ";") else { return nil }
        return digest(name, content[..<end])
    }

    private static func pair(_ member: Substring) -> (name: Substring, value: Substring)? {
        guard let equals = member.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return (member[..<equals], member[member.utf8.index(after: equals)...])
    }

    /// Both registries call SHA-1 `sha`.
    private static func digest(_ name: Substring, _ value: Substring) -> Digest? {
        let name = ASCII.lowercased(name)
        guard let algorithm = name == "sha" ? .sha1 : DigestAlgorithm.parse(name) else { return nil }
        return Base64.decode(value).flatMap { Digest(algorithm: algorithm, bytes: $0) }
    }
}
