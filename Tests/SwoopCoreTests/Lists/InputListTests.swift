// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Input list")
struct InputListTests {
    private func entries(_ text: String) -> [InputList.Entry] {
        var list = InputList()
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
        return lines.compactMap { list.read($0) } + [list.finish()].compactMap { $0 }
    }

    private func items(_ text: String) throws -> [InputItem] { try entries(text).map { try $0.get() } }

    private func settings(_ options: String...) throws -> InputSettings {
        let text = "http://h/x\n" + options.map { "  " + $0 }.joined(separator: "\n")
        return try #require(try items(text).first).settings
    }

    @Test("has an item for each line with URLs, their mirrors after tabs")
    func lines() throws {
        let read = try items("http://h/a\nhttp://h/b\thttp://m/b\thttps://n/b\n# comment\n\n\nhttp://h/c")
        #expect(read.map(\.url) == ["http://h/a", "http://h/b", "http://h/c"])
        #expect(read.map(\.mirrors) == [[], ["http://m/b", "https://n/b"], []])
        #expect(read.map(\.line) == [1, 2, 6])
    }

    @Test("gives indented lines to the item above")
    func options() throws {
        let read = try items("http://h/a\n out=x\n\tdir = y \nhttp://h/b\n#c\n    # d\n  dir=z")
        #expect(read.map(\.settings.name) == ["x", nil])
        #expect(read.map(\.settings.directory) == ["y", "z"])
    }

    @Test("reads what matters of an item's options")
    func allOptions() throws {
        let read = try settings(
            "out=a/b.bin",
            "dir=/tmp/x y",
            "checksum=sha-1=da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "header=A: b",
            "header=C:d=e",
            "referer=http://r/",
            "user-agent=me",
            "split=8",
            "max-connection-per-server=3",
            "max-filesize=2M",
            "continue=false",
            "allow-overwrite=true"
        )
        #expect(read.name == "a/b.bin")
        #expect(read.directory == "/tmp/x y")
        #expect(read.digest?.description == "sha-1:da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(read.fields.pairs.map(\.name) == ["A", "C"])
        #expect(read.fields["C"] == "d=e")
        #expect(read.referer == "http://r/")
        #expect(read.userAgent == "me")
        #expect(read.connections == 3)
        #expect(read.maximumLength == 2 << 20)
        #expect(read.resume == false)
        #expect(read.overwrite == true)
    }

    @Test("reads what Windows wrote")
    func windows() throws {
        let read = try items("\u{FEFF}http://h/a\r\n  out=x\r\n\r\nhttp://h/b\thttp://m/b\r\n")
        #expect(read.map(\.url) == ["http://h/a", "http://h/b"])
        #expect(read.map(\.settings.name) == ["x", nil])
        #expect(read.map(\.mirrors) == [[], ["http://m/b"]])
    }

    @Test("an item is complete with the next one, an empty line, or the end")
    func completion() {
        var list = InputList()
        #expect(list.read("http://h/a") == nil)
        #expect(list.read("  out=x") == nil)
        #expect(list.read("") != nil)
        #expect(list.read("") == nil)
        #expect(list.read("http://h/b") == nil)
        #expect(list.read("http://h/c") != nil)
        #expect(list.finish() != nil)
        #expect(list.finish() == nil)
    }

    @Test(
        "holds nothing but the item at hand, and nothing of an empty list",
        arguments: ["", "\n\n", "# a\n#b\n", "  \n\t\n"]
    )
    func empty(text: String) {
        #expect(entries(text).isEmpty)
    }

    @Test("names options of aria2's that mean nothing here, each once")
    func ignored() throws {
        var list = InputList()
        for line in ["http://h/a", " bt-tracker=x", " gid=1", "http://h/b", " GID=2", " file-allocation=none"] {
            if case .failure(let error) = list.read(line) { Issue.record(error) }
        }
        #expect(list.ignored == ["bt-tracker", "gid", "file-allocation"])
    }

    @Test(
        "says which line is wrong and what to write",
        arguments: [
            ("not a url", 1, "does not begin with http:// or https://"),
            ("http://h/a\nhttp://", 2, "no host"),
            ("http://h/a\thttp://h:99999/", 1, "port"),
            ("  out=x", 1, "no URL above"),
            ("http://h/a\n\n out=x", 3, "no URL above"),
            ("http://h/a\n ouch", 2, "write option=value"),
            ("http://h/a\n outt=x", 2, "unknown option 'outt'"),
            ("http://h/a\n =x", 2, "unknown option ''"),
            ("http://h/a\n out=", 2, "out cannot be read"),
            ("http://h/a\n out=../x", 2, "use dir"),
            ("http://h/a\n out=/x", 2, "use dir"),
            ("http://h/a\n out=a/./x", 2, "use dir"),
            ("http://h/a\n out=a/", 2, "use dir"),
            ("http://h/a\n out=a\u{1B}b", 2, "control characters"),
            ("http://h/a\n checksum=sha-256=00", 2, "checksum cannot be read"),
            ("http://h/a\n header=nonsense", 2, "write header=Name: value"),
            ("http://h/a\n split=0", 2, "from 1 to 1000"),
            ("http://h/a\n split=99999999999999999999", 2, "from 1 to 1000"),
            ("http://h/a\n continue=yes", 2, "true or false"),
            ("http://h/a\n max-filesize=big", 2, "a size"),
        ]
    )
    func mistakes(text: String, line: Int, part: String) throws {
        let errors = entries(text).compactMap { entry in
            if case .failure(let error) = entry { error } else { nil }
        }
        let error = try #require(errors.first)
        #expect(errors.count == 1)
        #expect(error.line == line)
        #expect(error.message.contains(part), "\(error.message)")
    }

    @Test("a mistake costs its own item and no other")
    func oneMistake() {
        let read = entries("http://h/a\n nonsense\n out=x\nhttp://h/b\nbad\n out=y\nhttp://h/c")
        #expect(read.map { (try? $0.get())?.url } == [nil, "http://h/b", nil, "http://h/c"])
    }

    @Test("never repeats a secret")
    func secrets() {
        for text in [
            "http://u:hunter2@h:99999/", "hunter2@h/x", "http://h/\n header=hunter2", "http://h/\n out=hunter2/..",
            "http://h/\n https://u:hunter2@h/?a=b",
        ] {
            for case .failure(let error) in entries(text) { #expect(!error.message.contains("hunter2")) }
        }
    }

    @Test("survives any line", arguments: 0..<500)
    func anyBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("http://h/a =\t#\r\n:%outdircheck\u{0}\u{301}é".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<(random.next() % 120) { text.append(alphabet[Int(random.next() % UInt64(alphabet.count))]) }
        for case .success(let item) in entries(String(text)) { #expect(!item.url.isEmpty) }
    }
}
