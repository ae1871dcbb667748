// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct EntityTagTests {
    @Test(
        "reads quoted, weak and unquoted tags",
        arguments: [
            (#""a1""#, false, #""a1""#),
            (#""""#, false, #""""#),
            (#"  "a1"  "#, false, #""a1""#),
            (#"W/"a1""#, true, #""a1""#),
            (#""W/a1""#, false, #""W/a1""#),
            (#""a b,c\""#, false, #""a b,c\""#),
            (#""é""#, false, #""é""#),
            ("d41d8cd98f00b204", false, "d41d8cd98f00b204"),
            ("5f-1a:b", false, "5f-1a:b"),
            ("W/abc", true, "abc"),
        ]
    )
    func reads(value: String, isWeak: Bool, opaque: String) throws {
        let tag = try #require(EntityTag.parse(value))
        #expect(tag.isWeak == isWeak)
        #expect(tag.opaque == opaque)
    }

    @Test(
        "refuses what could match anything or nothing",
        arguments: [
            "", " ", "*", "W/", "W/*", #"""#, #"W/""#, #""a"#, #"a""#, #""a"b""#, #""a", "b""#, "a, b", "a b", "a,b",
            #"w/"a""#, "\"a\u{0}\"", "\"a\r\nb\"", "a\tb", "\"\u{7F}\"", "\"\u{FFFD}\"", "a\u{FFFD}",
        ]
    )
    func refuses(value: String) {
        #expect(EntityTag.parse(value) == nil)
    }

    @Test("is sent back exactly as received", arguments: [#""a1""#, #"W/"a1""#, "abc", "W/abc", "\"e\u{301}\""])
    func wireForm(value: String) throws {
        let tag = try #require(EntityTag.parse(value))
        #expect(Array(tag.wireForm.utf8) == Array(value.utf8))
    }

    @Test(
        "matches strongly only if both are strong and the bytes are the same",
        arguments: [
            (#""1""#, #""1""#, true),
            (#""1""#, #""2""#, false),
            (#"W/"1""#, #"W/"1""#, false),
            (#"W/"1""#, #""1""#, false),
            (#""1""#, #"W/"1""#, false),
            ("abc", "abc", true),
            ("abc", #""abc""#, false),
            (#""a""#, #""A""#, false),
            ("\"\u{E9}\"", "\"e\u{301}\"", false),
        ]
    )
    func strongComparison(one: String, other: String, expected: Bool) throws {
        let one = try #require(EntityTag.parse(one))
        let other = try #require(EntityTag.parse(other))
        #expect(one.stronglyMatches(other) == expected)
    }

    @Test("is equal by bytes, not by canonical equivalence")
    func equality() throws {
        let composed = try #require(EntityTag.parse("\"\u{E9}\""))
        let decomposed = try #require(EntityTag.parse("\"e\u{301}\""))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(EntityTag.parse("\"a\"") != EntityTag.parse("W/\"a\""))
    }
}
