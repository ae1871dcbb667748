// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("ChecksumList")
struct ChecksumListTests {
    private static let md5 = "d41d8cd98f00b204e9800998ecf8427e"
    private static let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test(
        "reads both styles",
        arguments: [
            ("\(sha256)  a.bin", "a.bin"), ("\(sha256) *a.bin", "a.bin"), ("\(sha256)  ./dir/a.bin\r", "a.bin"),
            ("SHA256 (a b.bin) = \(sha256)", "a b.bin"), ("SHA256 (a (1).bin) = \(sha256)", "a (1).bin"),
            ("SHA-256 (a.bin)=\(sha256)", "a.bin"), ("\\\(sha256)  a\\\\b\\n.bin", "a\\b\n.bin"),
            ("# a comment\n\n\(sha256)  a.bin\n", "a.bin"), ("\(sha256.uppercased())  a.bin", "a.bin"),
        ]
    )
    func reads(text: String, name: String) {
        #expect(ChecksumList(parsing: text)[name]?.hex == Self.sha256)
    }

    @Test(
        "passes over what is neither",
        arguments: [
            "", "a.bin", "\(md5)", "\(md5)  ", "\(sha256)0  a.bin", "SHA3 (a.bin) = \(sha256)",
            "SHA256 a.bin) = \(sha256)", "MD5 (a.bin) = \(sha256)", "<html>",
        ]
    )
    func ignores(text: String) {
        #expect(ChecksumList(parsing: text).count == 0)
    }

    @Test("of two digests of a file the stronger counts, wherever it stands")
    func strongest() {
        let lines = ["\(Self.md5)  a.bin", "\(Self.sha256)  a.bin"]
        #expect(ChecksumList(parsing: lines.joined(separator: "\n"))["a.bin"]?.algorithm == .sha256)
        #expect(ChecksumList(parsing: lines.reversed().joined(separator: "\n"))["a.bin"]?.algorithm == .sha256)
    }

    @Test(
        "a name may begin or end with a mark that combines with what stands beside it",
        arguments: ["\u{301}x", "x\u{301}"]
    )
    func combining(name: String) {
        for line in ["\(Self.sha256)  \(name)", "\(Self.sha256) *\(name)", "SHA256 (\(name)) = \(Self.sha256)"] {
            #expect(ChecksumList(parsing: line)[name] != nil, "\(line)")
        }
    }
}
