// SPDX-License-Identifier: Apache-2.0

/// Decides whether a response's bytes belong to this version at this offset. Every byte passes through here.
///
/// Source: RFC 9110 sections 14.2 to 14.5, 15.3.7, 15.5.17; `docs/design/0004-validation.md`.
public enum ResponseValidation {
    /// What was asked for.
    public struct Request: Hashable, Sendable {
        /// The bytes asked for, or `nil` if no Range field was sent.
        public var range: ByteRange?
        /// Whether an If-Range field was sent.
        public var wasConditional: Bool

        /// Makes a request from its parts.
        public init(range: ByteRange?, wasConditional: Bool = false) {
            self.range = range
            self.wasConditional = wasConditional
        }
    }

    /// What a response proves.
    public enum Verdict: Hashable, Sendable {
        /// The body is these bytes of this representation.
        case part(ByteRange, Representation)
        /// The body is the whole representation.
        case whole(Representation)
        /// The representation has no bytes, so no range of it exists.
        case empty(Representation)
        /// The whole representation came although nothing changed: the origin mishandles If-Range. Ask without it.
        case conditionIgnored
        /// The origin cannot serve ranges of this representation. Ask without a range.
        case rangesUnusable(String)
        /// The origin points elsewhere.
        case redirect(status: Int, location: String)
        /// Another version answers; what differs, for a person to read.
        case changed(String)
        /// As ``changed(_:)``, but only the entity tag differs: either another version, or an origin whose replicas do not
        /// agree on tags.
        case retagged(EntityTag, String)
        /// Nothing of the body may be used.
        case refused(TransferFailure)
    }

    /// Judges a response.
    ///
    /// - Parameters:
    ///   - head: status and fields.
    ///   - request: what was asked for.
    ///   - pinned: the representation the transfer is pinned to, or `nil` before the first response.
    /// - Returns: what the response proves.
    public static func validate(_ head: ResponseHead, request: Request, pinned: Representation?) -> Verdict {
        switch head.status {
        case 206: validatePart(head, request: request, pinned: pinned)
        case 200: validateWhole(head, request: request, pinned: pinned)
        case 416: validateUnsatisfied(head, request: request, pinned: pinned)
        case 301, 302, 303, 307, 308: validateRedirect(head)
        case 412: .changed("the origin says that the version is gone (412)")
        default: .refused(failure(for: head))
        }
    }

    private static func validatePart(_ head: ResponseHead, request: Request, pinned: Representation?) -> Verdict {
        guard let asked = request.range else { return invalid("sent part of it (206) though all was asked for") }
        if let type = head.fields["Content-Type"], type.lowercased().hasPrefix("multipart/byteranges") {
            return .rangesUnusable("it answers one range with multipart/byteranges")
        }
        if let coding = contentCoding(head) { return invalid("sent a range in the coding '\(coding)', unasked") }
        let fields = head.fields.values("Content-Range")
        guard fields.count == 1, let field = fields.first else {
            return .rangesUnusable("it sends 206 without one Content-Range")
        }
        guard case .range(let range, let complete)? = ContentRange.parse(field) else {
            return invalid("sent 206 with an unusable Content-Range")
        }
        if let length = contentLength(head), length != range.count {
            return invalid("sent a Content-Length of \(length) for a range of \(range.count) bytes")
        }
        let offered = Representation(length: complete ?? pinned?.length, fields: head.fields)
        if let pinned, let verdict = mismatch(pinned, offered) { return verdict }
        guard range.lower == asked.lower else {
            return invalid("sent bytes from \(range.lower) where \(asked.lower) was asked for")
        }
        guard offered.length != nil else { return .rangesUnusable("it does not say how long the file is") }
        return .part(range.intersection(asked), offered)
    }

    private static func validateWhole(_ head: ResponseHead, request: Request, pinned: Representation?) -> Verdict {
        if let coding = contentCoding(head) {
            return .refused(
                TransferFailure(
                    .invalidResponse,
                    "the origin insists on sending it in the coding '\(coding)': Swoop saves plain bytes only",
                    status: head.status
                )
            )
        }
        let offered = Representation(length: contentLength(head), fields: head.fields)
        guard let pinned else { return .whole(offered) }
        if pinned.hasValidator, !offered.hasValidator {
            return invalid("sent something else (\(contentType(head))) instead of the file")
        }
        if let verdict = mismatch(pinned, offered) { return verdict }
        if request.wasConditional { return .conditionIgnored }
        return .whole(Representation(length: pinned.length ?? offered.length, fields: head.fields))
    }

    private static func mismatch(_ pinned: Representation, _ offered: Representation) -> Verdict? {
        guard let difference = pinned.difference(from: offered) else { return nil }
        guard let tag = offered.entityTag, pinned.differsOnlyInTag(from: offered) else { return .changed(difference) }
        return .retagged(tag, difference)
    }

    private static func validateUnsatisfied(
        _ head: ResponseHead,
        request: Request,
        pinned: Representation?
    ) -> Verdict {
        guard case .unsatisfied(let complete)? = head.fields["Content-Range"].flatMap(ContentRange.parse) else {
            return .rangesUnusable("it refuses ranges (416)")
        }
        if let length = pinned?.length {
            return length == complete
                ? .rangesUnusable("it refuses a range that exists (416)")
                : .changed("length \(length) became \(complete)")
        }
        guard complete == 0 else { return .rangesUnusable("it refuses a range that exists (416)") }
        return .empty(Representation(length: 0, fields: head.fields))
    }

    private static func validateRedirect(_ head: ResponseHead) -> Verdict {
        guard let location = head.fields["Location"], !location.isEmpty else {
            return .refused(
                TransferFailure(.redirectRefused, "the origin redirects (\(head.status)) without saying where")
            )
        }
        return .redirect(status: head.status, location: location)
    }

    /// The failure that an error status means.
    static func failure(for head: ResponseHead) -> TransferFailure {
        let date = head.fields["Date"].flatMap(HTTPDate.parse)
        let retryAfter = head.fields["Retry-After"].flatMap { RetryAfter.parse($0, date: date) }
        return TransferFailure(
            .status,
            StatusText.explain(head.status),
            status: head.status,
            retryAfter: retryAfter
        )
    }

    private static func invalid(_ what: String) -> Verdict {
        .refused(TransferFailure(.invalidResponse, "the origin \(what): nothing of it was used"))
    }

    private static func contentType(_ head: ResponseHead) -> String {
        String((head.fields["Content-Type"] ?? "of no type").prefix(40))
    }

    /// The content coding, unless it is none (RFC 9110 section 8.4).
    private static func contentCoding(_ head: ResponseHead) -> String? {
        guard let coding = head.fields["Content-Encoding"]?.lowercased(), coding != "identity", !coding.isEmpty else {
            return nil
        }
        return String(coding.prefix(20))
    }

    private static func contentLength(_ head: ResponseHead) -> Int64? {
        guard head.fields["Transfer-Encoding"] == nil else { return nil }
        return head.fields["Content-Length"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}
