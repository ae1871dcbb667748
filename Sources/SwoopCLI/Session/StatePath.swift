// SPDX-License-Identifier: Apache-2.0

/// Where uploads are remembered between runs.
enum StatePath {
    /// Finds the directory.
    ///
    /// - Parameter environment: the value of a variable, or `nil`.
    /// - Returns: `$XDG_STATE_HOME/swoop/uploads`, else `~/.local/state/swoop/uploads`; `nil` without a home.
    /// - Source: XDG Base Directory Specification: what is no absolute path is ignored.
    static func uploads(_ environment: (String) -> String?) -> String? {
        let state = environment("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment("HOME").flatMap { $0.hasPrefix("/") ? $0 + "/.local/state" : nil }
        return (state ?? home).map { $0 + "/swoop/uploads" }
    }
}
