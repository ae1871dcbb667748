// SPDX-License-Identifier: Apache-2.0

/// The version of this build.
public enum SwoopVersion {
    /// Semantic version (https://semver.org).
    public static let current = "0.1.0"
}
