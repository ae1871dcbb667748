// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopS3

/// The lines of `swoop ls`.
enum ListText {
    /// Lengths are written right-aligned in so many columns.
    private static let column = 15

    /// A page: prefixes first, then objects, each with length in bytes and time.
    static func lines(_ page: ObjectList, isJSON: Bool) -> String {
        let prefixes = page.prefixes.map { prefix in
            isJSON
                ? JSONValue.line([("prefix", .string(prefix))])
                : padded("PRE") + "                        " + DisplayText.clean(prefix) + "\n"
        }
        return (prefixes + page.objects.map { isJSON ? json($0) : line($0) }).joined()
    }

    /// An upload: when it was opened, the store's name of it, the key.
    static func line(_ upload: UploadList.Upload, isJSON: Bool) -> String {
        guard !isJSON else {
            return JSONValue.line([
                ("key", .string(upload.key)), ("upload", .string(upload.uploadID)),
                ("initiated", .string(upload.initiated)),
            ])
        }
        return DisplayText.clean("\(upload.initiated)  \(upload.uploadID)  \(upload.key)") + "\n"
    }

    private static func json(_ object: ObjectList.Object) -> String {
        JSONValue.line([
            ("key", .string(object.key)), ("size", .integer(object.size)),
            ("last_modified", .string(object.lastModified)), ("etag", .string(object.etag)),
            ("storage_class", .optional(object.storageClass)),
        ])
    }

    private static func line(_ object: ObjectList.Object) -> String {
        padded(String(object.size)) + "  " + DisplayText.clean("\(object.lastModified)  \(object.key)") + "\n"
    }

    private static func padded(_ text: String) -> String {
        String(repeating: " ", count: max(0, column - text.count)) + text
    }
}
