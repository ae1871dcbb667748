// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SystemPackage

extension StoreError {
    /// Makes the error of a system call that failed.
    ///
    /// - Parameters:
    ///   - error: what the call said.
    ///   - operation: what was being done, as in `write`; the message says `cannot write PATH: ...`.
    ///   - path: the file it was done to.
    init(_ error: Errno, _ operation: String, _ path: FilePath) {
        let (code, reason) = Self.explain(error)
        self.init(
            TransferFailure(code, "cannot \(operation) \(path.string): \(reason)"),
            operation: operation,
            path: path.string,
            errorNumber: error.rawValue
        )
    }

    /// Makes the error of a rule of the store's own.
    init(_ code: TransferFailure.Code, _ message: String, _ operation: String, _ path: String) {
        self.init(TransferFailure(code, message), operation: operation, path: path)
    }

    /// The error of a call that came after `close`, or was under way then.
    static func closed(_ operation: String) -> StoreError {
        StoreError(.cancelled, "stopped before it could \(operation)", operation, "")
    }

    /// The error of a call that came before the call that it needs.
    static func outOfOrder(_ operation: String) -> StoreError {
        let message = "the store was asked to \(operation) while nothing is open: this is a bug in swoop"
        return StoreError(.bug, message, operation, "")
    }

    private static func explain(_ error: Errno) -> (TransferFailure.Code, String) {
        switch error {
        case .noSpace:
            (.diskFull, "no space left on device: free some space and run the same command again to resume")
        case .diskQuotaExceeded:
            (.diskFull, "disk quota exceeded: free some space and run the same command again to resume")
        case .fileTooLarge:
            (.badTarget, "the file system or a limit (ulimit -f) allows no file of this size: choose another directory")
        case .permissionDenied, .notPermitted:
            (.permissionDenied, "permission denied: choose a directory that you may write to")
        case .readOnlyFileSystem:
            (.permissionDenied, "the file system is read-only: choose another directory")
        case .notDirectory:
            (.badTarget, "part of the path is no directory: choose another")
        case .isDirectory:
            (.badTarget, "it is a directory: remove it or choose another name")
        case .tooManySymbolicLinkLevels:
            (.badTarget, "it is a symbolic link: remove it or choose another name")
        case .fileNameTooLong:
            (.badTarget, "the name is too long: choose a shorter one")
        case .noSuchFileOrDirectory:
            (.badTarget, "no such file or directory: it was removed or renamed during the download")
        case .fileExists:
            (.targetExists, "it exists already: remove it or choose another name")
        default:
            (.inputOutput, "\(lowercased(error.description)): check the disk and run the same command again to resume")
        }
    }

    private static func lowercased(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension StoreError {
    /// Why a file of the user's cannot be read.
    init(_ error: Errno, reading path: String) {
        if error == .noSuchFileOrDirectory {
            self.init(.badTarget, "cannot read \(path): no such file: check the name", "read", path)
        } else {
            self.init(error, "read", FilePath(path))
        }
    }
}
