// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO

/// The file that remembers an upload for the next run of the same command; see ``SwoopCore/UploadRecord``.
final class UploadJournal: Sendable {
    /// What an earlier run left, if it is about the same source and destination.
    let record: UploadRecord?

    private let file: RecordFile
    private let source: String
    private let partSize: Int64

    /// Opens the journal of an upload.
    ///
    /// - Parameters:
    ///   - directory: where journals are; made if it is missing.
    ///   - name: the file's: the same for the same source path and destination.
    ///   - source: tells the source in its present state and the destination from all others.
    ///   - partSize: length of parts, if it begins anew.
    ///   - isFresh: whether to forget what an earlier run left.
    /// - Throws: ``StoreError`` if it cannot be used, or another process uses it.
    init(directory: String, name: String, source: String, partSize: Int64, isFresh: Bool) throws(StoreError) {
        file = try RecordFile(directory: directory, name: name)
        self.source = source
        self.partSize = partSize
        record = isFresh ? nil : UploadRecord.parse(try file.text(), source: source)
    }

    /// Remembers an upload, in place of any other.
    func begin(_ uploadID: String) {
        file.replace(with: UploadRecord.head(source: source, uploadID: uploadID, partSize: partSize))
    }

    /// Remembers a part that the store has.
    func add(_ number: Int, _ part: UploadRecord.Part) { file.append(UploadRecord.line(number, part)) }

    /// Removes the file: there is nothing to go on with.
    func forget() { file.remove() }

    /// Waits for what was written, and lets others have the file.
    func close() async { await file.close() }
}
