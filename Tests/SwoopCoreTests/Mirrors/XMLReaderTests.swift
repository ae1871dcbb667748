// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct XMLReaderTests {
    /// What a document says, one word per event: `<{namespace}name a=v`, `"text"`, `>`.
    static func events(_ bytes: [UInt8]) throws(XMLError) -> [String] {
        var reader = try XMLReader(bytes)
        var words: [String] = []
        while let event = try reader.next() {
            switch event {
            case .start(let element): words.append("<" + describe(element))
            case .text(let text): words.append("\"\(text)\"")
            case .end: words.append(">")
            }
        }
        return words
    }

    static func describe(_ element: XMLElement) -> String {
        let attributes = element.attributes.map { " \(describe($0.name))=\($0.value)" }
        return describe(element.name) + attributes.joined()
    }

    static func describe(_ name: XMLName) -> String {
        (name.namespace.map { "{\($0)}" } ?? "") + name.local
    }

    static func failure(_ bytes: [UInt8]) -> XMLError? {
        do {
            _ = try events(bytes)
            return nil
        } catch { return error }
    }

    @Test(
        "reads elements, attributes and text",
        arguments: [
            ("<a/>", ["<a", ">"]),
            ("<a></a>", ["<a", ">"]),
            ("<a />\n", ["<a", ">"]),
            ("<a >b</a >", ["<a", "\"b\"", ">"]),
            ("<a><b>c</b>d<e/></a>", ["<a", "<b", "\"c\"", ">", "\"d\"", "<e", ">", ">"]),
            ("<a x='1' y = \"2\"/>", ["<a x=1 y=2", ">"]),
            ("<a x='\"' y=\"'>\"/>", ["<a x=\" y='>", ">"]),
            ("<a x=''/>", ["<a x=", ">"]),
            ("<_a.b-c1/>", ["<_a.b-c1", ">"]),
            ("<日本>ü</日本>", ["<日本", "\"ü\"", ">"]),
            ("<a>x > y ]]> z</a>", ["<a", "\"x > y ]]> z\"", ">"]),
        ]
    )
    func structure(document: String, expected: [String]) throws {
        #expect(try Self.events(Array(document.utf8)) == expected)
    }

    @Test(
        "replaces references and line ends",
        arguments: [
            ("<a>&lt;&gt;&amp;&apos;&quot;</a>", ["<a", "\"<>&'\"\"", ">"]),
            ("<a>&#65;&#x42;&#x1F600;&#x00043;</a>", ["<a", "\"AB😀C\"", ">"]),
            ("<a>&amp;lt;</a>", ["<a", "\"&lt;\"", ">"]),
            ("<a x='&lt;&#10;&amp;'/>", ["<a x=<\n&", ">"]),
            ("<a x='1\t2\n3\r\n4'/>", ["<a x=1 2 3 4", ">"]),
            ("<a>1\r\n2\r3\n</a>", ["<a", "\"1\n2\n3\n\"", ">"]),
        ]
    )
    func references(document: String, expected: [String]) throws {
        #expect(try Self.events(Array(document.utf8)) == expected)
    }

    @Test(
        "skips declarations, comments and processing instructions",
        arguments: [
            "<?xml version='1.0'?><a/>", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes' ?>\n<a/>",
            "<?xml version='1.0' encoding='us-ascii'?><a/>", "\u{FEFF}<a/>", "\u{FEFF}<?xml version='1.0'?><a/>",
            "<!-- <b> & --><a/><!-- c -->", "<?xml-stylesheet href='<'?><a/><?p?>", "<a><!----></a>", " \n<a/>\n ",
        ]
    )
    func prolog(document: String) throws {
        #expect(try Self.events(Array(document.utf8)) == ["<a", ">"])
    }

    @Test(
        "reads CDATA as it stands",
        arguments: [
            ("<a><![CDATA[<b>&amp;]]]></a>", ["<a", "\"<b>&amp;]\"", ">"]),
            ("<a><![CDATA[]]></a>", ["<a", ">"]),
            ("<a>1<![CDATA[2]]>3</a>", ["<a", "\"1\"", "\"2\"", "\"3\"", ">"]),
        ]
    )
    func sections(document: String, expected: [String]) throws {
        #expect(try Self.events(Array(document.utf8)) == expected)
    }

    @Test(
        "resolves prefixes, which hold inside their element only",
        arguments: [
            ("<a xmlns='u'><b/></a>", ["<{u}a", "<{u}b", ">", ">"]),
            ("<p:a xmlns:p='u'><b/></p:a>", ["<{u}a", "<b", ">", ">"]),
            ("<a xmlns='u' x='1'/>", ["<{u}a x=1", ">"]),
            ("<a p:x='1' xmlns:p='u'/>", ["<a {u}x=1", ">"]),
            (
                "<a xmlns='u'><b xmlns='v'/><c xmlns=''/><d/></a>",
                ["<{u}a", "<{v}b", ">", "<c", ">", "<{u}d", ">", ">"]
            ),
            ("<a xml:lang='en'/>", ["<a {http://www.w3.org/XML/1998/namespace}lang=en", ">"]),
            (
                "<p:a xmlns:p='u'><p:b xmlns:p='v'><p:c/></p:b><p:d/></p:a>",
                ["<{u}a", "<{v}b", "<{v}c", ">", ">", "<{u}d", ">", ">"]
            ),
        ]
    )
    func namespaces(document: String, expected: [String]) throws {
        #expect(try Self.events(Array(document.utf8)) == expected)
    }

    @Test(
        "refuses what is malformed and says where",
        arguments: [
            ("", .truncated, 1), ("<a>\n<b>\n", .truncated, 3), ("<a", .truncated, 1), ("<a x='", .truncated, 1),
            ("<a>&lt", .truncated, 1), ("<!--", .truncated, 1), ("<a><![CDATA[]]", .truncated, 1),
            ("<a>\n</b>", .mismatchedEnd, 2), ("</a>", .mismatchedEnd, 1), ("<a></a>\n</a>", .mismatchedEnd, 2),
            ("<p:a xmlns:p='u' xmlns:q='u'></q:a>", .mismatchedEnd, 1),
            ("<a/><b/>", .outsideRoot, 1), ("x<a/>", .outsideRoot, 1), ("<a/>\n&#32;x", .outsideRoot, 2),
            ("<![CDATA[x]]><a/>", .outsideRoot, 1),
            ("<a>& </a>", .reference, 1), ("<a>&nbsp;</a>", .reference, 1), ("<a>&;</a>", .reference, 1),
            ("<a>&#;</a>", .reference, 1), ("<a>&#x;</a>", .reference, 1), ("<a>&#xD800;</a>", .reference, 1),
            ("<a>&#0;</a>", .reference, 1), ("<a>&#x110000;</a>", .reference, 1),
            ("<a>&#xFFFFFFFFF;</a>", .reference, 1),
            ("<a>&#-1;</a>", .reference, 1), ("<a>&#99999999999999999999;</a>", .reference, 1),
            ("<a>&#xFFFE;</a>", .reference, 1),
            ("< a/>", .name, 1), ("<1/>", .name, 1), ("<a:b:c/>", .name, 1), ("<:a/>", .name, 1), ("<a:/>", .name, 1),
            ("<a x/>", .attribute, 1), ("<a x=1/>", .attribute, 1), ("<a x='<'/>", .attribute, 1),
            ("<a x='1'y='2'/>", .syntax, 1), ("<a/ >", .syntax, 1), ("<!ELEMENT a>", .syntax, 1),
            ("<a><!-- -- --></a>", .syntax, 1), (" <?xml version='1.0'?><a/>", .syntax, 1),
            ("<a x='1' x='2'/>", .repeatedAttribute, 1),
            ("<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>", .repeatedAttribute, 1),
            ("<p:a/>", .namespace, 1), ("<a p:x=''/>", .namespace, 1), ("<a xmlns:p=''/>", .namespace, 1),
            ("<a xmlns:xmlns='u'/>", .namespace, 1), ("<a xmlns:xml='u'/>", .namespace, 1),
            ("<a><b xmlns:p='u'/><p:c/></a>", .namespace, 1),
            ("<?xml version='1.0' encoding='utf-16'?><a/>", .encoding, 1),
            ("<?xml version='1.0' encoding='iso-8859-1'?><a/>", .encoding, 1), ("\u{0}<\u{0}a", .encoding, 1),
            ("<a>\u{1}</a>", .control, 1), ("<a x='\u{0}'/>", .control, 1),
            ("<a><![CDATA[\u{B}]]></a>", .control, 1),
        ] as [(String, XMLError.Fault, Int)]
    )
    func malformed(document: String, fault: XMLError.Fault, line: Int) {
        let error = Self.failure(Array(document.utf8))
        #expect(error?.fault == fault)
        #expect(error?.line == line)
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [
            [0x3C, 0x61, 0x3E, 0xFF, 0x3C, 0x2F, 0x61, 0x3E], [0x3C, 0x61, 0x3E, 0xC3, 0x3C, 0x2F, 0x61, 0x3E],
            [0x3C, 0xC3, 0x2F, 0x3E],
        ] as [[UInt8]]
    )
    func notUTF8(document: [UInt8]) {
        #expect(Self.failure(document)?.fault == .notUTF8)
    }

    @Test(
        "refuses UTF-16",
        arguments: [[0xFE, 0xFF, 0, 0x3C], [0xFF, 0xFE, 0x3C, 0], [0x3C, 0, 0x61, 0]] as [[UInt8]]
    )
    func wide(document: [UInt8]) {
        #expect(Self.failure(document)?.fault == .encoding)
    }

    @Test(
        "refuses document types, and with them entities that multiply or name files",
        arguments: [
            "<!DOCTYPE a [<!ENTITY b 'lol'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><a>&c;</a>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            "<!DOCTYPE a SYSTEM 'http://example.org/a.dtd'><a/>", "<!DOCTYPE html>", "<a><!DOCTYPE a></a>",
        ]
    )
    func documentTypes(document: String) {
        #expect(Self.failure(Array(document.utf8))?.fault == .doctype)
    }

    @Test("takes 32 levels, 32 attributes, 64 namespaces and names of 256 bytes, and no more")
    func bounds() {
        func fault(_ document: String) -> XMLError.Fault? { Self.failure(Array(document.utf8))?.fault }
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        func attributes(_ count: Int, _ prefix: String = "x") -> String {
            (0..<count).map { " \(prefix)\($0)='u'" }.joined()
        }
        let name = String(repeating: "n", count: 256)
        let value = String(repeating: "v", count: 8192)
        #expect(fault(nested(32)) == nil)
        #expect(fault(nested(33)) == .tooDeep)
        #expect(fault("<a\(attributes(32))/>") == nil)
        #expect(fault("<a\(attributes(33))/>") == .tooManyAttributes)
        let declarations = attributes(32, "xmlns:p")
        #expect(fault("<a\(declarations)><b\(declarations)/></a>") == nil)
        #expect(fault("<a\(declarations)><b\(declarations)><c xmlns='u'/></b></a>") == .tooManyNamespaces)
        #expect(fault("<a>" + String(repeating: "<b\(declarations)/>", count: 10) + "</a>") == nil)
        #expect(fault("<\(name)/>") == nil)
        #expect(fault("<\(name)n/>") == .tooLong)
        #expect(fault("<a x='\(value)'/>") == nil)
        #expect(fault("<a x='\(value)v'/>") == .tooLong)
    }

    @Test(
        "every fault is told in words that begin small and end without a full stop",
        arguments: XMLError.Fault.allCases
    )
    func words(fault: XMLError.Fault) {
        #expect(fault.text.first?.isLowercase == true)
        #expect(!fault.text.hasSuffix("."))
    }
}
