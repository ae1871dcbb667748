// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// The AWS CLI's files: settings by profile.
///
/// - Source: AWS SDKs and Tools reference guide, "Shared config and credentials files".
public struct SharedConfiguration: Hashable, Sendable {
    private var profiles: [String: [String: String]] = [:]

    /// Reads the text of `config` and of `credentials`; either may be empty. What credentials say goes before.
    ///
    /// Lines that are neither a section nor a setting are ignored, and so is what belongs to no profile.
    public init(config: String, credentials: String) {
        read(config, isConfig: true)
        read(credentials, isConfig: false)
    }

    /// The settings of a profile, or `nil` if no file has it.
    public subscript(profile: String) -> [String: String]? { profiles[profile] }

    private mutating func read(_ text: String, isConfig: Bool) {
        var profile: String?
        var outer: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let isIndented = line.first?.isWhitespace == true
            let line = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[" {
                profile = Self.profile(line, isConfig: isConfig)
                outer = nil
                if let profile { profiles[profile, default: [:]].merge([:]) { $1 } }
            } else if let profile, let (name, value) = Self.setting(line) {
                // A setting without a value opens a block of its own: `s3 =`, then indented lines.
                if !isIndented { outer = value.isEmpty ? name : nil }
                if isIndented, outer == nil { continue }
                let key = isIndented ? "\(outer ?? "").\(name)" : name
                profiles[profile, default: [:]][key] = value
            }
        }
    }

    /// `[profile NAME]` in one file is `[NAME]` in the other; `default` may go without.
    private static func profile(_ line: Substring, isConfig: Bool) -> String? {
        guard let end = line.firstIndex(of: "]") else { return nil }
        let words = line[line.index(after: line.startIndex)..<end].split(whereSeparator: \.isWhitespace)
        guard let last = words.last else { return nil }
        if words.count == 1 { return !isConfig || last == "default" ? String(last) : nil }
        return words.count == 2 && words[0] == "profile" && isConfig ? String(last) : nil
    }

    private static func setting(_ line: Substring) -> (String, String)? {
        guard let mark = line.firstIndex(of: "=") else { return nil }
        let name = ASCII.lowercased(String(line[..<mark].trimmed))
        var value = line[line.index(after: mark)...].trimmed
        // What stands behind white space and a hash is a remark.
        for remark in [" #", " ;", "\t#", "\t;"] {
            if let range = value.firstRange(of: remark) { value = value[..<range.lowerBound].trimmed }
        }
        return name.isEmpty ? nil : (name, String(value))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...end]
    }
}
