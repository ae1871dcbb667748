// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCore

@Suite struct HeaderFieldsTests {
    private let fields = HeaderFields([("ETag", "\"a\""), ("Link", "one"), ("LINK", "two")])

    @Test("finds the first value in any case", arguments: ["ETag", "etag", "ETAG"])
    func findsInAnyCase(name: String) {
        #expect(fields[name] == "\"a\"")
        #expect(fields["link"] == "one")
    }

    @Test("answers nil for an absent name and does not match a prefix", arguments: ["ET", "ETags", "", "É"])
    func absent(name: String) {
        #expect(fields[name] == nil)
        #expect(fields.values(name).isEmpty)
    }

    @Test("lists all values of a name in order")
    func allValues() {
        #expect(fields.values("lInK") == ["one", "two"])
    }

    @Test("adds without replacing, and removes every field of the name")
    func addAndRemove() {
        var fields = fields
        fields.add("link", "three")
        #expect(fields.values("Link") == ["one", "two", "three"])
        fields.remove("LINK")
        #expect(fields.values("Link").isEmpty)
        #expect(fields.pairs.map(\.name) == ["ETag"])
        #expect(fields.pairs.map(\.value) == ["\"a\""])
    }

    @Test("is equal by content")
    func equality() {
        #expect(HeaderFields() == HeaderFields([]))
        #expect(fields != HeaderFields())
        #expect(Set([fields, fields]).count == 1)
    }

    @Test("prints no secret, not even from inside a container")
    func printsNoSecret() {
        let fields = HeaderFields([("Authorization", "Bearer hunter2"), ("Range", "bytes=0-1")])
        #expect("\(fields)" == "[Authorization: [redacted], Range: bytes=0-1]")
        #expect(!"\([fields])".contains("hunter2"))
    }

    @Test("accepts tokens as names", arguments: ["X", "x-amz-date", "!#$%&'*+-.^_`|~09azAZ"])
    func validNames(name: String) {
        #expect(HeaderFields.isValid(name: name))
    }

    @Test(
        "refuses what is no token",
        arguments: [
            "", " ", "a b", "a:", "a\r", "a\n", "a\u{0}", "a\r\nb", "é", "a\u{301}", "a\"", "a(", "a/b", "a\u{7F}",
        ]
    )
    func invalidNames(name: String) {
        #expect(!HeaderFields.isValid(name: name))
    }

    @Test(
        "accepts visible text, spaces, tabs and UTF-8 as values",
        arguments: ["", "a", "a b\tc", "é", "~!\"\\", "日本"]
    )
    func validValues(value: String) {
        #expect(HeaderFields.isValid(value: value))
    }

    @Test(
        "refuses values that could end the field",
        arguments: ["\r", "\n", "\u{0}", "a\r\nX: y", "a\r", "\u{1}", "\u{1F}", "\u{7F}", "a\n\u{301}"]
    )
    func invalidValues(value: String) {
        #expect(!HeaderFields.isValid(value: value))
    }

    @Test(
        "reads the argument of -H",
        arguments: [
            ("Name: value", "Name", "value"),
            ("Name:value", "Name", "value"),
            ("Name: \t value \t", "Name", "value"),
            ("Name:", "Name", ""),
            ("A: b: c", "A", "b: c"),
            ("A: \u{301}b", "A", "\u{301}b"),
        ]
    )
    func arguments(argument: String, name: String, value: String) throws {
        let field = try #require(HeaderFields.parse(argument: argument))
        #expect(field.name == name)
        #expect(field.value == value)
    }

    @Test(
        "refuses an argument of -H that is no field",
        arguments: ["", "Name", "Name;", ": value", "Na me: v", " Name: v", "Name : v", "N: a\r\nX: b", "N: a\u{0}"]
    )
    func badArguments(argument: String) {
        #expect(HeaderFields.parse(argument: argument) == nil)
    }

    @Test("space goes from both ends, also where it makes one character with what it stands beside")
    func trimmed() {
        #expect(Array(ASCII.trimmed(" \u{601} \t").utf8) == Array("\u{601}".utf8))
    }
}
