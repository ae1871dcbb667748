// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopTestKit
import Testing

extension ProgramTests {
    @Suite("Through proxies", .realServers)
    struct Proxies {
        /// A file that arrives through a proxy, or the one line that says why not.
        private func fetch(
            _ scheme: RealServer.Scheme,
            through proxy: RealProxy,
            as url: String? = nil,
            ending: ChildProcess.Ending = .exited(0)
        ) async throws -> RunResult {
            try await RealServer.with(.init(program: .nginx, scheme: scheme)) { server in
                try await Refusals.fetch(
                    from: server,
                    options: ["--proxy", url ?? proxy.url] + server.trust,
                    ending: ending
                )
            }
        }

        @Test("squid passes plain requests on, and makes tunnels only for https", arguments: RealServer.Scheme.allCases)
        func squid(scheme: RealServer.Scheme) async throws {
            let denied = "acl tunnel method CONNECT\nhttp_access deny tunnel\nhttp_access allow all"
            let rules = scheme == .http ? denied : "http_access allow all"
            try await RealProxy.with(.squid, rules: rules) { proxy in
                _ = try await fetch(scheme, through: proxy)
            }
        }

        @Test("squid's login is asked for, given, and shown to nobody", arguments: RealServer.Scheme.allCases)
        func login(scheme: RealServer.Scheme) async throws {
            let rules = """
                auth_param basic program $CHECK
                acl known proxy_auth REQUIRED
                http_access allow known
                http_access deny all
                """
            try await RealProxy.with(.squid, rules: rules) { proxy in
                let refused = try await fetch(scheme, through: proxy, ending: .exited(3))
                #expect(refused.error.contains("407"), "\(refused.error)")
                let wrong = "http://ann:wr0ng@127.0.0.1:\(proxy.port.number)"
                let unknown = try await fetch(scheme, through: proxy, as: wrong, ending: .exited(3))
                #expect(!unknown.error.contains("wr0ng"))
                let right = "http://ann:s3cret@127.0.0.1:\(proxy.port.number)"
                _ = try await fetch(scheme, through: proxy, as: right)
            }
        }

        @Test("a tunnel that squid does not make is an error that names it")
        func refusedTunnel() async throws {
            try await RealProxy.with(.squid, rules: "http_access deny all") { proxy in
                let refused = try await fetch(.https, through: proxy, ending: .exited(3))
                #expect(refused.error.contains("proxy"), "\(refused.error)")
            }
        }

        @Test("haproxy in front of an origin may admit as few connections as it likes")
        func haproxy() async throws {
            try await RealServer.with(.init(program: .nginx, rate: 2 << 20)) { server in
                let source = "\(server.files)/large.bin"
                try await Tool.makeFile(source, length: 20 << 20)
                let limit = "http-request deny deny_status 429 if { sc_conn_cur(0) gt 3 }"
                let rules = limit + "\n    server origin 127.0.0.1:\(server.port.number)"
                try await RealProxy.with(.haproxy, rules: rules) { front in
                    let target = "\(server.directory)/fetched.bin"
                    let result = try await SwoopProgram.get(["-q", "-c", "8", "-o", target, "\(front.url)/large.bin"])
                    #expect(result.ending == .exited(0), "\(result.error)")
                    #expect(try await Tool.isSame(source, target))
                }
            }
        }

        @Test("a SOCKS proxy carries both schemes", arguments: RealServer.Scheme.allCases)
        func socks(scheme: RealServer.Scheme) async throws {
            try await RealProxy.with(.microsocks, rules: "") { proxy in _ = try await fetch(scheme, through: proxy) }
        }

        @Test("a SOCKS proxy's login is asked for, given, and shown to nobody", arguments: RealServer.Scheme.allCases)
        func socksLogin(scheme: RealServer.Scheme) async throws {
            try await RealProxy.with(.microsocks, rules: "-u ann -P s3cret") { proxy in
                let refused = try await fetch(scheme, through: proxy, ending: .exited(3))
                #expect(refused.error.contains("login"), "\(refused.error)")
                let address = "127.0.0.1:\(proxy.port.number)"
                let unknown = try await fetch(
                    scheme,
                    through: proxy,
                    as: "socks5://ann:wr0ng@\(address)",
                    ending: .exited(3)
                )
                #expect(
                    unknown.error.contains("does not accept") && !unknown.error.contains("wr0ng"),
                    "\(unknown.error)"
                )
                _ = try await fetch(scheme, through: proxy, as: "socks5h://ann:s3cret@\(address)")
            }
        }
    }
}
