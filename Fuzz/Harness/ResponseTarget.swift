// SPDX-License-Identifier: Apache-2.0

/// A whole response: the one function through which every byte passes.
///
/// The first two bytes choose the status and what was asked for; each line after them is a field.
enum ResponseTarget {
    static func run(_ input: FuzzInput) {
        guard input.bytes.count >= 2 else { return }
        let rest = FuzzInput(bytes: Array(input.bytes.dropFirst(2)))
        let status = pick(statuses, by: input.bytes[0])
        let request = pick(requests, by: input.bytes[1])
        let pinned = pick(representations, by: input.bytes[1] >> 4)
        let head = ResponseHead(status: status, fields: FuzzInput.fields(rest.lines))
        let verdict = ResponseValidation.validate(head, request: request, pinned: pinned)
        judge(verdict, request, pinned)
    }

    private static let statuses = [206, 200, 416, 302, 412, 503]

    private static let requests = [
        ResponseValidation.Request(range: ByteRange(0, 1000)),
        ResponseValidation.Request(range: ByteRange(0, 1), wasConditional: true),
        ResponseValidation.Request(range: ByteRange(500, 1000), wasConditional: true),
        ResponseValidation.Request(range: nil),
    ]

    private static let representations: [Representation?] = [
        nil,
        Representation(length: 1000, entityTag: EntityTag.parse("\"a\"")),
        Representation(length: 1000, lastModified: "Sun, 06 Nov 1994 08:49:37 GMT", lastModifiedIsStrong: true),
        Representation(
            length: 1000,
            entityTag: EntityTag.parse("\"a\""),
            lastModified: "Sun, 06 Nov 1994 08:49:37 GMT",
            lastModifiedIsStrong: true
        ),
        Representation(length: nil, entityTag: EntityTag.parse("W/\"a\"")),
        Representation(length: 1000),
    ]

    private static func pick<Element>(_ choices: [Element], by byte: UInt8) -> Element {
        choices[Int(byte & 15) % choices.count]
    }

    private static func judge(
        _ verdict: ResponseValidation.Verdict,
        _ request: ResponseValidation.Request,
        _ pinned: Representation?
    ) {
        switch verdict {
        case .part(let range, let offered): checkPart(range, offered, request, pinned)
        case .whole(let offered): checkAgreement(offered, pinned)
        case .empty(let offered): check(offered.length == 0 && pinned?.length == nil, "response/empty", offered)
        case .redirect(_, let location): check(!location.isEmpty, "response/redirect", location)
        case .retagged(let tag, _): check(pinned?.entityTag != nil && pinned?.entityTag != tag, "response/tag", tag)
        case .refused(let failure):
            let wait = failure.retryAfter ?? .zero
            check(wait >= .zero && wait <= RetryAfter.maximum, "response/wait", wait)
        case .conditionIgnored: check(request.wasConditional, "response/condition", request)
        case .rangesUnusable, .changed: break
        }
    }

    /// Bytes that were asked for, from the first on, of a representation that has them.
    private static func checkPart(
        _ range: ByteRange,
        _ offered: Representation,
        _ request: ResponseValidation.Request,
        _ pinned: Representation?
    ) {
        guard let asked = request.range, let length = offered.length else {
            return check(false, "response/unasked", offered)
        }
        check(!range.isEmpty && range.lower == asked.lower && asked.contains(range), "response/range", range)
        check(range.upper <= length, "response/length", (range, length))
        checkAgreement(offered, pinned)
    }

    private static func checkAgreement(_ offered: Representation, _ pinned: Representation?) {
        guard let pinned else { return }
        check(pinned.difference(from: offered) == nil, "response/version", offered)
        check(offered.strongValidator.map(HeaderFields.isValid(value:)) ?? true, "response/validator", offered)
    }
}
