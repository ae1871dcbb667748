// SPDX-License-Identifier: Apache-2.0

/// The user's directories for what is kept between runs.
///
/// - Source: XDG Base Directory Specification: what is no absolute path is ignored.
enum UserDirectory {
    /// Finds the directory that a variable names, or else one below the home.
    ///
    /// - Parameters:
    ///   - variable: as in `XDG_CACHE_HOME`.
    ///   - usual: where it is below the home, as in `.cache`.
    ///   - environment: the value of a variable, or `nil`.
    /// - Returns: `nil` without a home.
    static func find(_ variable: String, usual: String, _ environment: (String) -> String?) -> String? {
        let named = environment(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
        return named ?? environment("HOME").flatMap { $0.hasPrefix("/") ? "\($0)/\(usual)" : nil }
    }
}
