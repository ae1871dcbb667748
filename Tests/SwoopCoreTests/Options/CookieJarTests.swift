// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("CookieJar")
struct CookieJarTests {
    private func field(
        _ lines: [String],
        _ url: String = "https://www.example.org/dir/file",
        seconds: Int64 = 100
    ) throws -> String? {
        let text = lines.map { $0.replacing(" ", with: "\t") }.joined(separator: "\n")
        return CookieJar(parsing: text).field(for: try HTTPURL.parse(url), seconds: seconds)
    }

    @Test(
        "a cookie goes where domain, path, scheme and time say",
        arguments: [
            (".example.org TRUE / FALSE 0 a 1", true), ("example.org TRUE / FALSE 0 a 1", true),
            ("example.org FALSE / FALSE 0 a 1", false), ("www.example.org FALSE / TRUE 0 a 1", true),
            ("ample.org TRUE / FALSE 0 a 1", false), ("WWW.Example.ORG FALSE / FALSE 0 a 1", true),
            ("www.example.org FALSE /dir FALSE 0 a 1", true), ("www.example.org FALSE /dir/ FALSE 0 a 1", true),
            ("www.example.org FALSE /di FALSE 0 a 1", false), ("www.example.org FALSE /dir/file FALSE 0 a 1", true),
            ("www.example.org FALSE / FALSE 101 a 1", true), ("www.example.org FALSE / FALSE 100 a 1", false),
            ("#HttpOnly_www.example.org FALSE / FALSE 0 a 1", true), ("# www.example.org FALSE / FALSE 0 a 1", false),
            ("www.example.org FALSE / FALSE x a 1", false), ("www.example.org FALSE / FALSE 0", false),
        ]
    )
    func belongs(line: String, isSent: Bool) throws {
        #expect(try field([line]) == (isSent ? "a=1" : nil))
    }

    @Test("a cookie for https only does not go over http")
    func secure() throws {
        #expect(try field(["www.example.org FALSE / TRUE 0 a 1"], "http://www.example.org/") == nil)
    }

    @Test("longer paths come first, else the file's order; a value may be empty")
    func order() throws {
        let lines = [
            "www.example.org FALSE / FALSE 0 a 1", "www.example.org FALSE /dir FALSE 0 b 2",
            "www.example.org FALSE / FALSE 0 c ",
        ]
        #expect(try field(lines) == "b=2; a=1; c=")
    }

    @Test("nothing in a cookie can end the field")
    func injection() {
        let text = "www.example.org\tFALSE\t/\tFALSE\t0\ta\t1\u{0}X: y\n"
        #expect(CookieJar(parsing: text).isEmpty)
    }

    @Test("a domain without a name is nobody's", arguments: ["", "."])
    func nameless(domain: String) throws {
        let jar = CookieJar(parsing: "\(domain)\tTRUE\t/\tFALSE\t0\ta\t1\n")
        #expect(jar.field(for: try HTTPURL.parse("http://www.example./"), seconds: 0) == nil)
    }
}
