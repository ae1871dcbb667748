// SPDX-License-Identifier: Apache-2.0

/// A URL that, as its publisher says, has the same bytes as another.
public struct MirrorURL: Hashable, Sendable {
    /// Where; without user and password.
    public let url: HTTPURL
    /// 1 to ``lowestPriority``; 1 is used first.
    public let priority: Int
    /// The country as two lower-case letters (ISO 3166-1), if the publisher said.
    public let location: String?

    /// The priority of a mirror for which none is given (RFC 5854 section 4.2.16.1, RFC 6249 section 3.1).
    public static let lowestPriority = 999_999

    /// How many mirrors of one file are kept; further ones are not read.
    public static let maximumCount = 1_000

    /// Makes a mirror; a priority out of bounds counts as the lowest, a location that is no country code as none.
    public init(url: HTTPURL, priority: Int = lowestPriority, location: String? = nil) {
        self.url = url
        self.priority = (1...Self.lowestPriority).contains(priority) ? priority : Self.lowestPriority
        self.location = location.map(ASCII.lowercased).flatMap { code in
            code.utf8.count == 2 && code.utf8.allSatisfy(ASCII.isLetter) ? code : nil
        }
    }

    /// Reads a priority as both RFCs write it: digits. `nil`, or anything that is not one, counts as the lowest.
    static func priority(_ text: String?) -> Int {
        text.flatMap { ASCII.decimal(ASCII.trimmed($0)) }.flatMap(Int.init(exactly:)) ?? lowestPriority
    }

    /// Mirrors by priority, those of equal priority in their order, each URL once.
    static func ordered(_ mirrors: [MirrorURL]) -> [MirrorURL] {
        var seen: Set<HTTPURL> = []
        let sorted = mirrors.enumerated().sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }
        return sorted.map(\.element).filter { seen.insert($0.url).inserted }
    }

    /// Whether a mirror may stand in for `source`.
    ///
    /// Whoever asked for https must not get bytes over plain http, where anyone on the way could change them, unless
    /// they are verified with a digest that rules that out: see ``DigestAlgorithm/resistsAttackers``. A redirect from
    /// https to http is refused for the same reason.
    public static func admits(_ mirror: HTTPURL, for source: HTTPURL, verified digests: [DigestAlgorithm]) -> Bool {
        source.scheme != "https" || mirror.scheme == "https" || digests.contains(where: \.resistsAttackers)
    }
}
