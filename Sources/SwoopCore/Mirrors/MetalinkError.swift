// SPDX-License-Identifier: Apache-2.0

/// Why a document is not a Metalink that can be used, and where.
public struct MetalinkError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// It is larger than ``Metalink/maximumBytes``.
        case tooLarge
        /// It is not XML, or XML that is not accepted; the text says what is wrong, without quoting the document.
        case malformed(String)
        /// The outermost element is not `metalink` of version 4 or 3.
        case notMetalink
        /// No file is described.
        case noFile
        /// More files are described than ``Metalink/maximumFiles``.
        case tooManyFiles
        /// A file has no name, or one that leads out of the target directory.
        case unsafeName
        /// A size is no number from 0 to 2^63 - 1, or a file has two.
        case badSize
        /// A digest of a known algorithm has the wrong length or characters, or contradicts another.
        case badDigest
        /// Piece digests have a length that is no positive number, are out of order or do not match the size.
        case badPieces
        /// A size, digest or name is longer than any of them can be.
        case tooLong
    }

    /// What is wrong.
    public let reason: Reason
    /// The line it was found in, from 1.
    public let line: Int

    init(_ reason: Reason, line: Int) {
        self.reason = reason
        self.line = line
    }

    init(_ error: XMLError) {
        self.init(.malformed(error.fault.text), line: error.line)
    }

    /// What is wrong and what to do; lower case, no full stop, and nothing of the document.
    public var message: String {
        switch reason {
        case .tooLarge: "the metalink is larger than \(Metalink.maximumBytes >> 20) MiB: check that it is one"
        case .notMetalink: "this is not a metalink: give the URL of a .meta4 or .metalink file"
        case .noFile: "the metalink describes no file: ask its publisher for a new one"
        default: "the metalink is faulty in line \(line): \(fault): ask its publisher for a new one"
        }
    }

    private var fault: String {
        switch reason {
        case .malformed(let text): text
        case .tooManyFiles: "there are more than \(Metalink.maximumFiles) files"
        case .unsafeName: "a file has no name, or one that leads out of the target directory"
        case .badSize: "a size is not a number of bytes, or is given twice"
        case .badDigest: "a digest is malformed or contradicts another"
        case .badPieces: "the piece digests are malformed or do not match the size"
        case .tooLong: "a value is too long"
        case .tooLarge, .notMetalink, .noFile: ""
        }
    }
}
