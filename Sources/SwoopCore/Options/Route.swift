// SPDX-License-Identifier: Apache-2.0

/// How the connection for a request is made. Requests with equal routes to one origin share connections.
public struct Route: Hashable, Sendable {
    /// PEM file with the certificate that the server may ask for, if any.
    public var certificateFile: String?
    /// PEM file with its private key.
    public var keyFile: String?
    /// Addresses by host, where the resolver is not asked.
    public var addresses: [String: String] = [:]
    /// What stands between us and the origin.
    public var proxy: Proxy?
    /// Whether the proxy is asked for whole URLs, and makes no tunnel.
    public var asksProxy = false
    /// Where a SOCKS proxy is to connect to.
    public var target: Origin?
    /// The address of ours that the connection comes from; `nil` leaves it to the system.
    public var localAddress: String?

    /// The proxy that requests are sent to as if it were the origin; `nil` if they go to the origin, or through a tunnel that
    /// the client makes by itself.
    public var asked: Proxy? { asksProxy || target != nil ? proxy : nil }

    /// Makes the route that nothing was said about.
    public init() {}
}

extension HTTPOptions {
    /// The route of a request: the user's certificate is for the trusted origin only, an address for one host and port, and
    /// the connections of a transfer are spread over our own addresses.
    ///
    /// - Complexity: O(resolutions).
    public func route(for request: ExchangeRequest) -> Route {
        var route = Route()
        if request.isTrusted, let certificateFile {
            route.certificateFile = certificateFile
            route.keyFile = keyFile ?? certificateFile
        }
        let (host, port) = (request.url.host, request.url.port)
        for resolution in resolutions where resolution.host == host && resolution.port == port {
            route.addresses[host] = resolution.address
        }
        route.proxy = proxies?.proxy(for: request.url)
        route.asksProxy = route.proxy?.kind == .http && request.url.scheme == "http"
        if route.proxy?.kind == .socks5 { route.target = request.url.origin }
        if !localAddresses.isEmpty { route.localAddress = localAddresses[request.connection % localAddresses.count] }
        return route
    }

    /// Whether every request has the route that nothing was said about.
    public var hasOneRoute: Bool {
        certificateFile == nil && resolutions.isEmpty && proxies?.isEmpty ?? true && localAddresses.isEmpty
    }
}
