// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Netrc")
struct NetrcTests {
    private func credentials(_ text: String, _ host: String = "example.org") -> String? {
        Netrc(parsing: text).credentials(for: host).map { "\($0.user)|\($0.password)" }
    }

    @Test(
        "reads what ftp and curl read",
        arguments: [
            ("machine example.org login ann password secret", "ann|secret"),
            ("machine example.org\n\tlogin ann\n\tpassword secret\n", "ann|secret"),
            ("MACHINE x\nmachine EXAMPLE.org password p login ann", "ann|p"),
            ("machine other login x password y\nmachine example.org login ann password z", "ann|z"),
            ("default login anonymous password me@home\n", "anonymous|me@home"),
            ("default login d password e machine example.org login ann password s", "ann|s"),
            ("machine example.org login ann account none password s", "ann|s"),
            ("# machine example.org login no password no\nmachine example.org login ann password s#1", "ann|s#1"),
            ("machine example.org login \"a n\" password \"q\\\"\\\\\\n\"", "a n|q\"\\\n"),
            ("macdef init\ncd /tmp\nmachine example.org login no\n\nmachine example.org login ann password s", "ann|s"),
            ("machine example.org login ann", "ann|"),
            ("machine example.org login ann password s\r\n", "ann|s"),
        ]
    )
    func reads(text: String, expected: String) {
        #expect(credentials(text) == expected)
    }

    @Test(
        "has nothing for a host that it does not name, or without a name to log in with",
        arguments: [
            "", "machine", "login ann password s", "machine example.org password s", "machine org login a", "\"",
            "macdef",
        ]
    )
    func lacks(text: String) {
        #expect(credentials(text) == nil)
    }

    @Test("the first entry of a host counts")
    func first() {
        let text = "machine example.org login ann password 1\nmachine example.org login bob password 2"
        #expect(credentials(text) == "ann|1")
    }

    @Test("a name with a colon is of no use")
    func colon() {
        #expect(credentials("machine example.org login a:b password c") == nil)
    }
}
