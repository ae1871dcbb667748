// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// The query parameters of a request, typed, with the defaults of ``ScenarioTable`` filled in.
struct ScenarioParameters: Equatable, Sendable {
    enum EntityTag: String { case none, weak, strong }
    enum RetryForm: String { case seconds, date }

    let rate: Int64
    let total: Int64
    /// Nanoseconds.
    let timeToFirstByte: Int64
    let seed: UInt64
    let entityTag: EntityTag
    let sendsLastModified: Bool
    let isObjectStore: Bool
    let bytes: Int64?
    let after: Int64?
    let delta: Int64
    /// Never below 1.
    let n: Int
    let kind: String
    let status: Int?
    let hops: Int
    /// How far along a chain of redirects this request is; the origin writes it into its Locations.
    let hop: Int
    /// Until when the target of an expiring redirect is valid, in milliseconds since 1970; the origin writes it there.
    let until: Int64?
    /// How long such a target is valid, in nanoseconds.
    let lifetime: Int64
    let seconds: Int64
    let form: RetryForm
    let evilName: EvilName
    /// From 0 to 1.
    let share: Double
    let stalls: Bool
    /// Responses before a scenario begins.
    let first: Int
    let from: Int64
    let mirrors: [String]
    let describedBy: String?
    let sendsDigest: Bool
    let piece: Int64

    /// Reads a query; a parameter with a value that means nothing is an error, one with an unknown name is not.
    init(_ scenario: Scenario, query: [QueryItem]) throws(ParameterError) {
        let values = Values(scenario, query)
        rate = try values.required("rate", Self.size)
        total = try values.required("total", Self.size)
        timeToFirstByte = try values.required("ttfb", Self.nanoseconds)
        seed = try values.required("seed") { UInt64($0) }
        entityTag = try values.required("etag", EntityTag.init(rawValue:))
        sendsLastModified = try values.required("lastmod", Self.flag)
        isObjectStore = try values.required("store", Self.flag)
        bytes = try values.optional("bytes", Self.size)
        after = try values.optional("after", Self.size)
        delta = try values.optional("delta", Self.signedSize) ?? 0
        n = try values.optional("n") { Int($0).flatMap { $0 > 0 ? $0 : nil } } ?? 1
        kind = try values.optional("kind") { Self.kinds(scenario).contains($0) ? $0 : nil } ?? ""
        status = try values.optional("status") { Int($0).flatMap { Self.redirectStatuses.contains($0) ? $0 : nil } }
        hops = try values.optional("hops") { Int($0).flatMap { (0...1_000).contains($0) ? $0 : nil } } ?? 0
        hop = try values.optional("hop") { Int($0).flatMap { (0...1_000).contains($0) ? $0 : nil } } ?? 0
        until = try values.optional("until") { Int64($0) }
        lifetime = try values.optional("ttl", Self.nanoseconds) ?? 0
        seconds = try values.optional("seconds") { Int64($0).flatMap { (0...86_400).contains($0) ? $0 : nil } } ?? 0
        form = try values.optional("form", RetryForm.init(rawValue:)) ?? .seconds
        evilName = try values.optional("case", EvilName.init(rawValue:)) ?? .traversal
        share = try values.optional("p") { Double($0).flatMap { (0...1).contains($0) ? $0 : nil } } ?? 0
        stalls = try values.optional("stall", Self.flag) ?? false
        first = try values.optional("first") { Int($0).flatMap { $0 >= 0 ? $0 : nil } } ?? 0
        from = try values.optional("from", Self.size) ?? 0
        mirrors = try values.all("mirror", Self.link)
        describedBy = try values.optional("describedby", Self.link)
        sendsDigest = try values.optional("digest", Self.flag) ?? false
        piece = try values.optional("piece", Self.size) ?? 0
        _ = try values.optional("hash") { $0 == "sha-256" ? $0 : nil }
    }

    static let redirectStatuses = [301, 302, 303, 307, 308]

    private static func kinds(_ scenario: Scenario) -> [String] {
        switch scenario {
        case .empty: ["416", "200"]
        case .dies: ["refuse", "reset"]
        case .badDigest, .goodDigest: ["all", "repr", "digest", "amz"]
        default: ["503", "429", "403", "refuse", "reset"]
        }
    }

    private static func flag(_ text: String) -> Bool? {
        ["0": false, "1": true][text]
    }

    /// A URL, absolute or relative, that breaks neither a header field nor the angle brackets around it.
    private static func link(_ text: String) -> String? {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && ![0x22, 0x3C, 0x3E].contains($0) } ? text : nil
    }

    /// Bytes, at most an exbibyte so that sums stay far from overflow.
    private static func size(_ text: String) -> Int64? {
        ByteCount.parse(text).flatMap { $0 <= 1 << 60 ? $0 : nil }
    }

    private static func signedSize(_ text: String) -> Int64? {
        text.hasPrefix("-") ? size(String(text.dropFirst())).map { -$0 } : size(text)
    }

    /// `100ms`, `2s` or a bare number of seconds; at most an hour.
    static func nanoseconds(_ text: String) -> Int64? {
        let isMilliseconds = text.hasSuffix("ms")
        let unit = isMilliseconds ? Moment.nanosecondsPerMillisecond : Moment.nanosecondsPerSecond
        let digits = isMilliseconds ? text.dropLast(2) : text.hasSuffix("s") ? text.dropLast() : text[...]
        guard let number = Int64(digits), number >= 0, number <= 3_600 * Moment.nanosecondsPerSecond / unit else {
            return nil
        }
        return number * unit
    }
}

/// A query parameter that a scenario knows, with a value it cannot use.
struct ParameterError: Error, Equatable {
    let name: String
    let value: String

    var message: String { "the value '\(value)' of the parameter '\(name)' is not one this scenario knows" }
}

/// One `name=value` of a query string, percent-decoded.
struct QueryItem: Hashable, Sendable {
    let name: String
    let value: String
}

/// Values by name: the query's, else the scenario's defaults, else the common ones.
private struct Values {
    private var texts: [String: String] = [:]
    private let query: [QueryItem]

    init(_ scenario: Scenario, _ query: [QueryItem]) {
        self.query = query
        for parameter in ScenarioTable.common + ScenarioTable.entry(scenario).parameters {
            texts[parameter.name] = parameter.defaultValue
        }
        for item in query { texts[item.name] = item.value }
    }

    func optional<T>(_ name: String, _ parse: (String) -> T?) throws(ParameterError) -> T? {
        guard let text = texts[name], !text.isEmpty else { return nil }
        guard let value = parse(text) else { throw ParameterError(name: name, value: text) }
        return value
    }

    /// The values of a parameter that may be repeated, in their order.
    func all<T>(_ name: String, _ parse: (String) -> T?) throws(ParameterError) -> [T] {
        var values: [T] = []
        for item in query where item.name == name && !item.value.isEmpty {
            guard let value = parse(item.value) else { throw ParameterError(name: name, value: item.value) }
            values.append(value)
        }
        return values
    }

    func required<T>(_ name: String, _ parse: (String) -> T?) throws(ParameterError) -> T {
        guard let value = try optional(name, parse) else { throw ParameterError(name: name, value: "") }
        return value
    }
}
