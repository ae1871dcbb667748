// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Secrets that tests give to the program, which must not come out of it, whatever it says, writes or dies of.
public enum PlantedSecret {
    /// Every one of them; a test that needs a secret takes one of these.
    public static let all = ["s3cret", "hunter2", "wr0ng"]

    /// The one that a text gives away, if it does.
    public static func found(in text: String) -> String? { all.first { text.contains($0) } }

    /// Files that give one away, by their paths below a directory.
    ///
    /// - Parameters:
    ///   - directory: where the program worked.
    ///   - inputs: what the test itself wrote there.
    /// - Returns: paths of files up to 256 KiB long; a larger one is what was fetched.
    public static func leaks(in directory: String, besides inputs: Set<String> = []) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
        return names.filter { name in
            let path = "\(directory)/\(name)"
            guard !inputs.contains(path), let bytes = FileManager.default.contents(atPath: path) else { return false }
            return bytes.count <= 256 << 10 && found(in: String(decoding: bytes, as: UTF8.self)) != nil
        }
    }
}
