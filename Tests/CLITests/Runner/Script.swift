// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A script of `Scripts/`: a command a line, as in Go's testscript.
///
///     # comment
///     exec COMMAND...         run; must exit 0          ! exec COMMAND...   run; must exit otherwise
///     exit N                  the last exit status
///     stdout 'TEXT'           the last output holds TEXT (! stdout: does not); also stderr
///     stdout-lines N          the last output has N lines; also stderr-lines
///     exists PATH             ! exists PATH
///     cmp A B                 two files are equal       cmp A chaos:NAME    equal to what the origin publishes
///     mkdir PATH   write PATH 'TEXT' (\n is a line end)   env NAME=VALUE
///     tmpfs PATH SIZE         mount a small file system  freeze PATH        make it read-only
///     start COMMAND...        run in the background     await stderr 'TEXT' wait until it has said so; also stdout
///     signal INT              send it a signal          wait                until it ends; then exit, stdout, ... apply
///
/// Words are split at spaces; quotes keep spaces. `$WORK` is the script's directory and the working directory, `$SWOOP` the
/// program's path (`exec swoop` knows it), `$CHAOS` the base URL of a misbehaving origin, `$STATUS` of one that answers
/// `$STATUS/404/name` with 404, `$REFUSED` of none.
struct Script: CustomTestStringConvertible, Sendable {
    struct Line: Sendable {
        let number: Int
        let isNegated: Bool
        let command: String
        let words: [String]
    }

    let name: String
    let lines: [Line]

    var testDescription: String { name }
    var needsMount: Bool { lines.contains { $0.command == "tmpfs" } }

    /// Every script, by name.
    static let all: [Script] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Scripts")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "txt" }
            .sorted { $0.path < $1.path }
            .compactMap { file in
                (try? String(contentsOf: file, encoding: .utf8)).map {
                    Script(name: file.deletingPathExtension().lastPathComponent, text: $0)
                }
            }
    }()

    init(name: String, text: String) {
        self.name = name
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            var words = Self.words(String(line))
            guard let first = words.first, !first.hasPrefix("#") else { return nil }
            let isNegated = first == "!"
            if isNegated { words.removeFirst() }
            guard let command = words.first else { return nil }
            return Line(number: index + 1, isNegated: isNegated, command: command, words: Array(words.dropFirst()))
        }
    }

    /// Splits at spaces outside of single quotes.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in line {
            switch character {
            case "'":
                isQuoted.toggle()
                word = word ?? ""
            case " " where !isQuoted:
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let last = word { words.append(last) }
        return words
    }
}
