// SPDX-License-Identifier: Apache-2.0

/// One header field, in the case it has on the wire.
struct HeaderField: Hashable, Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What the origin understood of a request.
struct ChaosRequest: Equatable, Sendable {
    let method: String
    /// The request target as sent.
    let target: String
    let fields: [HeaderField]
    var isHTTP11 = true
    var listener = ChaosListener.main
    /// The number of the connection that it came on.
    var connection = 0

    /// The scenario that the path names, if it is one.
    let scenario: Scenario?
    /// The file's name, percent-decoded and safe as a single path component; nil if it is not.
    let name: String?
    /// The name as it stands in the target.
    let encodedName: String
    /// The parameters, in their order.
    let query: [QueryItem]
    /// The query that state is kept under: as sent, without what the origin itself wrote into a redirect.
    let stateQuery: String

    init(method: String, target: String, fields: [HeaderField]) {
        self.method = method
        self.target = target
        self.fields = fields
        let (path, rawQuery) = Self.split(target, at: "?")
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        let isResource = components.count == 3 && components[0].isEmpty
        scenario = isResource ? Scenario(rawValue: String(components[1])) : nil
        encodedName = isResource ? String(components[2]) : ""
        name = PercentCoding.decode(encodedName).flatMap(Self.safeName)
        let parts = rawQuery.split(separator: "&").map(String.init)
        query = parts.map(Self.item)
        stateQuery = parts.filter { !["hop", "until"].contains(Self.item($0).name) }.joined(separator: "&")
    }

    /// The value of the first field of that name, whatever its case.
    func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name }?.value
    }

    var isHead: Bool { method == "HEAD" }

    /// Whether it is for a Metalink document about a file, and not for the file.
    var isForMetalink: Bool { scenario == .metalink && name?.hasSuffix(Self.metalinkSuffix) == true }

    /// The name of the file that it is about.
    var fileName: String? {
        isForMetalink ? name.map { String($0.dropLast(Self.metalinkSuffix.count)) } : name
    }

    static let metalinkSuffix = ".meta4"

    private static func safeName(_ name: String) -> String? {
        let unsafe = name.isEmpty || name == "." || name == ".." || name.utf8.contains { $0 == 0 || $0 == 0x2F }
        return unsafe ? nil : name
    }

    private static func item(_ text: String) -> QueryItem {
        let (name, value) = split(text, at: "=")
        return QueryItem(name: PercentCoding.decode(name) ?? name, value: PercentCoding.decode(value) ?? value)
    }

    private static func split(_ text: String, at separator: Character) -> (String, String) {
        guard let index = text.firstIndex(of: separator) else { return (text, "") }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }
}

/// Percent-encoding of one path component or query value (RFC 3986 section 2.1).
enum PercentCoding {
    static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            isUnreserved(byte) ? String(UnicodeScalar(byte)) : "%" + hex(byte >> 4) + hex(byte & 15)
        }.joined()
    }

    /// The decoded text, or nil if it is not well-formed or not UTF-8.
    static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
        }
    }

    private static func hex(_ nibble: UInt8) -> String { String(nibble, radix: 16, uppercase: true) }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map { UInt8($0) }
    }
}
