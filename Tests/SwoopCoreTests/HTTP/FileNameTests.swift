// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct FileNameTests {
    @Test(
        "keeps harmless names",
        arguments: [
            "a", "debian-12.iso", "a..b", "naïve 日本.txt", "x.tar.gz", "_", "~", "a-b", "👩‍👩‍👧.png", "console.log",
            "com10.txt",
            "com", "lpt0", "nullable", "x.part", "part.journal", "C", "a%2Fb", "e\u{301}",
        ]
    )
    func harmless(name: String) {
        #expect(FileName.sanitise(name) == name)
    }

    @Test(
        "takes the last component over both separators",
        arguments: [
            ("../../etc/passwd", "passwd"), ("/abs/file", "file"), (#"..\..\evil.exe"#, "evil.exe"),
            (#"C:\a\b.txt"#, "b.txt"),
            (#"a/b\c/d"#, "d"), (#"a\b/c\d"#, "d"), ("//a", "a"), ("a/.b", "b"),
            ("../\u{301}x", "\u{301}x"), ("..\\\u{301}x", "\u{301}x"),
        ]
    )
    func lastComponent(raw: String, expected: String) {
        #expect(FileName.sanitise(raw) == expected)
    }

    @Test(
        "removes controls and marks that reorder text",
        arguments: [
            ("a\u{0}b", "ab"), ("a\r\nb", "ab"), ("\u{1B}[31mred", "[31mred"), ("a\u{7F}b", "ab"),
            ("a\u{85}\u{9F}b", "ab"),
            ("\u{0}.bashrc", "bashrc"), ("evil\u{202E}gpj.exe", "evilgpj.exe"), ("a\u{2066}\u{2069}\u{200F}b", "ab"),
            ("\u{FEFF}a", "a"), ("a\u{2028}b", "ab"), ("a\u{0}\u{301}", "a\u{301}"),
        ]
    )
    func controls(raw: String, expected: String) {
        #expect(FileName.sanitise(raw) == expected)
    }

    @Test(
        "removes dots and spaces at both ends and disarms a leading hyphen",
        arguments: [
            (".bashrc", "bashrc"), ("...bashrc", "bashrc"), (" .bashrc", "bashrc"), (". .a", "a"), ("a.", "a"),
            ("a. . .", "a"),
            (" a ", "a"), ("-rf", "_rf"), ("--rf", "_-rf"), (".-rf", "_rf"), (" -o", "_o"), ("-", "_"),
            (".\u{301}a", "\u{301}a"), ("-\u{301}a", "_\u{301}a"),
        ]
    )
    func ends(raw: String, expected: String) {
        #expect(FileName.sanitise(raw) == expected)
    }

    @Test(
        "puts an underscore before Windows device names",
        arguments: [
            "CON", "con", "PRN", "aux.txt", "NUL", "nul.tar.gz", "COM1", "com9.log", "LPT1", "lpt9.a", "con .txt",
            "COM¹", "CONIN$",
            "conout$.x",
        ]
    )
    func reserved(name: String) {
        #expect(FileName.sanitise(name) == "_" + name)
    }

    @Test("does not let an origin name a file like a journal")
    func journals() {
        #expect(FileName.sanitise("a.part.journal") == "a.part_journal")
        #expect(FileName.sanitise("a.PART.Journal") == "a.PART_journal")
        let cut = FileName.sanitise(String(repeating: "x", count: 225) + ".partially.journal")
        #expect(cut == String(repeating: "x", count: 225) + ".part_journal")
    }

    @Test(
        "answers nil if nothing is left",
        arguments: [
            "", ".", "..", "...", " ", ". .", "/", "\\", "a/", "a/..", "a\\.", "\u{0}",
            "\u{0}.\u{1}.", "\r\n", "\u{202E}",
        ]
    )
    func nothingLeft(raw: String) {
        #expect(FileName.sanitise(raw) == nil)
    }

    @Test("cuts long names to the limit and keeps the extension")
    func long() throws {
        let longest = String(repeating: "a", count: 234) + ".iso"
        #expect(FileName.sanitise(longest) == longest)
        #expect(FileName.sanitise("a" + longest) == longest)
        #expect(FileName.sanitise(String(repeating: "a", count: 300)) == String(repeating: "a", count: 238))
        let device = try #require(FileName.sanitise("con." + String(repeating: "a", count: 234)))
        #expect(device.utf8.count == FileName.maximumBytes)
        #expect(device.hasPrefix("_con."))
    }

    @Test("cuts between characters, not inside them")
    func characterBoundary() {
        let family = "👩‍👩‍👧"
        let name = FileName.sanitise(String(repeating: family, count: 30) + ".png")
        #expect(name == String(repeating: family, count: 234 / family.utf8.count) + ".png")
    }

    @Test("cuts inside a single character that is too long by itself")
    func giantCharacter() {
        let name = FileName.sanitise("z" + String(repeating: "\u{301}", count: 4000) + ".txt")
        #expect(name.map { Array($0.unicodeScalars.suffix(4)) } == Array(".txt".unicodeScalars))
        #expect(name?.utf8.count == 237)
    }

    @Test("does not take a long tail for an extension, nor leave dots and spaces where it cut")
    func longExtension() {
        let tail = String(repeating: "b", count: 250)
        #expect(FileName.sanitise("a." + tail) == "a." + tail.prefix(236))
        let spaced = String(repeating: "a", count: 230) + "        bbbb.iso"
        #expect(FileName.sanitise(spaced) == String(repeating: "a", count: 230) + ".iso")
        #expect(FileName.sanitise(String(repeating: "a", count: 237) + " bbb") == String(repeating: "a", count: 237))
    }

    @Test("never yields an unsafe name, whatever pieces it is made from")
    func alwaysSafe() {
        let pieces = [
            "/", "\\", ".", "..", " ", "-", "\u{0}", "\n", "\u{301}", "con", "a", ".part", ".journal", "\u{202E}", "é",
        ]
        for one in pieces {
            for two in pieces {
                for three in pieces {
                    for name in [one + two + three, three + two + one + two].compactMap(FileName.sanitise) {
                        let bytes = Array(name.utf8)
                        #expect(!bytes.isEmpty && bytes.count <= FileName.maximumBytes)
                        #expect(bytes.allSatisfy { $0 > 31 && $0 != 127 && $0 != 47 && $0 != 92 })
                        #expect(bytes.first != 46 && bytes.first != 45 && bytes.first != 32)
                        #expect(bytes.last != 46 && bytes.last != 32)
                        #expect(FileName.sanitise(name) == name)
                    }
                }
            }
        }
    }

    @Test(
        "takes the name from the URL's last path component, decoded once",
        arguments: [
            ("http://h/a/b.iso", "b.iso"), ("http://h/b.iso?x=/c", "b.iso"), ("http://h/b.iso#/c", "b.iso"),
            ("http://h/a%20b", "a b"), ("http://h/a b", "a b"), ("http://h/na%C3%AFve", "naïve"),
            ("http://h/naïve", "naïve"),
            ("http://h/..%2F..%2Fetc%2Fpasswd", "passwd"), ("http://h/a%5Cb", "b"), ("http://h/a%252Fb", "a%2Fb"),
            ("http://h/%2e%2e", "download"), ("http://h/..", "download"), ("http://h/", "download"),
            ("http://h", "download"),
            ("http://h/a/", "download"), ("http://h/%00", "download"), ("http://h/%FF.iso", "%FF.iso"),
            ("http://h/100%", "100%"), ("http://h/.bashrc", "bashrc"), ("http://h/%2Drf", "_rf"),
            ("http://h?x=a/b", "download"),
        ]
    )
    func fromURL(url: String, expected: String) throws {
        #expect(FileName.from(url: try HTTPURL.parse(url)) == expected)
    }

    @Test(
        "prefers the response's name if it is usable",
        arguments: [
            (nil, "url.bin"), ("attachment", "url.bin"), ("attachment; filename=a.bin", "a.bin"),
            ("attachment; filename=..", "url.bin"), ("attachment; filename=\"../x/.y\"", "y"),
            ("attachment; filename*=UTF-8''..%2f..%2f.ssh%2fid", "id"), ("garbage \"", "url.bin"),
        ] as [(String?, String)]
    )
    func choice(contentDisposition: String?, expected: String) throws {
        let url = try HTTPURL.parse("http://h/url.bin")
        #expect((FileName.given(by: contentDisposition) ?? FileName.from(url: url)) == expected)
    }

    @Test("does not become a device's name by being cut")
    func cutToDevice() {
        let name = FileName.sanitise("con" + String(repeating: " ", count: 300) + "x.txt")
        #expect(name == "_con.txt")
        #expect(name.flatMap(FileName.sanitise) == name)
    }

    @Test("does not leave a space that makes one character with what is before it")
    func spaceAfterPrefix() {
        #expect(FileName.sanitise("\u{7D8}\u{601} ").map { Array($0.utf8) } == Array("\u{7D8}\u{601}".utf8))
    }
}
