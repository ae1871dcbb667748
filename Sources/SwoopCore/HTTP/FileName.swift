// SPDX-License-Identifier: Apache-2.0

/// Turns what an origin or a URL suggests into a name that is safe inside the target directory.
///
/// Works on Unicode scalars, because a combining mark after a slash makes a `Character` that is no longer equal to
/// `"/"` although the byte is there.
public enum FileName {
    /// The longest name in bytes: what file systems take, less room for `.part.journal` and a little more.
    public static let maximumBytes = 255 - 17

    /// The name when neither the origin nor the URL offers a usable one.
    public static let fallback = "download"

    /// Makes a name safe, or says that nothing of it is left.
    ///
    /// Only the last component over `/` and `\` counts. Control characters and marks that reorder text on screen go;
    /// so do dots and spaces at both ends, so that the file is neither hidden nor a directory. A leading `-` becomes
    /// `_`, a Windows device name gets a `_` in front, and a name that would pass for one of our journals loses its
    /// last dot. A name too long is cut between characters and keeps its extension.
    /// - Parameter raw: the suggestion, percent-decoded already where it was encoded.
    /// - Returns: 1 to ``maximumBytes`` bytes of UTF-8; `nil` if empty, `.` or `..`, or nothing else remains.
    /// - Source: RFC 6266 section 4.3.
    public static func sanitise(_ raw: String) -> String? {
        let visible = String(String.UnicodeScalarView(lastComponent(raw).filter { !isForbidden($0) }))
        let name = trimmedStart(trimmedEnd(visible[...]))
        guard let first = name.utf8.first else { return nil }
        let safe = first == UInt8(ascii: "-") ? "_" + withoutFirstByte(name) : String(name)
        // Shortened first, and again: what is left between a stem and its extension may make a device's name.
        let short = shortened(safe)
        return disarmedJournal(isReserved(short) ? shortened("_" + short) : short)
    }

    /// The name that a URL suggests: its last path component, percent-decoded once and made safe, or ``fallback``.
    ///
    /// A component whose bytes are not UTF-8 keeps its percent signs.
    public static func from(url: HTTPURL) -> String {
        let slash = url.path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? url.path.startIndex
        let component = withoutFirstByte(url.path[slash...])
        return sanitise(PercentEncoding.decoded(component) ?? component) ?? fallback
    }

    /// The name in a response's `Content-Disposition` value; `nil` if there is none, or nothing of it is usable.
    public static func given(by contentDisposition: String?) -> String? {
        contentDisposition.flatMap(ContentDisposition.fileName).flatMap(sanitise)
    }

    private static func lastComponent(_ raw: String) -> Substring.UnicodeScalarView {
        let parts = raw.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        return parts.last ?? Substring().unicodeScalars
    }

    /// Controls, line separators, the byte order mark, and marks that reorder text (`gpj.exe` shown as `exe.jpg`).
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x061C, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: scalar.properties.generalCategory == .control
        }
    }

    /// For a first byte known to be ASCII: dropping a `Character` would take a combining mark along.
    private static func withoutFirstByte(_ text: Substring) -> String {
        String(decoding: text.utf8.dropFirst(), as: UTF8.self)
    }

    private static func isDotOrSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: " ")
    }

    private static func trimmedStart(_ name: Substring) -> Substring {
        guard let start = name.utf8.firstIndex(where: { !isDotOrSpace($0) }) else { return "" }
        return name[start...]
    }

    private static func trimmedEnd(_ name: Substring) -> Substring {
        guard let last = name.utf8.lastIndex(where: { !isDotOrSpace($0) }) else { return "" }
        return name[..<name.utf8.index(after: last)]
    }

    /// Device names count with any extension, and with spaces before it.
    private static func isReserved(_ name: String) -> Bool {
        let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")) ?? name.endIndex
        let stem = ASCII.lowercased(trimmedEnd(name[..<dot]))
        if ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(stem) { return true }
        let scalars = stem.unicodeScalars
        guard scalars.count == 4, let digit = scalars.last else { return false }
        return ["com", "lpt"].contains(String(scalars.dropLast())) && "123456789¹²³".unicodeScalars.contains(digit)
    }

    /// No origin may plant a file that a later run would take for the journal of another download.
    private static func disarmedJournal(_ name: String) -> String {
        let ending = name.utf8.suffix(".part.journal".utf8.count).map { ASCII.lowercased($0) }
        guard ending.elementsEqual(".part.journal".utf8) else { return name }
        return String(decoding: name.utf8.dropLast(".journal".utf8.count), as: UTF8.self) + "_journal"
    }
}

extension FileName {
    private static let longestExtension = 32

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maximumBytes else { return name }
        let kept = fileExtension(name)
        let stem = prefix(name[..<kept.startIndex], bytes: maximumBytes - kept.utf8.count)
        return String(trimmedEnd(stem) + kept)
    }

    /// The extension with its dot; empty if there is none or it is too long to be one.
    private static func fileExtension(_ name: String) -> Substring {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else {
            return name[name.endIndex...]
        }
        return name[dot...].utf8.count <= longestExtension ? name[dot...] : name[name.endIndex...]
    }

    /// Cuts between characters, or between scalars if the first character alone is too long.
    private static func prefix(_ text: Substring, bytes limit: Int) -> Substring {
        let end = boundary(text.lazy.map(\.utf8.count), limit)
        if end > 0 { return text.prefix(end) }
        let scalars = text.unicodeScalars
        return Substring(scalars.prefix(boundary(scalars.lazy.map { UTF8.width($0) }, limit)))
    }

    /// How many of the first `sizes` fit into `limit`.
    private static func boundary(_ sizes: some Sequence<Int>, _ limit: Int) -> Int {
        var total = 0
        var count = 0
        for size in sizes {
            total += size
            guard total <= limit else { break }
            count += 1
        }
        return count
    }
}
