// SPDX-License-Identifier: Apache-2.0

/// What a scenario does, what it asks of a client, and what can be set in its query string.
public struct ScenarioEntry: Sendable {
    /// A query parameter of a scenario.
    public struct Parameter: Sendable {
        /// The name in the query string.
        public let name: String
        /// The value used when the query does not name it, as it would be written there; empty when computed or off.
        public let defaultValue: String
        /// What it sets, with its unit.
        public let meaning: String

        init(_ name: String, _ defaultValue: String, _ meaning: String) {
            self.name = name
            self.defaultValue = defaultValue
            self.meaning = meaning
        }
    }

    /// Which scenario this describes.
    public let scenario: Scenario
    /// What the origin does.
    public let origin: String
    /// What a good client must do.
    public let client: String
    /// The parameters that mean something here, beside ``ScenarioTable/common``.
    public let parameters: [Parameter]
}

/// Every scenario in one table: the text of `swoop chaos --list` and the only home of the parameters' defaults.
public enum ScenarioTable {
    typealias Parameter = ScenarioEntry.Parameter

    /// The parameters that every scenario understands.
    public static let common: [ScenarioEntry.Parameter] = [
        Parameter("rate", "0", "bytes per second on each connection, suffixes K M G (1024); 0 is no limit"),
        Parameter("total", "0", "bytes per second over all connections to this scenario and name; 0 is no limit"),
        Parameter("ttfb", "0", "least time to the first byte, as 100ms or 2s; half take above 1.4 times, few up to 10"),
        Parameter("seed", "1", "choice of everything random; the same seed gives the same run"),
        Parameter("etag", "strong", "strong, weak or none"),
        Parameter("lastmod", "1", "1 sends Last-Modified, 0 does not"),
        Parameter("store", "0", "1 sends x-amz-request-id, as object stores do"),
    ]

    /// The entry of a scenario.
    public static func entry(_ scenario: Scenario) -> ScenarioEntry {
        let (origin, client) = description(scenario)
        return ScenarioEntry(scenario: scenario, origin: origin, client: client, parameters: Self.parameters(scenario))
    }

    /// The whole table as text: a paragraph for each scenario, then the common parameters.
    public static func listing() -> String {
        let scenarios = Scenario.allCases.map(entry).map(paragraph)
        let shared = "every scenario also takes\n" + common.map(line).joined()
        let footer = """
            any other query parameter only sets apart: counters and versions are kept for each scenario, name and query

            """
        return (scenarios + [shared + footer]).joined(separator: "\n")
    }

    private static func paragraph(_ entry: ScenarioEntry) -> String {
        "\(entry.scenario.rawValue)\n    origin: \(entry.origin)\n    client: \(entry.client)\n"
            + entry.parameters.map(line).joined()
    }

    private static func line(_ parameter: Parameter) -> String {
        "    ?\(parameter.name)=\(parameter.defaultValue)  \(parameter.meaning)\n"
    }

    private static func description(_ scenario: Scenario) -> (origin: String, client: String) {
        switch scenario {
        case .plain: ("correct ranges, strong ETag", "complete, in parallel")
        case .throttled: ("rate for each connection, total over all", "complete at the total")
        case .slowOne: ("one request in so many crawls at 1/20 of the rate", "complete near ideal time")
        case .latency: ("the first byte comes late, sometimes very late", "complete")
        case .noRange: ("200 with the whole body to every request, no Accept-Ranges", "complete on one connection")
        case .lyingAcceptRanges:
            ("advertises bytes, answers every range with 200", "complete on one connection, using that response")
        case .noLength: ("chunked 200 without Content-Length, ranges ignored", "complete on one connection")
        case .noLengthTruncated:
            ("chunked 200 that ends before its last chunk", "refuse; complete if a later response is whole")
        case .shortBody: ("closes early in every response", "complete, by re-requesting the remainder")
        case .longBody: ("sends more than it said", "complete or refuse; the surplus is nowhere in the file")
        case .reset: ("TCP reset after a random number of bytes", "complete, received bytes kept")
        case .stall: ("stops sending and keeps the socket open", "complete after the stall time-out")
        case .drip: ("one byte a second in some responses", "complete: replaced")
        case .headRefused: ("405 to HEAD", "complete")
        case .getOnce:
            ("one response, then 403 for good", "complete if the one response had everything, else refuse")
        case .clippedRange: ("206 for less than asked, correctly labelled", "complete, remainder requested")
        case .wrongStart: ("Content-Range starts elsewhere than asked", "refuse; complete if a retry is honest")
        case .wrongTotal: ("Content-Range with another total length than before", "start over or refuse")
        case .noContentRange: ("206 without Content-Range", "complete on one connection, or refuse")
        case .chunked206:
            ("206 in chunks whose Content-Range starts elsewhere", "refuse; complete if a retry is honest")
        case .multipart: ("multipart/byteranges for one range", "complete on one connection, or refuse")
        case .changesMidway:
            ("cut off after so many bytes of version 1, then version 2 with another ETag", "restart, one version only")
        case .changesOnResume:
            ("another version once a client has left and comes back", "restart at the second run, said aloud")
        case .changesSameLength:
            ("cut off, then other bytes and ETag; the same length and Last-Modified", "restart, one version only")
        case .rotatingETag: ("another ETag in every response, the same bytes", "complete")
        case .weakETag: ("a weak ETag and nothing else", "complete in one run")
        case .ifRangeIgnored: ("200 with the whole body whenever If-Range is sent", "complete, in parallel")
        case .status416: ("416 to every range that holds the last byte", "complete, or restart if the length differs")
        case .empty: ("no bytes, whatever the file", "an empty file")
        case .oneByte: ("the first byte of the file, as the whole file", "complete")
        case .exactSegment: ("a file as long as the client's first range", "complete")
        case .segmentPlusOne: ("a file one byte longer than that", "complete")
        case .gzipAnyway:
            (
                "gzip, whatever Accept-Encoding says, and no ranges",
                "decode as declared or refuse; never the coded bytes"
            )
        case .grows:
            ("bytes are appended to the file while it is fetched", "the length that was promised, or all; never beyond")
        case .redirects: ("a chain of redirects, absolute and relative", "complete")
        case .redirectLoop: ("a redirect that leads back", "refuse, soon")
        case .redirectExpiring:
            ("a redirect whose target is valid for a while only", "complete: asked for again at the first URL")
        case .redirectOtherOrigin:
            ("a redirect to another port, which records what it gets", "complete; no secret arrives there")
        case .redirectHTTPSHTTP:
            ("a redirect to https, and from there back to http", "refuse: what was secure stays so")
        case .tooMany:
            ("more than so many connections are turned away", "complete with as many; few are turned away")
        case .retryAfter: ("503 with Retry-After at first", "complete; nothing is asked before then")
        case .flaky:
            ("a share of requests fails: 500, 503, reset before and after the head, short body", "complete")
        case .errorPage: ("200 with a login page in HTML to some requests", "refuse or retry; never in the file")
        case .badDigest: ("digest fields that are wrong", "refuse: digest mismatch")
        case .goodDigest: ("digest fields that are right", "complete, and say that it is verified")
        case .headerBomb: ("header fields without end, fast", "refuse, soon, in bounded memory")
        case .slowHeaders: ("a field a second, and never the end of the head", "refuse after the stall time-out")
        case .evilName: ("a Content-Disposition that no one should obey", "a safe name inside the target directory")
        case .tlsExpired: ("a redirect to https, with a certificate whose time is over", "refuse, and say so")
        case .tlsWrongHost: ("a redirect to https, with a certificate for another host", "refuse, and say so")
        case .tlsSelfSigned: ("a redirect to https, with a certificate that signed itself", "refuse, and say so")
        case .tlsOld: ("a redirect to https, with TLS 1.0 and nothing newer", "refuse, and say so")
        case .mirrored: ("correct, with Link fields that name mirrors (RFC 6249)", "complete, from all of them")
        case .metalink:
            ("NAME.meta4 is a Metalink 4 document about NAME (RFC 5854); NAME links to it", "complete, pieces verified")
        case .otherBytes:
            (
                "correct, but with other bytes of the same length and another ETag",
                "as a mirror: dropped aloud, never mixed"
            )
        case .dies:
            (
                "correct until so many bytes are sent in all, then every connection is reset for good",
                "as a mirror: the others take over"
            )
        }
    }
}
