// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopS3

@Suite("What a store says when it refuses")
struct S3ErrorReplyTests {
    private func error(
        _ code: String,
        status: Int = 400,
        fields: [(String, String)] = [],
        more: String = ""
    ) -> S3ErrorReply {
        let body = "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code><Message>no\nway</Message>\(more)</Error>"
        return S3ErrorReply(status: status, fields: HeaderFields(fields), body: Array(body.utf8))
    }

    @Test(
        "Each code has its advice",
        arguments: [
            ("SlowDown", 503, .retry), ("InternalError", 500, .retry), ("RequestTimeout", 400, .retry),
            ("ExpiredToken", 400, .refreshCredentials), ("NoSuchUpload", 404, .startUploadAgain),
            ("NoSuchKey", 404, .isFinal), ("AccessDenied", 403, .isFinal), ("EntityTooLarge", 400, .isFinal),
            ("Whatever", 502, .retry), ("Whatever", 501, .isFinal), ("Whatever", 429, .retry),
            ("RequestTimeTooSkewed", 403, .isFinal), ("XAmzContentSHA256Mismatch", 400, .retry),
        ] as [(String, Int, S3ErrorReply.Advice)]
    )
    func advice(code: String, status: Int, advice: S3ErrorReply.Advice) {
        #expect(error(code, status: status).advice == advice)
    }

    @Test("A clock that is wrong is corrected by the store's")
    func clock() {
        let skewed = error("RequestTimeTooSkewed", status: 403, fields: [("Date", "Tue, 01 Dec 2026 06:30:00 GMT")])
        #expect(skewed.advice == .correctClock(serverSeconds: 1_796_106_600))
    }

    @Test("Another region is named, by a field or in the body")
    func region() {
        let byField = error("PermanentRedirect", status: 301, fields: [("x-amz-bucket-region", "eu-west-1")])
        #expect(byField.advice == .otherRegion("eu-west-1"))
        let inBody = error("AuthorizationHeaderMalformed", more: "<Region>eu-north-1</Region>")
        #expect(inBody.advice == .otherRegion("eu-north-1"))
        #expect(inBody.asFailure(doing: "it", at: "s3://b/k").message.contains("--region eu-north-1"))
    }

    @Test(
        "What may pass is tried again, whatever its status; what may not is not",
        arguments: [
            ("RequestTimeout", 400, true), ("SlowDown", 503, true), ("NoSuchKey", 404, false),
            ("AccessDenied", 403, false),
            ("ExpiredToken", 400, false),
        ]
    )
    func transience(code: String, status: Int, isTransient: Bool) {
        #expect(error(code, status: status).asFailure(doing: "it", at: "s3://b/k").isTransient == isTransient)
    }

    @Test("A body that is none, or is something else, is no mistake", arguments: ["", "<html>", "<a/>", "{}", "\u{0}"])
    func bodies(body: String) {
        let reply = S3ErrorReply(status: 403, fields: HeaderFields(), body: Array(body.utf8))
        #expect(reply.code == "AccessDenied")
        #expect(S3ErrorReply(status: 500, fields: HeaderFields(), body: Array(body.utf8)).advice == .retry)
    }

    @Test("A condition that does not hold means that the object is there")
    func precondition() {
        let failure = error("PreconditionFailed", status: 412).asFailure(doing: "it", at: "s3://b/k")
        #expect(failure.code == .targetExists)
    }

    @Test("The store's words stay on one line, and its time to wait is taken")
    func words() {
        let failure = error("Odd", status: 503, fields: [("Retry-After", "7")]).asFailure(
            doing: "looking",
            at: "s3://b/k"
        )
        #expect(failure.message == "the store answered 503 Odd when looking: no way")
        #expect(failure.retryAfter == .seconds(7))
    }
}
