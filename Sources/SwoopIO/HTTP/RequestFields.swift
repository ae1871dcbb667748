// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOHTTP1
internal import SwoopCore

/// Writes an exchange's request: what every origin sees, and what only the trusted one does.
enum RequestFields {
    /// Sent as User-Agent unless the user names another.
    static let defaultUserAgent = "swoop/\(SwoopVersion.current)"

    /// Fields that the engine owns: a user's own value would break the range arithmetic.
    private static let owned = [
        "Range", "If-Range", "If-Match", "Accept-Encoding", "Proxy-Authorization", "Connection", "Content-Length",
        "Transfer-Encoding", "TE", "Upgrade",
    ]

    /// The request as the client takes it; `proxy` is who is asked for the whole URL, if not the origin itself.
    static func message(
        for request: ExchangeRequest,
        options: HTTPOptions,
        asking proxy: Proxy? = nil
    ) throws -> HTTPClient.Request {
        try HTTPClient.Request(
            url: proxy?.url(for: request.url) ?? request.url.text,
            method: .GET,
            headers: fields(for: request, options: options, asking: proxy)
        )
    }

    static func fields(for request: ExchangeRequest, options: HTTPOptions, asking proxy: Proxy? = nil) -> HTTPHeaders {
        var fields = HTTPHeaders([
            ("User-Agent", options.userAgent ?? defaultUserAgent),
            ("Accept", "*/*"),
        ])
        if request.isTrusted { addPrivate(to: &fields, request: request, options: options) }
        for name in owned { fields.remove(name: name) }
        fields.add(name: "Accept-Encoding", value: "identity")
        if let range = request.range {
            fields.add(
                name: "Range",
                value: "bytes=\(range.lower)-" + (request.isOpenEnded ? "" : "\(range.upper - 1)")
            )
        }
        if let tag = request.ifMatch { fields.add(name: "If-Match", value: tag) }
        if let validator = request.ifRange { fields.add(name: "If-Range", value: validator) }
        if let proxy { address(&fields, to: request.url, through: proxy) }
        return fields
    }

    /// The fields of a message, which says everything by itself but who sends it.
    static func fields(for message: HTTPMessage, options: HTTPOptions, asking proxy: Proxy?) -> HTTPHeaders {
        var fields = HTTPHeaders([
            ("User-Agent", options.userAgent ?? defaultUserAgent), ("Accept-Encoding", "identity"),
        ])
        for (name, value) in message.fields.pairs { fields.add(name: name, value: value) }
        if let proxy { address(&fields, to: message.url, through: proxy) }
        return fields
    }

    private static func address(_ fields: inout HTTPHeaders, to url: HTTPURL, through proxy: Proxy) {
        fields.replaceOrAdd(name: "Host", value: url.authority)
        if let login = proxy.authorization { fields.add(name: "Proxy-Authorization", value: login.headerValue) }
    }

    /// What must never reach another origin: credentials, the referring page, the user's own fields.
    private static func addPrivate(to fields: inout HTTPHeaders, request: ExchangeRequest, options: HTTPOptions) {
        if let referer = options.referer { fields.replaceOrAdd(name: "Referer", value: referer) }
        if let credentials = options.credentials {
            let basic = HTTPClient.Authorization.basic(
                username: credentials.user,
                password: credentials.password
            )
            fields.replaceOrAdd(name: "Authorization", value: basic.headerValue)
        }
        if let cookies = options.cookies?.field(for: request.url, seconds: WallClock.seconds) {
            fields.replaceOrAdd(name: "Cookie", value: cookies)
        }
        let names = Set(options.fields.pairs.map { $0.name.lowercased() })
        for name in names { fields.remove(name: name) }
        for (name, value) in options.fields.pairs { fields.add(name: name, value: value) }
    }
}
