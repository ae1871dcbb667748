// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Why a source cannot be cut into parts.
public struct MultipartPlanError: Error, Hashable, Sendable {
    /// What is wrong and what to do.
    public let message: String
}

/// How large the parts of an upload are: the same for all of it, for the layout outlives the upload and some stores take
/// parts of one size only.
///
/// - Source: AWS docs "Amazon S3 multipart upload limits"; `docs/s3.md` has the others.
extension PartLayout {
    /// Length of parts unless the source is too long for them: large enough that a request's overhead does not count and that
    /// readers who follow the parts are fast, small enough that many fit into memory.
    private static let usual: Int64 = 16 << 20
    /// Length of the parts of a stream, whose length nobody knows: 10,000 of them are 625 GiB.
    private static let ofStream: Int64 = 64 << 20
    private static let step: Int64 = 1 << 20

    /// Chooses a layout.
    ///
    /// - Parameters:
    ///   - length: of the source in bytes, or `nil` if nobody knows.
    ///   - wanted: length of parts that the user wants, or `nil`.
    ///   - profile: what the store allows.
    /// - Throws: ``MultipartPlanError`` if the store takes no such parts, or not that many bytes.
    public init(length: Int64?, partSize wanted: Int64?, profile: StoreProfile) throws(MultipartPlanError) {
        let most = Int64(max(1, profile.mostParts))
        if let wanted, wanted < profile.smallestPart || wanted > profile.largestPart {
            throw MultipartPlanError(
                message: "\(profile.title) takes parts of \(profile.smallestPart >> 20) MiB to "
                    + "\(profile.largestPart >> 30) GiB: choose another --part-size"
            )
        }
        let needed = length.map { max(0, $0 - 1) / most + 1 } ?? 0
        let chosen = max(wanted ?? (length == nil ? Self.ofStream : Self.usual), profile.smallestPart)
        let size =
            chosen >= needed ? chosen : needed / Self.step * Self.step + (needed % Self.step == 0 ? 0 : Self.step)
        guard size <= profile.largestPart else {
            throw MultipartPlanError(message: "the file is longer than \(profile.title) takes")
        }
        self.init(length: length, partSize: size, mostParts: profile.mostParts)
    }
}
