// SPDX-License-Identifier: Apache-2.0

/// What to do about a failure. The one place that tells transient from permanent.
public enum RetryPolicy {
    /// What a failure means for the transfer.
    public enum Disposition: Hashable, Sendable {
        /// The same request may succeed later.
        case transient
        /// A busy origin may mean: fewer connections. Otherwise as ``transient``.
        case transientOrTooMany
        /// Permanent, unless other exchanges with the same origin succeed: then it means fewer connections.
        case permanentUnlessOthersSucceed
        /// Asking again cannot help.
        case permanent
    }

    /// What `failure` means.
    ///
    /// | Failure | Means | Why |
    /// |---|---|---|
    /// | unknown host | transient | a resolver's "no such name" is often a network that is not up yet |
    /// | refused, reset, closed early | transient or too many | origins drop what they cannot admit |
    /// | connect time-out, stall | transient | loss or a dead path; a new connection may take another |
    /// | 408, 425, 500, 502, 504 | transient | RFC 9110 15.5.9, 15.6.1, 15.6.3, 15.6.5; RFC 8470 5.2 |
    /// | 429, 503 | transient or too many | RFC 6585 section 4; RFC 9110 section 15.6.4 |
    /// | 506...599 | transient | proxies' own codes for a failing origin behind them |
    /// | 403 | permanent unless others succeed | some origins answer 403 to the connection too many |
    /// | other 4xx, 501, 505 | permanent | RFC 9110 section 15.5: the client seems to have erred |
    /// | contradictory response | transient | one bad replica of several; gives up like any failure |
    /// | everything else | permanent | decided by the user, the disk or the origin for good |
    public static func disposition(of failure: TransferFailure) -> Disposition {
        switch failure.code {
        case .unknownHost, .connectTimeout, .stalled, .invalidResponse: .transient
        case .connectFailed, .connectionLost: .transientOrTooMany
        case .status: disposition(ofStatus: failure.status ?? 0)
        case .badURL, .tlsRefused, .proxyRefused, .redirectRefused, .unsupportedScheme, .tooLarge, .changed,
            .digestMismatch,
            .diskFull,
            .permissionDenied, .targetExists, .badTarget, .locked, .foreignPartial, .inputOutput, .readerGone,
            .cancelled, .bug:
            .permanent
        }
    }

    private static func disposition(ofStatus status: Int) -> Disposition {
        switch status {
        case 429, 503: .transientOrTooMany
        case 403: .permanentUnlessOthersSucceed
        case 408, 425, 500, 502, 504: .transient
        case 501, 505: .permanent
        case 506...599: .transient
        default: .permanent
        }
    }

    /// Longest wait between two attempts that the origin did not ask for.
    public static let longestBackOff: Duration = .seconds(30)

    /// How long to wait before attempt `attempt + 1`: exponential with full jitter, so that many clients that failed
    /// together do not return together.
    ///
    /// - Parameters:
    ///   - attempt: failures without progress so far; at least 1.
    ///   - base: wait after the first failure, before jitter.
    ///   - random: uniform in 0..<1.
    /// - Returns: between half of the exponential value and all of it.
    public static func backOff(attempt: Int, base: Duration, random: Double) -> Duration {
        let doublings = min(max(0, attempt - 1), 16)
        let full = min(base * (1 << doublings), longestBackOff)
        return full * (0.5 + 0.5 * random)
    }
}

extension TransferFailure {
    /// Whether doing the same thing again may succeed.
    public var isTransient: Bool {
        switch RetryPolicy.disposition(of: self) {
        case .transient, .transientOrTooMany: code != .invalidResponse
        case .permanent, .permanentUnlessOthersSucceed: false
        }
    }
}
