// SPDX-License-Identifier: Apache-2.0

/// One item of an input list: URLs of one representation, and what is said of it.
public struct InputItem: Hashable, Sendable {
    /// Number of the line with the URLs, from 1.
    public var line: Int
    /// The first URL.
    public var url: String
    /// The other URLs on the line, which have the same bytes.
    public var mirrors: [String]
    /// What the indented lines below it say.
    public var settings = InputSettings()
}

/// What the options of an item say, each `nil` or empty unless there.
public struct InputSettings: Hashable, Sendable {
    /// Path of the file below the directory (`out`); neither absolute nor leading out of it.
    public var name: String?
    /// The directory (`dir`).
    public var directory: String?
    /// What the bytes must hash to (`checksum`).
    public var digest: Digest?
    /// Fields for the URL's own origin (`header`, repeatable).
    public var fields = HeaderFields()
    /// The Referer field (`referer`).
    public var referer: String?
    /// The User-Agent field (`user-agent`).
    public var userAgent: String?
    /// Number of connections: the least of what `split` and `max-connection-per-server` say.
    public var connections: Int?
    /// Largest length (`max-filesize`); not one of aria2's.
    public var maximumLength: Int64?
    /// Whether to continue a partial (`continue`).
    public var resume: Bool?
    /// Whether to replace a target that exists (`allow-overwrite`).
    public var overwrite: Bool?
}

/// Why a line of an input list cannot be used. The message repeats nothing that could be a secret.
public struct InputListError: Error, Hashable, Sendable {
    /// Number of the line, from 1.
    public var line: Int
    /// What is wrong and what to do; lower case, no final full stop.
    public var message: String
}

extension InputSettings {
    /// More than any origin admits.
    private static let mostConnections: Int64 = 1000

    /// Takes one option over.
    ///
    /// - Returns: `false` for an option that says nothing about a download by Swoop.
    /// - Throws: what is wrong with the value.
    mutating func take(_ option: String, _ value: String) throws(InputValueError) -> Bool {
        switch option {
        case "out": name = try Self.fileName(value)
        case "dir": directory = try Self.text(value, "a directory")
        case "checksum": digest = try Self.digest(value)
        case "header":
            guard let field = HeaderFields.parse(argument: value) else { throw .init("write header=Name: value") }
            fields.add(field.name, field.value)
        case "referer": referer = try Self.text(value, "a URL")
        case "user-agent": userAgent = try Self.text(value, "a text")
        case "split", "max-connection-per-server": connections = min(try Self.count(value), connections ?? .max)
        case "max-filesize": maximumLength = try Self.size(value)
        case "continue": resume = try Self.truth(value)
        case "allow-overwrite": overwrite = try Self.truth(value)
        default: return false
        }
        return true
    }

    /// A list may come from somebody else: `out` names a file below the directory that the user named.
    private static func fileName(_ value: String) throws(InputValueError) -> String {
        let parts = try text(value, "a file name").utf8.split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        guard !parts.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            throw .init("out names a file below the directory: use dir for another one")
        }
        return value
    }

    private static func text(_ value: String, _ what: String) throws(InputValueError) -> String {
        guard !value.isEmpty else { throw .init("the value is missing: write \(what)") }
        guard HeaderFields.isValid(value: value) else { throw .init("remove the control characters") }
        return value
    }

    private static func digest(_ value: String) throws(InputValueError) -> Digest {
        guard let digest = Digest.parse(value) else {
            throw .init("write ALGORITHM=HEX with sha-256, sha-512, sha-1 or md5 and all of its hex digits")
        }
        return digest
    }

    private static func count(_ value: String) throws(InputValueError) -> Int {
        guard let count = ASCII.decimal(value), (1...mostConnections).contains(count) else {
            throw .init("write a number from 1 to \(mostConnections)")
        }
        return Int(count)
    }

    private static func size(_ value: String) throws(InputValueError) -> Int64 {
        guard let size = ByteCount.parse(value) else { throw .init("write a size such as 512K or 1.5G") }
        return size
    }

    private static func truth(_ value: String) throws(InputValueError) -> Bool {
        guard ["true", "false"].contains(value) else { throw .init("write true or false") }
        return value == "true"
    }
}

/// What to write instead of a value.
struct InputValueError: Error {
    let advice: String

    init(_ advice: String) { self.advice = advice }
}
