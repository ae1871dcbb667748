// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

extension StoreError {
    /// The error of a write to a stream, or of looking at it.
    init(stream error: Errno) {
        let (code, reason) = Self.explain(stream: error)
        self.init(
            TransferFailure(code, "cannot write to standard output: \(reason)"),
            operation: "write",
            path: "-",
            errorNumber: error.rawValue
        )
    }

    private static func explain(stream error: Errno) -> (TransferFailure.Code, String) {
        switch error {
        case .brokenPipe, .connectionReset: (.readerGone, "its reader has gone")
        case .noSpace: (.diskFull, "no space left on device: free some space and run the same command again")
        case .diskQuotaExceeded: (.diskFull, "disk quota exceeded: free some space and run the same command again")
        case .fileTooLarge: (.badTarget, "the file system or a limit (ulimit -f) allows no file of this size")
        case .badFileDescriptor: (.badTarget, "it is closed: redirect it to a file or a pipe, or use -o PATH")
        default: (.inputOutput, "\(SystemText.describe(error.rawValue))")
        }
    }

    /// The representation must be fetched anew, and a part of the old one has gone out.
    static func startedOver(after count: Int64) -> StoreError {
        StoreError(
            .changed,
            "the download had to start again, and the first \(ByteCount.format(count)) have already been written to "
                + "standard output: discard them and run the same command again, or use -o PATH",
            "begin",
            "-"
        )
    }
}
