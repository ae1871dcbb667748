// SPDX-License-Identifier: Apache-2.0

/// Where what was learnt of origins is kept between runs.
enum OriginMemoryPath {
    /// Finds the file.
    ///
    /// - Parameter environment: the value of a variable, or `nil`.
    /// - Returns: `$XDG_CACHE_HOME/swoop/origins`, else `~/.cache/swoop/origins`; `nil` without a home.
    /// - Source: XDG Base Directory Specification: what is no absolute path is ignored.
    static func find(_ environment: (String) -> String?) -> String? {
        let cache = environment("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment("HOME").flatMap { $0.hasPrefix("/") ? $0 + "/.cache" : nil }
        return (cache ?? home).map { $0 + "/swoop/origins" }
    }
}
