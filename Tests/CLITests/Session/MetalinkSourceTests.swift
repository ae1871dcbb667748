// SPDX-License-Identifier: Apache-2.0

import Swoop
import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Metalinks on the command line")
struct MetalinkSourceTests {
    private static let template: ItemTemplate = {
        var http = HTTPOptions()
        http.fields.add("X-Token", "hunter2")
        http.credentials = .init(user: "me", password: "hunter2")
        http.referer = "http://r/"
        http.userAgent = "me"
        return ItemTemplate(options: TransferOptions(), http: http, destination: .directory("d"))
    }()
    private static let hash = String(repeating: "ab", count: 32)

    private func document(_ files: [(name: String, body: String)]) -> [UInt8] {
        let elements = files.map { "<file name=\"\($0.name)\">\($0.body)</file>" }
        return Array("<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\(elements.joined())</metalink>".utf8)
    }

    private func requests(
        _ argument: String,
        _ files: [(name: String, body: String)],
        template: ItemTemplate = template
    ) throws -> [TransferRequest] {
        let source = try #require(MetalinkSource(argument))
        return try source.requests(document(files), template)
    }

    private func fault(
        _ argument: String,
        _ files: [(name: String, body: String)],
        template: ItemTemplate = template
    ) throws -> MetalinkFault {
        try #require(throws: MetalinkFault.self) { try requests(argument, files, template: template) }
    }

    @Test(
        "are known by the end of a path, local or of a URL",
        arguments: [
            ("a.meta4", true), ("d/a.metalink", true), ("https://h/a.meta4", true), ("http://h/a.metalink?x=1", true),
            ("http://h/a.bin?f=a.meta4", false), ("http://h/meta4", false), ("a.meta", false), ("http://h/a", false),
            ("ftp://h/a.meta4", false), ("a", false),
        ]
    )
    func names(argument: String, isMetalink: Bool) {
        #expect((MetalinkSource(argument) != nil) == isMetalink)
    }

    @Test("a file is a download from its best URL, with the rest as mirrors and what is known of its bytes")
    func file() throws {
        let body = """
            <size>3</size><hash type="md5">00112233445566778899aabbccddeeff</hash><hash type="sha-256">\(Self.hash)</hash>
            <pieces length="2" type="sha-256"><hash>\(Self.hash)</hash><hash>\(Self.hash)</hash></pieces>
            <url priority="2">http://h/b</url><url>http://h/c</url><url priority="1">http://h/a</url>
            """
        let request = try #require(try requests("x.meta4", [("x.bin", body)]).first)
        #expect(request.url == "http://h/a")
        #expect(request.mirrors == ["http://h/b", "http://h/c"])
        #expect(request.destination == .file("d/x.bin"))
        #expect(request.expectedLength == 3)
        #expect(request.pieces?.digests.count == 2)
        #expect(request.options.expectedDigest == Digest.parse("sha-256:" + Self.hash))
    }

    @Test("the command line's name and digest go before the document's")
    func commandLine() throws {
        var template = Self.template
        template.destination = .file("mine")
        template.options.expectedDigest = Digest.parse("md5:00112233445566778899aabbccddeeff")
        let body = "<hash type=\"sha-256\">\(Self.hash)</hash><url>http://h/a</url>"
        let request = try #require(try requests("x.meta4", [("a", body)], template: template).first)
        #expect(request.destination == .file("mine"))
        #expect(request.options.expectedDigest == template.options.expectedDigest)
    }

    @Test(
        "secrets stay with the document's origin",
        arguments: [
            ("http://h/x.meta4", "http://h/a", true), ("http://h/x.meta4", "http://g/a", false),
            ("http://h/x.meta4", "http://h:81/a", false), ("x.meta4", "http://h/a", false),
        ]
    )
    func secrets(argument: String, url: String, areSent: Bool) throws {
        let http = try #require(try requests(argument, [("a", "<url>\(url)</url>")]).first).http
        #expect((http == Self.template.http) == areSent)
        #expect(http.lacksSecrets(of: Self.template.http) != areSent)
        #expect(http.userAgent == "me")
    }

    @Test("the user and password of the document's URL serve for files of the same origin")
    func userInfo() throws {
        var template = Self.template
        template.http = HTTPOptions()
        let files = [("a", "<url>http://h/a</url>"), ("b", "<url>http://g/b</url>")]
        let requests = try requests("http://me:pw@h/x.meta4", files, template: template)
        #expect(requests.map(\.http.credentials) == [.init(user: "me", password: "pw"), nil])
    }

    @Test("a document that came over https gives leave for http only with a digest that proves the bytes")
    func downgrade() throws {
        let urls = "<url priority=\"1\">http://h/a</url><url priority=\"2\">https://h/a</url>"
        let unproven = try #require(try requests("https://h/x.meta4", [("a", urls)]).first)
        #expect(unproven.url == "https://h/a" && unproven.mirrors.isEmpty)
        let hash = "<hash type=\"sha-256\">\(Self.hash)</hash>"
        #expect(try requests("https://h/x.meta4", [("a", hash + urls)]).first?.url == "http://h/a")
        #expect(try fault("https://h/x.meta4", [("a", "<url>http://h/a</url>")]).status == .permanent)
        #expect(try requests("x.meta4", [("a", urls)]).first?.url == "http://h/a")
    }

    @Test("a file without a URL is permanent, and named")
    func noURL() throws {
        let files = [("a", "<url>http://h/a</url>"), ("b.bin", "<url>ftp://h/b</url>")]
        let fault = try fault("http://h/x.meta4?key=hunter2", files)
        #expect(fault.status == .permanent)
        #expect(fault.message.contains("b.bin"))
        #expect(!fault.message.contains("hunter2"))
    }

    @Test("several files have no one name and no one digest")
    func several() throws {
        let files = [("a", "<url>http://h/a</url>"), ("b", "<url>http://h/b</url>")]
        #expect(try requests("x.meta4", files).map(\.destination) == [.file("d/a"), .file("d/b")])
        for destination in [Destination.file("a"), .standardOutput] {
            var template = Self.template
            template.destination = destination
            #expect(try fault("x.meta4", files, template: template).status == .usage)
        }
        var template = Self.template
        template.options.expectedDigest = Digest.parse("sha-256:" + Self.hash)
        #expect(try fault("x.meta4", files, template: template).message.contains("--checksum"))
    }

    @Test(
        "a mistake has its line; a local document's is one of usage",
        arguments: [
            ("x.meta4", SwoopCLI.ExitStatus.usage, "x.meta4:3: "),
            ("http://h/x.meta4", .permanent, "http://h/x.meta4: no usable Metalink, line 3: "),
        ]
    )
    func malformed(argument: String, status: SwoopCLI.ExitStatus, part: String) throws {
        let fault = try fault(argument, [("a", "\n\n<size>many</size>")])
        #expect(fault.status == status)
        #expect(fault.message.contains(part))
    }
}
