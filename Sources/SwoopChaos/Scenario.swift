// SPDX-License-Identifier: Apache-2.0

/// One way for an origin to behave; the raw value is its first path component in a URL.
///
/// What each one does, what a good client must do and its parameters stand in ``ScenarioTable``.
public enum Scenario: String, CaseIterable, Hashable, Sendable {
    case plain
    case throttled
    case slowOne = "slow-one"
    case latency
    case noRange = "no-range"
    case lyingAcceptRanges = "lying-accept-ranges"
    case noLength = "no-length"
    case noLengthTruncated = "no-length-truncated"
    case shortBody = "short-body"
    case longBody = "long-body"
    case reset
    case stall
    case drip
    case headRefused = "head-refused"
    case getOnce = "get-once"
    case clippedRange = "clipped-range"
    case wrongStart = "wrong-start"
    case wrongTotal = "wrong-total"
    case noContentRange = "no-content-range"
    case chunked206 = "chunked-206"
    case multipart
    case status416 = "status-416"
    case empty
    case oneByte = "one-byte"
    case exactSegment = "exact-segment"
    case segmentPlusOne = "segment-plus-one"
    case gzipAnyway = "gzip-anyway"
    case changesMidway = "changes-midway"
    case changesOnResume = "changes-on-resume"
    case changesSameLength = "changes-same-length"
    case rotatingETag = "rotating-etag"
    case weakETag = "weak-etag"
    case ifRangeIgnored = "if-range-ignored"
    case grows
    case redirects
    case redirectLoop = "redirect-loop"
    case redirectExpiring = "redirect-expiring"
    case redirectOtherOrigin = "redirect-other-origin"
    case redirectHTTPSHTTP = "redirect-https-http"
    case tooMany = "too-many"
    case retryAfter = "retry-after"
    case flaky
    case errorPage = "error-page"
    case badDigest = "bad-digest"
    case goodDigest = "good-digest"
    case evilName = "evil-name"
    case headerBomb = "header-bomb"
    case slowHeaders = "slow-headers"
    case tlsExpired = "tls-expired"
    case tlsWrongHost = "tls-wrong-host"
    case tlsSelfSigned = "tls-self-signed"
    case tlsOld = "tls-old"
    case mirrored
    case metalink
    case otherBytes = "other-bytes"
    case dies
}
