// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import RawStructuredFieldValues
internal import SwoopCore

/// Reads the digests of a whole representation that a response states, in whichever of the ways origins have.
///
/// What cannot be read, and algorithms that are not known, count for nothing: a digest is a promise more, never a demand.
enum DigestFields {
    /// The digests that the fields state.
    ///
    /// - Parameters:
    ///   - fields: of the response.
    ///   - status: 206 makes some fields speak of the part only; these are left out. Anything but 200 and 206 states nothing.
    /// - Returns: digests in no particular order; several may have one algorithm.
    static func read(_ fields: HeaderFields, status: Int) -> [Digest] {
        guard status == 200 || status == 206, fields["Content-Encoding"] == nil else { return [] }
        var digests = fields.values("Repr-Digest").flatMap(structured)
        digests += fields.values("Digest").flatMap(listed)
        digests += amazon(fields)
        digests += fields.values("x-goog-hash").flatMap(listed)
        if status == 200, let value = fields["Content-MD5"] { digests += [digest("md5", value)].compactMap { $0 } }
        return digests
    }

    /// A dictionary of byte sequences: `sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:` (RFC 9530 section 3).
    private static func structured(_ value: String) -> [Digest] {
        var parser = StructuredFieldValueParser(Array(value.utf8))
        guard let members = try? parser.parseDictionaryFieldValue() else { return [] }
        return members.compactMap { name, member in
            guard case .item(let item) = member, case .undecodedByteSequence(let text) = item.rfc9651BareItem else {
                return nil
            }
            return digest(name, text)
        }
    }

    /// `SHA-256=RK/0q...,MD5=...` (RFC 3230 section 4.3.2), as Google's storage has it too.
    private static func listed(_ value: String) -> [Digest] {
        value.split(separator: ",").compactMap { member in
            let parts = member.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? digest(String(parts[0].filter { $0 != " " }), String(parts[1])) : nil
        }
    }

    /// Amazon's: a digest of digests, with a number of parts behind, is none of the bytes.
    private static func amazon(_ fields: HeaderFields) -> [Digest] {
        guard fields["x-amz-checksum-type"]?.uppercased() != "COMPOSITE" else { return [] }
        return ["sha256", "sha1"].compactMap { name in
            fields["x-amz-checksum-\(name)"].flatMap { digest(name, $0) }
        }
    }

    private static func digest(_ name: String, _ base64: String) -> Digest? {
        guard let algorithm = DigestAlgorithm.parse(name) else { return nil }
        let text = String(base64.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        return Data(base64Encoded: text).flatMap { Digest(algorithm: algorithm, bytes: Array($0)) }
    }
}
