// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO
internal import SwoopS3
internal import Synchronization

/// The credentials that requests are signed with, fetched anew before they expire.
final class CredentialKeeper: Sendable {
    /// Asks wherever credentials come from; `nil` stands for none: requests are not signed.
    typealias Source = @Sendable () async throws(TransferFailure) -> S3Credentials?

    private struct State {
        var credentials: S3Credentials?
        var isRefreshing = false
    }

    /// Credentials are fetched anew so long before they expire, in seconds.
    private static let margin: Int64 = 300

    private let source: Source
    private let state: Mutex<State>

    /// Fetches credentials for the first time.
    init(_ source: @escaping Source) async throws(TransferFailure) {
        self.source = source
        state = Mutex(State(credentials: try await source()))
    }

    /// What requests are signed with now; `nil` if they are not.
    var latest: S3Credentials? { state.withLock { $0.credentials } }

    /// Credentials that last a while. Where that takes a request, others go on with those that are about to expire.
    func fresh() async throws(TransferFailure) -> S3Credentials? {
        let seconds = WallClock.seconds
        let (credentials, isMine) = state.withLock { state in
            let isDue = state.credentials?.isExpired(at: seconds, margin: Self.margin) == true && !state.isRefreshing
            if isDue { state.isRefreshing = true }
            return (state.credentials, isDue)
        }
        return isMine ? try await refresh() : credentials
    }

    /// Credentials that are other ones than those which a store called expired; the same where there are no others.
    func replacing(_ used: S3Credentials?) async throws(TransferFailure) -> S3Credentials? {
        let latest = latest
        return latest == used ? try await refresh() : latest
    }

    private func refresh() async throws(TransferFailure) -> S3Credentials? {
        defer { state.withLock { $0.isRefreshing = false } }
        let news = try await source()
        state.withLock { $0.credentials = news }
        return news
    }
}
