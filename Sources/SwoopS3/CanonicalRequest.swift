// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import SwoopCore

/// A request in the one form that both sides compute its signature from.
///
/// - Source: AWS docs "Create a signed AWS API request", step 1; "Signature Calculations for the Authorization Header".
public struct CanonicalRequest: Hashable, Sendable {
    /// How a service reads paths.
    public enum PathRule: Hashable, Sendable {
        /// As they are, since a key may hold `//` or `%`: S3.
        case verbatim
        /// Without dot segments and empty ones, and encoded twice: every other service.
        case normalised
    }

    /// The text that is hashed. It holds the values of the signed fields, so that it may hold a session token.
    public let text: String
    /// The names of the signed fields, in lower case, sorted, with `;` between.
    public let signedNames: String

    /// Makes the form.
    ///
    /// - Parameters:
    ///   - method: as it is sent.
    ///   - url: a query of any shape is sorted and encoded anew.
    ///   - fields: exactly those that are signed, `Host` among them.
    ///   - payload: what stands for the body.
    ///   - path: which rule the service has.
    public init(method: String, url: HTTPURL, fields: HeaderFields, payload: PayloadDigest, path: PathRule) {
        let lines = Self.lines(fields)
        signedNames = lines.map(\.name).joined(separator: ";")
        text = [
            method, Self.path(url.path, path), Self.query(url.query ?? ""),
            lines.map { "\($0.name):\($0.value)\n" }.joined(), signedNames, payload.text,
        ].joined(separator: "\n")
    }

    /// SHA-256 of the text, in hex.
    var digest: String { URIEncoding.hex(SHA256.hash(data: Array(text.utf8))) }

    private static func path(_ path: String, _ rule: PathRule) -> String {
        switch rule {
        case .verbatim: URIEncoding.recoded(path, keepingSlashes: true)
        case .normalised:
            URIEncoding.encoded(URIEncoding.recoded(normalised(path), keepingSlashes: true), keepingSlashes: true)
        }
    }

    /// Without empty and dot segments; a slash at the end stays one.
    private static func normalised(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        let segments = path.utf8.split(separator: slash).map { Substring($0) }
        var kept: [Substring] = []
        for segment in segments {
            switch segment {
            case ".": break
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        let endsOpen = path.utf8.last == slash || segments.last == "." || segments.last == ".."
        return "/" + kept.joined(separator: "/") + (endsOpen && !kept.isEmpty ? "/" : "")
    }

    /// Sorted by name, then by value, both encoded; a name without a value gets an empty one.
    private static func query(_ query: String) -> String {
        query.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            let value = part.dropFirst(name.count + 1)
            return (URIEncoding.recoded(Substring(name)), URIEncoding.recoded(Substring(value)))
        }.sorted { one, other in
            one.0 == other.0 ? URIEncoding.precedes(one.1, other.1) : URIEncoding.precedes(one.0, other.0)
        }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    /// Sorted by name; fields of one name become one, their values in the order they are sent.
    private static func lines(_ fields: HeaderFields) -> [(name: String, value: String)] {
        let names = Set(fields.pairs.map { ASCII.lowercased($0.name) })
        return names.sorted(by: URIEncoding.precedes).map { name in
            (name: name, value: fields.values(name).map(collapsed).joined(separator: ","))
        }
    }

    /// Without spaces at both ends, and with one space for each run of them.
    private static func collapsed(_ value: String) -> String {
        value.utf8.split(whereSeparator: ASCII.isWhitespace).map { String(Substring($0)) }.joined(separator: " ")
    }
}

/// What stands for the body in a signature, and in `x-amz-content-sha256`.
///
/// - Source: AWS docs "Signature Calculations for the Authorization Header".
public enum PayloadDigest: Hashable, Sendable {
    /// SHA-256 of the body, as 64 lower-case hex digits. The store checks it.
    case sha256(String)
    /// The signature leaves the body out; only TLS protects it.
    case unsigned
    /// There is no body.
    case empty

    /// Computes the digest of a body.
    public static func of(_ body: [UInt8]) -> PayloadDigest {
        body.isEmpty ? .empty : .sha256(URIEncoding.hex(SHA256.hash(data: body)))
    }

    /// What is signed and sent.
    public var text: String {
        switch self {
        case .sha256(let hex): hex
        case .unsigned: "UNSIGNED-PAYLOAD"
        case .empty: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        }
    }
}
