// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopTestKit
import Testing

extension ProgramTests {
    @Suite("Refusals", .realServers)
    struct Refusals {
        private static let impatient = ["-q", "--retries", "1", "--retry-wait", "0.01"]

        /// Downloads `file.bin`, which must end so; checks that nothing is there unless it went well.
        @discardableResult
        static func fetch(
            from server: RealServer,
            path: String = "file.bin",
            host: String = "127.0.0.1",
            options: [String] = [],
            ending: ChildProcess.Ending
        ) async throws -> RunResult {
            let source = "\(server.files)/file.bin"
            let target = "\(server.directory)/fetched.bin"
            try await Tool.makeFile(source, length: 5_000)
            let url = server.url(path, host: host)
            let result = try await SwoopProgram.get(impatient + ["-o", target] + options + [url])
            #expect(result.ending == ending, "\(result.error)")
            if result.ending == .exited(0) {
                #expect(try await Tool.isSame(source, target))
                try FileManager.default.removeItem(atPath: target)
            } else {
                #expect(!FileManager.default.fileExists(atPath: target))
                #expect(result.error.split(separator: "\n").count == 1, "one line: \(result.error)")
            }
            #expect(server.leftovers(of: "fetched.bin").isEmpty)
            return result
        }

        @Test(
            "an error status has its exit code, one line, and leaves nothing",
            arguments: [
                (400, 3), (401, 3), (403, 3), (404, 3), (410, 3), (429, 4), (451, 3), (500, 4), (501, 4), (502, 4),
                (503, 4), (504, 4),
            ] as [(Int, Int32)]
        )
        func status(status: Int, exit: Int32) async throws {
            let plan = RealServer.Plan(program: .nginx, extra: "location /gone { return \(status); }")
            try await RealServer.with(plan) { server in
                let result = try await Self.fetch(from: server, path: "gone", ending: .exited(exit))
                #expect(result.error.contains("\(status)"), "\(result.error)")
            }
        }

        @Test("a name and password open what is closed without")
        func basicAuthentication() async throws {
            var plan = RealServer.Plan(program: .nginx)
            plan.extra = "auth_basic closed; auth_basic_user_file users;"
            try await RealServer.with(plan) { server in
                try await server.admit("ann", password: "b:c d")
                try await Self.fetch(from: server, ending: .exited(3))
                let wrong = try await Self.fetch(from: server, options: ["-u", "ann:wr0ng"], ending: .exited(3))
                #expect(!wrong.error.contains("wr0ng"))
                try await Self.fetch(from: server, options: ["-u", "ann:b:c d"], ending: .exited(0))
            }
        }

        @Test("a netrc opens what is closed without; one for another host does not")
        func netrc() async throws {
            var plan = RealServer.Plan(program: .nginx)
            plan.extra = "auth_basic closed; auth_basic_user_file users;"
            try await RealServer.with(plan) { server in
                try await server.admit("ann", password: "b:c d")
                let file = "\(server.directory)/netrc"
                try TestFiles.write(Array("machine localhost login ann password \"b:c d\"".utf8), to: file)
                try await Self.fetch(from: server, options: ["--netrc-file", file], ending: .exited(3))
                try await Self.fetch(
                    from: server,
                    host: "localhost",
                    options: ["--netrc-file", file],
                    ending: .exited(0)
                )
            }
        }

        @Test("a cookie opens what is closed without")
        func cookies() async throws {
            var plan = RealServer.Plan(program: .nginx)
            plan.extra = "if ($cookie_session != s3cret) { return 403; }"
            try await RealServer.with(plan) { server in
                let file = "\(server.directory)/cookies"
                try TestFiles.write(Array("127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\ts3cret\n".utf8), to: file)
                try await Self.fetch(from: server, ending: .exited(3))
                try await Self.fetch(from: server, options: ["--cookie-file", file], ending: .exited(0))
            }
        }

        @Test("an IPv6 address is asked in brackets, or for a name")
        func internetProtocolVersion6() async throws {
            let plan = RealServer.Plan(program: .nginx, extra: "listen [::1]:$PORT; allow ::1; deny all;")
            try await RealServer.with(plan) { server in
                try await Self.fetch(from: server, ending: .exited(3))
                try await Self.fetch(from: server, host: "[::1]", ending: .exited(0))
                let named = ["--resolve", "swoop.invalid:\(server.port.number):[::1]"]
                try await Self.fetch(from: server, host: "swoop.invalid", options: named, ending: .exited(0))
            }
        }

        @Test("connections come from the addresses that the user names")
        func localAddresses() async throws {
            let plan = RealServer.Plan(program: .nginx, extra: "allow 127.0.0.2; allow 127.0.0.3; deny all;")
            try await RealServer.with(plan) { server in
                try await Self.fetch(from: server, ending: .exited(3))
                let both = ["--interface", "127.0.0.2", "--interface", "127.0.0.3"]
                try await Self.fetch(from: server, options: both, ending: .exited(0))
                try await Self.fetch(from: server, options: ["--interface", "lo"], ending: .exited(3))
            }
        }

        @Test("a host leads where the user says")
        func resolve() async throws {
            try await RealServer.with(.init(program: .nginx)) { server in
                let port = server.port.number
                let host = "swoop.invalid"
                try await Self.fetch(from: server, host: host, ending: .exited(4))
                let other = ["--resolve", "\(host):\(port + 1):127.0.0.1"]
                try await Self.fetch(from: server, host: host, options: other, ending: .exited(4))
                let right = ["--resolve", "\(host):\(port):127.0.0.1"]
                try await Self.fetch(from: server, host: host, options: right, ending: .exited(0))
            }
        }

        @Test("a name and password in the URL open what is closed without")
        func userInformation() async throws {
            var plan = RealServer.Plan(program: .nginx)
            plan.extra = "auth_basic closed; auth_basic_user_file users;"
            try await RealServer.with(plan) { server in
                try await server.admit("ann", password: "b:c d")
                let wrong = try await Self.fetch(from: server, host: "ann:wr0ng@127.0.0.1", ending: .exited(3))
                #expect(!wrong.error.contains("wr0ng"))
                try await Self.fetch(from: server, host: "ann:b%3Ac%20d@127.0.0.1", ending: .exited(0))
            }
        }
    }

    @Suite("Certificates", .realServers)
    struct CertificateChecks {
        @Test("of an unknown authority are refused, and accepted with -k")
        func unknownAuthority() async throws {
            try await RealServer.with(.init(program: .nginx, scheme: .https)) { server in
                let refused = try await Refusals.fetch(from: server, ending: .exited(3))
                #expect(refused.error.contains("--cacert"), "\(refused.error)")
                try await Refusals.fetch(from: server, options: ["-k"], ending: .exited(0))
            }
        }

        @Test("of the user's own are shown to a server that asks for one")
        func ownCertificate() async throws {
            var plan = RealServer.Plan(program: .nginx, scheme: .https)
            plan.extra = "ssl_client_certificate authority.pem; ssl_verify_client on;"
            try await RealServer.with(plan) { server in
                let certificates = try #require(server.certificates)
                try await Refusals.fetch(from: server, options: server.trust, ending: .exited(3))
                let own = ["--cert", certificates.certificate, "--key", certificates.key]
                try await Refusals.fetch(from: server, options: server.trust + own, ending: .exited(0))
            }
        }

        @Test(
            "are good for the names in them",
            arguments: ["127.0.0.1", "localhost"]
        )
        func rightHost(host: String) async throws {
            try await RealServer.with(.init(program: .nginx, scheme: .https)) { server in
                _ = try await Refusals.fetch(from: server, host: host, options: server.trust, ending: .exited(0))
            }
        }

        @Test(
            "for another host are refused, and accepted with -k",
            arguments: ["127.0.0.1", "localhost"]
        )
        func wrongHost(host: String) async throws {
            var plan = RealServer.Plan(program: .nginx, scheme: .https)
            plan.certificateNames = "IP:127.0.0.2,DNS:example.org"
            try await RealServer.with(plan) { server in
                let refused = try await Refusals.fetch(
                    from: server,
                    host: host,
                    options: server.trust,
                    ending: .exited(3)
                )
                #expect(refused.error.contains("another host"), "\(refused.error)")
                try await Refusals.fetch(from: server, host: host, options: ["-k"], ending: .exited(0))
            }
        }
    }
}

extension RealServer {
    /// Writes nginx's list of users.
    fileprivate func admit(_ user: String, password: String) async throws {
        let hash = try await Tool.check("openssl", ["passwd", "-apr1", password])
        try TestFiles.write(Array("\(user):\(hash)".utf8), to: "\(directory)/users")
    }
}
