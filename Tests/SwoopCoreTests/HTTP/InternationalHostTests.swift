// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("International host names")
struct InternationalHostTests {
    @Test(
        "have the form that resolvers take",
        arguments: [
            ("b\u{FC}cher.example", "xn--bcher-kva.example"), ("B\u{DC}CHER.Example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("m\u{FC}nchen.de", "xn--mnchen-3ya.de"),
            ("stra\u{DF}e.de", "xn--strae-oqa.de"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"), ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
            ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"), ("a.ü.b", "a.xn--tda.b"),
            ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"), ("3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"),
        ]
    )
    func ascii(name: String, expected: String) throws {
        #expect(try HTTPURL.parse("http://ann:pw@\(name):81/x").host == expected)
    }

    @Test(
        "are refused where a reader could take them for another name",
        arguments: ["ｅxample.ü", "ü x", "ü\u{200B}", "“ü”", "ﬁ.ü", "ü/..".replacing("/", with: "⁄"), "\u{202E}ü"]
    )
    func refused(name: String) {
        #expect(throws: HTTPURLError.nonASCIIHost) { try HTTPURL.parse("http://\(name)/") }
    }

    @Test("are refused where a label or the whole is too long", arguments: ["ü", "z\u{335}", "ü."])
    func long(part: String) {
        let name = String(repeating: part, count: 600)
        #expect(throws: HTTPURLError.nonASCIIHost) { try HTTPURL.parse("http://\(name)/") }
    }
}
