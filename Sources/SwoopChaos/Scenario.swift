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
    case noLength = "no-length"
    case shortBody = "short-body"
    case reset
    case stall
    case drip
    case clippedRange = "clipped-range"
    case wrongStart = "wrong-start"
    case changesMidway = "changes-midway"
    case changesOnResume = "changes-on-resume"
    case ifRangeIgnored = "if-range-ignored"
    case status416 = "status-416"
    case empty
    case oneByte = "one-byte"
    case redirects
    case redirectLoop = "redirect-loop"
    case redirectOtherOrigin = "redirect-other-origin"
    case tooMany = "too-many"
    case retryAfter = "retry-after"
    case flaky
    case errorPage = "error-page"
    case evilName = "evil-name"
    case mirrored
    case metalink
    case otherBytes = "other-bytes"
    case dies
}
