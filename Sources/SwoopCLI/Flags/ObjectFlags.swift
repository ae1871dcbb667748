// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopS3

/// What is stored with an object, on the command line.
struct ObjectFlags: ParsableArguments {
    @Option(
        help: .init("Content-Type. (default: by the name's ending)", valueName: "type"),
        transform: ArgumentValue.fieldValue
    )
    var contentType: String?

    @Option(help: .init("Cache-Control.", valueName: "text"), transform: ArgumentValue.fieldValue)
    var cacheControl: String?

    @Option(help: .init("Content-Encoding.", valueName: "text"), transform: ArgumentValue.fieldValue)
    var contentEncoding: String?

    @Option(help: .init("Content-Disposition.", valueName: "text"), transform: ArgumentValue.fieldValue)
    var contentDisposition: String?

    @Option(help: .init("A field of your own. (repeatable)", valueName: "name=value"), transform: Self.pair)
    var metadata: [ObjectOptions.Pair] = []

    @Option(help: .init("A tag. (repeatable)", valueName: "name=value"), transform: Self.pair)
    var tag: [ObjectOptions.Pair] = []

    @Option(help: .init("Such as STANDARD_IA.", valueName: "name"), transform: ArgumentValue.fieldValue)
    var storageClass: String?

    @Option(
        help: .init("A canned ACL, such as bucket-owner-full-control.", valueName: "name"),
        transform: ArgumentValue.fieldValue
    )
    var acl: String?

    @Option(
        help: .init("Encryption at the store: AES256 or aws:kms.", valueName: "name"),
        transform: ArgumentValue.fieldValue
    )
    var sse: String?

    @Option(help: .init("The key of aws:kms.", valueName: "id"), transform: ArgumentValue.fieldValue)
    var sseKmsKeyId: String?

    func validate() throws {
        guard sseKmsKeyId == nil || sse == "aws:kms" else {
            throw ValidationError("--sse-kms-key-id needs --sse aws:kms")
        }
    }

    private static func pair(_ text: String) throws -> ObjectOptions.Pair {
        guard let mark = text.firstIndex(of: "="), mark > text.startIndex else {
            throw ValidationError("write name=value")
        }
        return ObjectOptions.Pair(String(text[..<mark]), String(text[text.index(after: mark)...]))
    }

    /// The options of an object that is made of a file of this name.
    func options(for name: String) -> ObjectOptions {
        var options = ObjectOptions()
        options.contentType = contentType ?? ContentType.guess(name)
        options.cacheControl = cacheControl
        options.contentEncoding = contentEncoding
        options.contentDisposition = contentDisposition
        options.metadata = metadata
        options.tags = tag
        options.storageClass = storageClass
        options.acl = acl
        options.serverSideEncryption = sse
        options.kmsKey = sseKmsKeyId
        return options
    }
}
