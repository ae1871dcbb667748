// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore

/// What the process says of itself when it ends. Scripts rely on the numbers: they never change.
enum ExitStatus: Int32, Error, Hashable, Sendable, CaseIterable {
    /// Everything asked for is done and verified.
    case success = 0
    /// A bug in Swoop.
    case bug = 1
    /// A bad option or URL.
    case usage = 2
    /// Asking again cannot help.
    case permanent = 3
    /// Running again may help; it resumes.
    case temporary = 4
    /// The user stopped it; running again resumes.
    case interrupted = 5
    /// The bytes are not the ones asked for, or changed; nothing has the final name.
    case verification = 6
    /// The disk or the file system refused.
    case local = 7

    /// The status for a failed transfer.
    init(_ failure: TransferFailure) {
        self =
            switch failure.code {
            case .badURL: .usage
            case .unknownHost, .connectFailed, .connectTimeout, .connectionLost, .stalled: .temporary
            case .status: Self.isTemporary(status: failure.status ?? 0) ? .temporary : .permanent
            case .tlsRefused, .proxyRefused, .invalidResponse, .redirectRefused, .unsupportedScheme, .tooLarge:
                .permanent
            case .changed, .digestMismatch: .verification
            case .diskFull, .permissionDenied, .targetExists, .badTarget, .locked, .foreignPartial, .inputOutput: .local
            case .cancelled, .readerGone: .interrupted
            case .bug: .bug
            }
    }

    /// RFC 9110 sections 15.5.9 and 15.6; RFC 6585 section 4; RFC 8470 section 5.2.
    private static func isTemporary(status: Int) -> Bool {
        [408, 425, 429].contains(status) || (500..<600).contains(status)
    }

    /// The one to end with when several transfers ended in different ways.
    static func worst(_ statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let all = Set(statuses)
        return bySeverity.first(where: all.contains) ?? .success
    }

    /// Worst first. A usage error ends the process before any transfer begins.
    private static let bySeverity: [ExitStatus] = [
        .usage, .bug, .verification, .local, .permanent, .temporary, .interrupted, .success,
    ]

    /// The same as an error, which is how a command ends with a status.
    var code: ExitCode { ExitCode(rawValue) }

    /// The section of every command's help.
    static let help = """
        EXIT STATUS:
          0  everything asked for is done and verified
          1  a bug in Swoop: please report it
          2  usage: a bad option or URL
          3  permanent: 4xx, unsupported scheme, certificate refused, too large
          4  temporary: network, DNS, 5xx, 429; the partial is kept and resumed
          5  interrupted; the partial is kept and resumed. Without a word: the reader of -o - has gone
          6  verification failed: digest mismatch, or changed with --on-change fail
          7  local: disk full, permission, target exists, not a directory
        """
}
