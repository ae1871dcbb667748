// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopCore
import SwoopTestKit
import Testing

@testable import SwoopChaos

@Suite("Chaos: digests")
struct ChaosDigestTests {
    private static func digest(_ bytes: [UInt8], step: Int = .max) -> String {
        var hash = SHA256()
        var rest = bytes[...]
        while !rest.isEmpty {
            rest.prefix(step).withUnsafeBytes { hash.update($0) }
            rest = rest.dropFirst(step)
        }
        return Digest(algorithm: .sha256, bytes: hash.finish())?.hex ?? ""
    }

    @Test(
        "SHA-256 of the published examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
    )
    func published(text: String, expected: String) {
        #expect(Self.digest(Array(text.utf8)) == expected)
    }

    @Test("SHA-256 does not depend on how the bytes are cut", arguments: [1, 3, 63, 64, 65, 127, 200])
    func cuts(step: Int) {
        for length in [55, 56, 63, 64, 65, 1_000] {
            let bytes = SyntheticContent(seed: 5, length: Int64(length)).bytes(ByteRange(0, .max))
            #expect(Self.digest(bytes, step: step) == Self.digest(bytes))
        }
    }

    @Test("Base64 of the published examples")
    func base64() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map { Base64.encode(Array($0.utf8)) }
        #expect(texts == ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"])
    }
}

@Suite("Chaos: mirrors, over sockets", .takingTurns, .timeLimit(.minutes(10)))
struct ChaosMirrorTests {
    private static func fields(_ reply: Reply) -> HeaderFields {
        let lines = reply.head.split(separator: "\r\n").dropFirst()
        return HeaderFields(
            lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
                return (parts[0], String((parts.last ?? "").drop { $0 == " " }))
            }
        )
    }

    private static func sha256(_ bytes: [UInt8]) -> Digest? {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return Digest(algorithm: .sha256, bytes: hash.finish())
    }

    @Test("mirrored names its mirrors, its document and its digest in every response about the file")
    func mirrored() async throws {
        try await ChaosServer.with { server in
            let mirrors = ["http://a.example/x?y=1&z=2", "https://b.example/x"]
            let document = "http://c.example/x.meta4"
            let query =
                mirrors.map { ChaosServer.parameter("mirror", $0) } + [
                    ChaosServer.parameter("describedby", document), "digest=1",
                ]
            let url = server.url(.mirrored, "100000.bin", query: query.joined(separator: "&"))
            let client = try RawClient(port: server.port)
            let part = client.get(url, ["Range: bytes=5-9"])
            client.send("HEAD", url)
            let whole = try #require(server.content("100000.bin")).bytes(ByteRange(0, .max))
            #expect(part.status == 206 && part.body == Array(whole[5...9]))
            let base = try HTTPURL.parse(url)
            let digest = try #require(Self.sha256(whole))
            for fields in [Self.fields(part), Self.fields(client.receive(hasBody: false))] {
                let links = MirrorLinks.from(fields, base: base)
                #expect(links.duplicates.map(\.url.text) == mirrors && links.duplicates.map(\.priority) == [1, 2])
                #expect(links.describedBy.map(\.text) == [document])
                #expect(InstanceDigest.parse(fields) == [digest])
                #expect(fields.values("Digest").count == 1 && fields.values("Repr-Digest").count == 1)
            }
        }
    }

    @Test("mirrored says nothing that it was not asked to say")
    func notMirrored() async throws {
        try await ChaosServer.with { server in
            let reply = try RawClient(port: server.port).get(server.url(.mirrored, "9.bin"))
            #expect(!reply.head.contains("Link:") && !reply.head.contains("Digest:"))
        }
    }

    @Test("metalink describes a file: size, digests of it and of its pieces, URLs", arguments: [0, 65_536, 100_000])
    func metalink(piece: Int) async throws {
        try await ChaosServer.with { server in
            let mirror = "http://a.example/x?y=1&z=2"
            let query = "piece=\(piece)&hash=sha-256&" + ChaosServer.parameter("mirror", mirror)
            let client = try RawClient(port: server.port)
            let reply = client.get(server.url(.metalink, "100001.bin.meta4", query: query))
            #expect(reply.status == 200 && reply.head.contains("Content-Type: application/metalink4+xml\r\n"))
            let file = try #require(try Metalink.parse(reply.body).files.first)
            let whole = try #require(server.content("100001.bin")).bytes(ByteRange(0, .max))
            #expect(file.name == "100001.bin" && file.size == 100_001)
            #expect(file.digests == [Self.sha256(whole)].compactMap(\.self))
            #expect(file.urls.map(\.url.text) == [mirror] && file.urls.map(\.priority) == [1])
            let lowers = piece == 0 ? [] : Array(stride(from: 0, to: whole.count, by: piece))
            let pieces = lowers.compactMap { Self.sha256(Array(whole[$0..<min($0 + piece, whole.count)])) }
            #expect(file.pieces?.digests ?? [] == pieces && file.pieces?.length == (piece == 0 ? nil : Int64(piece)))
        }
    }

    @Test("metalink names the plain file unless told other URLs, and the file links to its document")
    func metalinkDefaults() async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            let url = server.url(.metalink, "5000.bin")
            let head = client.get(url)
            #expect(head.body == server.content("5000.bin")?.bytes(ByteRange(0, .max)))
            let document = try #require(
                MirrorLinks.from(Self.fields(head), base: try HTTPURL.parse(url)).describedBy.first
            )
            let file = try #require(try Metalink.parse(client.get(document.text).body).files.first)
            // The client above calls the origin by this name.
            #expect(file.urls.map(\.url.text) == ["http://localhost/plain/5000.bin"])
            #expect(file.pieces?.length == 1 << 20)
            client.send("HEAD", document.text)
            #expect(client.receive(hasBody: false).status == 200)
        }
    }

    @Test(
        "metalink offers no document about what is not there or takes too long",
        arguments: ["x.meta4", "1TiB.meta4"]
    )
    func noMetalink(name: String) async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            #expect(client.get(server.url(.metalink, name)).status == 404)
        }
    }

    @Test(
        "other-bytes differ from the first byte to the last, or from an offset on",
        arguments: [0, 7, 70_001, 99_999]
    )
    func otherBytes(from: Int) async throws {
        try await ChaosServer.with { server in
            let client = try RawClient(port: server.port)
            let honest = client.get(server.url(.plain, "100000.bin"))
            let url = server.url(.otherBytes, "100000.bin", query: "from=\(from)")
            let reply = client.get(url)
            #expect(reply.body.count == honest.body.count && reply.body[..<from] == honest.body[..<from])
            let same = zip(reply.body[from...], honest.body[from...]).count { $0 == $1 }
            #expect(same <= (100_000 - from) / 200)
            #expect(Self.fields(reply).values("ETag") != Self.fields(honest).values("ETag"))
            let range = max(0, from - 5)...min(99_999, from + 5)
            let part = client.get(url, ["Range: bytes=\(range.lowerBound)-\(range.upperBound)"])
            #expect(part.status == 206 && part.body == Array(reply.body[range]))
        }
    }

    @Test("other-bytes of a file on disk differ in every byte from an offset on")
    func otherBytesOfFile() async throws {
        var template = Array("/tmp/swoop-chaos-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            unlink(path + "/a.bin")
            rmdir(path)
        }
        let bytes = SyntheticContent(seed: 3, length: 300_001).bytes(ByteRange(0, .max))
        let descriptor = open(path + "/a.bin", O_CREAT | O_WRONLY, 0o600)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try await ChaosServer.with(ChaosConfiguration(content: .directory(path))) { server in
            let client = try RawClient(port: server.port)
            let body = client.get(server.url(.otherBytes, "a.bin", query: "from=270000")).body
            #expect(body.count == bytes.count && body[..<270_000] == bytes[..<270_000])
            #expect(zip(body[270_000...], bytes[270_000...]).allSatisfy { $0 != $1 })
            let file = try Metalink.parse(client.get(server.url(.metalink, "a.bin.meta4")).body).files.first
            #expect(file?.digests == [Self.sha256(bytes)].compactMap(\.self))
        }
    }

    @Test("dies after so many bytes over all connections, for good", arguments: ["reset", "refuse"])
    func dies(kind: String) async throws {
        try await ChaosServer.with { server in
            let url = server.url(.dies, "1MiB.bin", query: "bytes=300001&kind=\(kind)&rate=1M")
            let content = try #require(server.content("1MiB.bin"))
            let (first, second) = (try RawClient(port: server.port), try RawClient(port: server.port))
            #expect(first.get(url, ["Range: bytes=0-99999"]).body == content.bytes(ByteRange(0, 100_000)))
            for client in [first, second] { client.send("GET", url) }
            for client in [first, second] {
                let reply = client.receive()
                #expect(reply.status == 200 && (1..<200_001).contains(reply.body.count))
                #expect(reply.body == content.bytes(ByteRange(0, Int64(reply.body.count))))
                #expect(reply.end == (kind == "reset" ? .reset : .closed))
            }
            #expect(server.statistics.bytesSent == 300_001)
            for _ in 0..<3 {
                let reply = try RawClient(port: server.port).get(url)
                #expect(reply.status == 0 && reply.end == (kind == "reset" ? .reset : .closed))
            }
            let fresh = try RawClient(port: server.port).get(url + "&fresh", ["Range: bytes=0-9"])
            #expect(fresh.status == 206)
        }
    }
}
