// SPDX-License-Identifier: Apache-2.0

/// Where uploads are remembered between runs.
enum StatePath {
    /// Finds the directory.
    ///
    /// - Parameter environment: the value of a variable, or `nil`.
    /// - Returns: `$XDG_STATE_HOME/swoop/uploads`, else `~/.local/state/swoop/uploads`; `nil` without a home.
    static func uploads(_ environment: (String) -> String?) -> String? {
        UserDirectory.find("XDG_STATE_HOME", usual: ".local/state", environment).map { $0 + "/swoop/uploads" }
    }
}
