// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import SwoopCore
import Testing

@testable import SwoopIO

@Suite("RequestFields")
struct RequestFieldsTests {
    private func fields(
        trusted: Bool,
        range: ByteRange? = ByteRange(10, 20),
        ifRange: String? = nil
    ) throws -> HTTPHeaders {
        var options = HTTPOptions()
        options.credentials = .init(user: "aladdin", password: "opensesame")
        options.referer = "https://secret.test/page"
        options.fields = HeaderFields([
            ("X-Token", "s3cret"), ("Cookie", "id=1"), ("Range", "bytes=0-0"), ("Accept-Encoding", "gzip"),
            ("Accept", "text/plain"),
        ])
        let request = ExchangeRequest(
            connection: 0,
            url: try HTTPURL.parse("http://origin.test/a"),
            range: range,
            ifRange: ifRange,
            isTrusted: trusted
        )
        return RequestFields.fields(for: request, options: options)
    }

    @Test("the user's own origin gets credentials and the user's fields")
    func trusted() throws {
        let fields = try fields(trusted: true)
        #expect(fields.first(name: "Authorization") == "Basic YWxhZGRpbjpvcGVuc2VzYW1l")
        #expect(fields["X-Token"] == ["s3cret"])
        #expect(fields["Accept"] == ["text/plain"])
        #expect(fields.first(name: "Referer") == "https://secret.test/page")
    }

    @Test("another origin gets none of them", arguments: ["Authorization", "X-Token", "Cookie", "Referer"])
    func untrusted(name: String) throws {
        #expect(try fields(trusted: false)[name].isEmpty)
    }

    @Test("the engine's own fields cannot be overridden")
    func owned() throws {
        let fields = try fields(trusted: true)
        #expect(fields["Range"] == ["bytes=10-19"])
        #expect(fields["Accept-Encoding"] == ["identity"])
    }

    @Test("If-Range is sent only with a validator, Range only with a range")
    func conditions() throws {
        #expect(try fields(trusted: true, ifRange: "\"a\"")["If-Range"] == ["\"a\""])
        #expect(try fields(trusted: true)["If-Range"].isEmpty)
        #expect(try fields(trusted: true, range: nil)["Range"].isEmpty)
    }
}
