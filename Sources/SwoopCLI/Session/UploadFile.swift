// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopIO

/// The files that arguments of `swoop put` stand for.
struct UploadFile: Hashable, Sendable {
    let source: UploadSource
    /// What is added to a prefix; `nil` for standard input, which has no name.
    let name: String?

    /// Finds the files. A directory's keep the names that they have below it, as `cp -r DIR/. DEST` does.
    ///
    /// - Throws: `ValidationError` for what is not there, or is a directory where none may be.
    static func find(_ arguments: [String], isRecursive: Bool) throws -> [UploadFile] {
        var files: [UploadFile] = []
        for argument in arguments {
            if argument == "-" {
                files.append(UploadFile(source: .standardInput, name: nil))
            } else if PathKind.isDirectory(argument) {
                guard isRecursive else { throw ValidationError("\(argument) is a directory: -r uploads what is in it") }
                files += try entries(argument).map { UploadFile(source: .file($0.path), name: $0.name) }
            } else {
                let source = UploadSource.file(argument)
                files.append(UploadFile(source: source, name: source.name))
            }
        }
        return files
    }

    private static func entries(_ directory: String) throws -> [DirectoryTree.Entry] {
        do throws(StoreError) {
            return try DirectoryTree.files(in: directory)
        } catch {
            throw ValidationError(error.failure.message)
        }
    }
}
