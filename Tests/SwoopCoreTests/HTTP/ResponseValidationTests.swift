// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("ResponseValidation")
struct ResponseValidationTests {
    private static let pinned = Representation(length: 1000, entityTag: EntityTag.parse("\"a\""))

    private func verdict(
        _ status: Int,
        _ fields: [(String, String)],
        range: ByteRange? = ByteRange(100, 200),
        conditional: Bool = false,
        pinned: Representation? = Self.pinned
    ) -> ResponseValidation.Verdict {
        ResponseValidation.validate(
            ResponseHead(status: status, fields: HeaderFields(fields)),
            request: .init(range: range, wasConditional: conditional),
            pinned: pinned
        )
    }

    private func isInvalid(_ verdict: ResponseValidation.Verdict) -> Bool {
        guard case .refused(let failure) = verdict else { return false }
        return failure.code == .invalidResponse
    }

    @Test("accepts a part that starts where it was asked, with the same validator")
    func part() {
        let fields = [("ETag", "\"a\""), ("Content-Range", "bytes 100-199/1000"), ("Content-Length", "100")]
        #expect(verdict(206, fields) == .part(ByteRange(100, 200), Self.pinned))
    }

    @Test("accepts less than asked, correctly labelled, and clips more than asked")
    func clipped() {
        let less = verdict(206, [("ETag", "\"a\""), ("Content-Range", "bytes 100-149/1000")])
        #expect(less == .part(ByteRange(100, 150), Self.pinned))
        let more = verdict(206, [("ETag", "\"a\""), ("Content-Range", "bytes 100-999/1000")])
        #expect(more == .part(ByteRange(100, 200), Self.pinned))
    }

    @Test(
        "refuses parts that start elsewhere or contradict themselves",
        arguments: [
            [("ETag", "\"a\""), ("Content-Range", "bytes 99-199/1000")],
            [("ETag", "\"a\""), ("Content-Range", "bytes 0-99/1000")],
            [("ETag", "\"a\""), ("Content-Range", "bytes 199-100/1000")],
            [("ETag", "\"a\""), ("Content-Range", "bytes 100-199/1000"), ("Content-Length", "99")],
            [("ETag", "\"a\""), ("Content-Range", "bytes 100-199/1000"), ("Content-Encoding", "gzip")],
            [("ETag", "\"a\""), ("Content-Range", "bytes 99-199/1000"), ("Transfer-Encoding", "chunked")],
            [("ETag", "\"a\""), ("Content-Range", "bytes */1000")],
        ]
    )
    func refusesParts(fields: [(String, String)]) {
        #expect(isInvalid(verdict(206, fields)))
    }

    @Test("a part nobody asked for is refused")
    func unaskedPart() {
        #expect(isInvalid(verdict(206, [("Content-Range", "bytes 0-999/1000")], range: nil)))
    }

    @Test(
        "ranges are given up without Content-Range, with two, with multipart or without a length",
        arguments: [
            [("ETag", "\"a\"")],
            [("Content-Range", "bytes 100-199/1000"), ("Content-Range", "bytes 100-199/1000")],
            [("Content-Type", "multipart/byteranges; boundary=x")],
        ]
    )
    func unusableRanges(fields: [(String, String)]) {
        guard case .rangesUnusable = verdict(206, fields) else {
            Issue.record("not given up")
            return
        }
    }

    @Test("a part of unknown length cannot be planned")
    func unknownLength() {
        let unpinned = verdict(206, [("Content-Range", "bytes 100-199/*")], pinned: nil)
        #expect(unpinned == .rangesUnusable("it does not say how long the file is"))
        let known = verdict(206, [("ETag", "\"a\""), ("Content-Range", "bytes 100-199/*")])
        #expect(known == .part(ByteRange(100, 200), Self.pinned))
    }

    @Test(
        "another validator or length is a change",
        arguments: [
            [("ETag", "\"b\""), ("Content-Range", "bytes 100-199/1000")],
            [("ETag", "\"a\""), ("Content-Range", "bytes 100-199/1001")],
            [("Content-Range", "bytes 100-199/1000")],
        ]
    )
    func changes(fields: [(String, String)]) {
        guard case .changed = verdict(206, fields) else {
            Issue.record("not a change")
            return
        }
    }

    @Test("the whole body is accepted first, and later only if it is the same version")
    func whole() {
        let fields = [("ETag", "\"a\""), ("Content-Length", "1000")]
        #expect(verdict(200, fields, pinned: nil) == .whole(Self.pinned))
        #expect(verdict(200, fields) == .whole(Self.pinned))
        #expect(verdict(200, [("ETag", "\"b\""), ("Content-Length", "1000")]) == .changed("ETag \"a\" became \"b\""))
    }

    @Test("a whole body of the same version to a condition means that the origin mishandles conditions")
    func conditionIgnored() {
        let fields = [("ETag", "\"a\""), ("Content-Length", "1000")]
        #expect(verdict(200, fields, conditional: true) == .conditionIgnored)
    }

    @Test("a page without validators is no version of the file")
    func errorPage() {
        #expect(isInvalid(verdict(200, [("Content-Type", "text/html"), ("Content-Length", "1000")])))
    }

    @Test("an encoded body is refused")
    func encoded() {
        #expect(isInvalid(verdict(200, [("Content-Encoding", "gzip")], pinned: nil)))
        #expect(
            verdict(200, [("Content-Encoding", "identity"), ("Content-Length", "5")], pinned: nil)
                == .whole(Representation(length: 5))
        )
    }

    @Test(
        "416 says empty, changed or that ranges do not work",
        arguments: [
            ("bytes */0", nil as Representation?, ResponseValidation.Verdict.empty(Representation(length: 0))),
            ("bytes */1000", Self.pinned, .rangesUnusable("it refuses a range that exists (416)")),
            ("bytes */900", Self.pinned, .changed("length 1000 became 900")),
            ("bytes */0", Self.pinned, .changed("length 1000 became 0")),
            ("bytes */500", nil, .rangesUnusable("it refuses a range that exists (416)")),
            ("nonsense", nil, .rangesUnusable("it refuses ranges (416)")),
        ]
    )
    func unsatisfied(field: String, pinned: Representation?, expected: ResponseValidation.Verdict) {
        #expect(verdict(416, [("Content-Range", field)], pinned: pinned) == expected)
    }

    @Test("error statuses carry Retry-After")
    func retryAfter() {
        guard case .refused(let failure) = verdict(503, [("Retry-After", "7")]) else {
            Issue.record("not refused")
            return
        }
        #expect(failure.status == 503)
        #expect(failure.retryAfter == .seconds(7))
    }

    @Test(
        "a date is a strong validator only if it is older than the response by a second",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT", true),
            ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", false),
            ("Sun, 06 Nov 1994 08:49:37 GMT", "rubbish", false),
        ]
    )
    func strongDate(modified: String, date: String, isStrong: Bool) {
        let fields = HeaderFields([("Last-Modified", modified), ("Date", date)])
        let representation = Representation(length: 1, fields: fields)
        #expect((representation.strongValidator != nil) == isStrong)
    }

    @Test("a weak tag is no strong validator, even beside a strong date")
    func weakTag() {
        let fields = HeaderFields([
            ("ETag", "W/\"a\""), ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("Date", "Mon, 07 Nov 1994 08:49:37 GMT"),
        ])
        #expect(Representation(length: 1, fields: fields).strongValidator == nil)
    }
}
