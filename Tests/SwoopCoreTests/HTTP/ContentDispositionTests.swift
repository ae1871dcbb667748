// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct ContentDispositionTests {
    @Test(
        "reads the plain parameter",
        arguments: [
            (#"attachment; filename=a.zip"#, "a.zip"),
            (#"attachment; filename="a.zip""#, "a.zip"),
            (#"attachment;filename="a b.zip";"#, "a b.zip"),
            (#"ATTACHMENT ; FileName = "a.zip" ; size=3"#, "a.zip"),
            (#"inline; x=y; ;; filename=a.zip"#, "a.zip"),
            (#"attachment; filename=my file.zip ; x=y"#, "my file.zip"),
            (#"attachment; filename="a;b=c.zip""#, "a;b=c.zip"),
            (#"attachment; filename="a\"b\\c.zip""#, #"a"b\c.zip"#),
            (#"attachment; filename="a%20b.zip""#, "a%20b.zip"),
            (#"attachment; filename="naïve 日本.txt""#, "naïve 日本.txt"),
            (#"attachment; filename=naïve.txt"#, "naïve.txt"),
            (#"attachment; filename='a.zip'"#, "'a.zip'"),
            ("attachment; filename=\"e\u{301}\"", "e\u{301}"),
            (#"attachment; filename="../../etc/passwd""#, "../../etc/passwd"),
        ]
    )
    func plain(value: String, expected: String) {
        #expect(ContentDisposition.fileName(value) == expected)
    }

    @Test(
        "decodes the extended parameter and prefers it",
        arguments: [
            (#"attachment; filename*=UTF-8''na%C3%AFve%20file.txt"#, "naïve file.txt"),
            (#"attachment; filename*=utf-8'en'a.txt"#, "a.txt"),
            (#"attachment; filename*=iso-8859-1'en'%A3%20rates"#, "£ rates"),
            (#"attachment; filename*=ISO-8859-1''na%EFve"#, "naïve"),
            (#"attachment; filename="b.txt"; filename*=UTF-8''a.txt"#, "a.txt"),
            (#"attachment; filename*=UTF-8''a.txt; filename="b.txt""#, "a.txt"),
            (#"attachment; filename*="UTF-8''a.txt""#, "a.txt"),
            (#"attachment; filename*=UTF-8''it's.txt"#, "it's.txt"),
            (#"attachment; filename*=UTF-8''a%252Fb"#, "a%2Fb"),
            (#"attachment; FILENAME*=UTF-8''..%2F..%2Fa"#, "../../a"),
            (#"attachment; filename*=UTF-8''a%00b"#, "a\u{0}b"),
        ]
    )
    func extended(value: String, expected: String) {
        #expect(ContentDisposition.fileName(value) == expected)
    }

    @Test(
        "falls back to the plain parameter if the extended one cannot be decoded",
        arguments: [
            "UTF-8''%C3", "UTF-8''%FF%FE", "UTF-8''a%2", "UTF-8''a%zz", "UTF-8''100%", "UTF-16''a", "''a", "a.txt",
            "UTF-8'a",
            "UTF-8''", "",
        ]
    )
    func undecodable(value: String) {
        #expect(ContentDisposition.fileName("attachment; filename=b.txt; filename*=\(value)") == "b.txt")
        #expect(ContentDisposition.fileName("attachment; filename*=\(value)") == nil)
    }

    @Test(
        "answers nil if there is no name or the value is malformed",
        arguments: [
            "", " ", ";", "attachment", "inline;", "filename=a.zip", "; filename=a.zip", #""attachment"; filename=a"#,
            "attachment filename=a.zip", "attachment; filename", "attachment; filename=", "attachment; =a",
            #"attachment; filename="""#, #"attachment; filename="a"#, #"attachment; filename="a\"#,
            #"attachment; filename="a\""#, #"attachment; filename="a"b"#, #"attachment; filename=a"b""#,
            #"attachment; filename="#, #"attachment; filename=""#, #"attachment; filename="a" "b""#,
            "attachment; filename=a; filename=b", "attachment; filename=a; FILENAME=a", "attachment; name=a",
            "attachment; filename*0=a; filename*1=b", "attachment, inline; filename=a",
        ]
    )
    func malformed(value: String) {
        #expect(ContentDisposition.fileName(value) == nil)
    }
}
