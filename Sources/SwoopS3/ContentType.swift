// SPDX-License-Identifier: Apache-2.0

/// The media type of a file, by the ending of its name: what browsers and other readers of objects go by.
///
/// - Source: IANA "Media Types".
public enum ContentType {
    private static let types: [String: String] = [
        "txt": "text/plain", "log": "text/plain", "md": "text/markdown", "csv": "text/csv", "html": "text/html",
        "htm": "text/html", "css": "text/css", "js": "text/javascript", "mjs": "text/javascript", "xml": "text/xml",
        "json": "application/json", "ndjson": "application/x-ndjson", "yaml": "application/yaml",
        "yml": "application/yaml", "pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip",
        "tgz": "application/gzip", "zst": "application/zstd", "bz2": "application/x-bzip2", "xz": "application/x-xz",
        "7z": "application/x-7z-compressed", "tar": "application/x-tar", "wasm": "application/wasm",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
        "avif": "image/avif", "svg": "image/svg+xml", "ico": "image/vnd.microsoft.icon", "tif": "image/tiff",
        "tiff": "image/tiff", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "opus": "audio/ogg",
        "wav": "audio/wav", "mp4": "video/mp4", "webm": "video/webm", "mkv": "video/matroska", "mov": "video/quicktime",
        "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf",
        "parquet": "application/vnd.apache.parquet",
    ]

    /// The type of a file of this name; `nil` if its ending is not known: the store has a default for that.
    public static func guess(_ name: String) -> String? {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        return types[name[name.utf8.index(after: dot)...].lowercased()]
    }
}
