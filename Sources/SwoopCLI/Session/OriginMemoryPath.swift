// SPDX-License-Identifier: Apache-2.0

/// Where what was learnt of origins is kept between runs.
enum OriginMemoryPath {
    /// Finds the file.
    ///
    /// - Parameter environment: the value of a variable, or `nil`.
    /// - Returns: `$XDG_CACHE_HOME/swoop/origins`, else `~/.cache/swoop/origins`; `nil` without a home.
    static func find(_ environment: (String) -> String?) -> String? {
        UserDirectory.find("XDG_CACHE_HOME", usual: ".cache", environment).map { $0 + "/swoop/origins" }
    }
}
