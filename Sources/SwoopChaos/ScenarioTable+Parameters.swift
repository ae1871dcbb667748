// SPDX-License-Identifier: Apache-2.0

extension ScenarioTable {
    /// The parameters of a scenario, beside the common ones.
    static func parameters(_ scenario: Scenario) -> [Parameter] {
        switch scenario {
        case .plain, .noRange, .lyingAcceptRanges, .noLength, .ifRangeIgnored, .oneByte, .headRefused, .getOnce,
            .noContentRange, .multipart, .gzipAnyway:
            []
        case .throttled:
            [Parameter("rate", "200K", "as below"), Parameter("total", "1M", "as below")]
        case .slowOne:
            [
                Parameter("n", "16", "one response in each n, chosen by the seed"),
                Parameter("rate", "2M", "as below; the chosen one has 1/20 of it, or of the total if it is 0"),
            ]
        case .latency:
            [Parameter("ttfb", "100ms", "as below")]
        case .shortBody:
            [Parameter("bytes", "256K", "body bytes sent before the close; shorter responses are whole")]
        case .noLengthTruncated:
            [
                Parameter("n", "1", "every n-th response"),
                Parameter("bytes", "", "body bytes before the end, at most all of them; else half"),
            ]
        case .longBody:
            [Parameter("bytes", "1000", "how many bytes too many follow each body")]
        case .reset:
            [Parameter("n", "2", "every n-th response"), Parameter("after", "", "body bytes before it, else random")]
        case .stall:
            [Parameter("n", "3", "every n-th response"), Parameter("after", "", "body bytes before it, else random")]
        case .drip:
            [Parameter("n", "4", "every n-th response"), Parameter("after", "0", "body bytes at full speed before it")]
        case .clippedRange:
            [Parameter("bytes", "256K", "longest 206, in bytes")]
        case .wrongStart:
            [Parameter("n", "1", "every n-th ranged request"), Parameter("bytes", "1", "how far off the start is")]
        case .wrongTotal:
            [
                Parameter("n", "2", "every n-th ranged request"),
                Parameter("delta", "1", "how far off the total is, in bytes"),
            ]
        case .chunked206:
            [Parameter("n", "1", "every n-th ranged request"), Parameter("bytes", "1", "how far off the start is")]
        case .exactSegment, .segmentPlusOne:
            [Parameter("bytes", "4M", "length of the client's first range; a shorter file stays as it is")]
        case .changesMidway, .changesSameLength, .grows:
            [
                Parameter("bytes", "", "body bytes of version 1 sent before the change, else a third of the length"),
                Parameter(
                    "delta",
                    scenario == .grows ? "1000" : "0",
                    "how much longer version 2 is, in bytes; may be negative"
                ),
            ]
        case .rotatingETag:
            [Parameter("n", "1000000", "ETags that take turns")]
        case .weakETag:
            [Parameter("etag", "weak", "as below"), Parameter("lastmod", "0", "as below")]
        case .changesOnResume:
            [Parameter("n", "1", "how often it changes"), Parameter("delta", "0", "growth at each change, in bytes")]
        case .status416:
            [Parameter("delta", "0", "added to the length that the 416 states")]
        case .empty:
            [Parameter("kind", "416", "416 or 200: the answer to a range")]
        case .redirects:
            [
                Parameter("hops", "3", "redirects before the file"),
                Parameter("status", "", "301, 302, 303, 307 or 308; else each in turn"),
            ]
        case .redirectLoop, .redirectOtherOrigin, .redirectHTTPSHTTP, .tlsExpired, .tlsWrongHost, .tlsSelfSigned,
            .tlsOld:
            [Parameter("status", "302", "301, 302, 303, 307 or 308")]
        case .redirectExpiring:
            [
                Parameter("status", "302", "301, 302, 303, 307 or 308"),
                Parameter("ttl", "1s", "how long a target is valid, as 500ms or 2s"),
            ]
        case .tooMany:
            [
                Parameter("n", "4", "connections served at a time, each from its first request to its end"),
                Parameter("kind", "503", "503, 429, 403, refuse (closed without an answer) or reset"),
            ]
        case .retryAfter:
            [
                Parameter("first", "0", "responses before the first 503"),
                Parameter("n", "2", "503s, one after another, before the file is served"),
                Parameter("seconds", "1", "how long each asks to wait; an earlier request is a violation in the log"),
                Parameter("form", "seconds", "seconds or date"),
            ]
        case .flaky:
            [
                Parameter("p", "0.1", "share of requests that fail, from 0 to 1; the seed says which and how"),
                Parameter("stall", "0", "1 lets some of them stall, too"),
            ]
        case .errorPage:
            [Parameter("n", "3", "every n-th response")]
        case .badDigest, .goodDigest:
            [Parameter("kind", "all", "all, repr (Repr-Digest), digest (Digest) or amz (x-amz-checksum-sha256)")]
        case .headerBomb, .slowHeaders:
            []
        case .evilName:
            [Parameter("case", "traversal", EvilName.allCases.map(\.rawValue).joined(separator: " "))]
        case .mirrored:
            [
                Parameter("mirror", "", "a mirror's URL, percent-encoded; may be repeated, the first is the best"),
                Parameter("describedby", "", "a Metalink document's URL, percent-encoded"),
                Parameter("digest", "0", "1 sends Repr-Digest and Digest with the file's SHA-256"),
            ]
        case .metalink:
            [
                Parameter(
                    "mirror",
                    "",
                    "a URL in the document, percent-encoded; may be repeated; else this /plain/NAME"
                ),
                Parameter("piece", "1M", "bytes in each piece with a digest of its own; 0 is no pieces"),
                Parameter("hash", "sha-256", "of the file and the pieces; no other one is known"),
            ]
        case .otherBytes:
            [Parameter("from", "0", "offset of the first byte that differs")]
        case .dies:
            [
                Parameter("bytes", "", "body bytes sent over all connections until then, else half of the length"),
                Parameter("kind", "reset", "reset or refuse (closed without an answer)"),
            ]
        }
    }
}
