// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// A real HTTP/1.1 origin on loopback that misbehaves on purpose, in every way of ``Scenario`` at once.
///
/// A file's URL is `http://127.0.0.1:PORT/SCENARIO/NAME?parameter=value`, or `https:` if asked for. Counters, versions and limits are kept for
/// each scenario, name and query, so a query of one's own is a fresh start.
public struct ChaosServer: Sendable {
    /// The TCP port on 127.0.0.1.
    public let port: Int
    /// The certificate of the authority that signed those of the server, as a PEM file has it.
    public let authority: String
    private let addresses: ListenerAddresses
    private let state: ServerState

    /// Runs a server for as long as `body` runs, and closes all of its connections then.
    ///
    /// - Throws: what `body` throws, or `IOError` if the port cannot be bound, or what kept the certificates from being made.
    public static func with<R>(
        _ configuration: ChaosConfiguration = ChaosConfiguration(),
        _ body: (ChaosServer) async throws -> R
    ) async throws -> R {
        // One thread: requests are decided in one order, and the total rate is shared without locks between cores.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<R, any Error>
        do {
            result = .success(try await body(try await ChaosServer(configuration, group)))
        } catch {
            result = .failure(error)
        }
        try await group.shutdownGracefully()
        return try result.get()
    }

    private init(_ configuration: ChaosConfiguration, _ group: MultiThreadedEventLoopGroup) async throws {
        let state = ServerState(configuration)
        let authority = try ChaosAuthority.shared.get()
        var addresses = ListenerAddresses()
        var ports: [ChaosListener: Int] = [:]
        for listener in ChaosListener.allCases {
            let wanted = listener == .main ? configuration.port : 0
            let context = authority.context(of: listener, isSecure: configuration.isSecure)
            let port = try await Self.listen(state, group, listener, context, port: wanted)
            ports[listener] = port
            addresses[listener] = "\(context == nil ? "http" : "https")://127.0.0.1:\(port)"
        }
        state.listening(on: addresses)
        port = ports[.main] ?? configuration.port
        self.authority = authority.text
        self.addresses = addresses
        self.state = state
    }

    private static func listen(
        _ state: ServerState,
        _ group: MultiThreadedEventLoopGroup,
        _ listener: ChaosListener,
        _ context: NIOSSLContext?,
        port: Int
    ) async throws -> Int {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try pipeline.addHandler(ChaosHandler(channel, state, listener))
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        return channel.localAddress?.port ?? port
    }

    // MARK: What is served

    /// The URL of a file under a scenario; `query` is without the question mark.
    public func url(_ scenario: Scenario, _ name: String, query: String = "") -> String {
        let path = "/\(scenario.rawValue)/\(PercentCoding.encode(name))"
        return base() + path + (query.isEmpty ? "" : "?" + query)
    }

    /// Where a listener is reached, as `http://127.0.0.1:PORT`.
    public func base(of listener: ChaosListener = .main) -> String { addresses[listener] }

    /// One parameter of a query, percent-encoded, as a mirror's URL has to be: `mirror=http%3A%2F%2F...`.
    public static func parameter(_ name: String, _ value: String) -> String {
        "\(name)=\(PercentCoding.encode(value))"
    }

    /// The bytes of a synthetic file, or nil if there is no such file. A version with another length than the first
    /// (parameter `delta`) has the same bytes as far as they go: make it from this one's seed.
    public func content(_ name: String, version: Int = 1) -> SyntheticContent? {
        let store = state.store
        guard case .synthetic = store.configuration.content, let resource = store.find(name) else { return nil }
        return SyntheticContent(seed: store.seed(name, version: version), length: resource.length)
    }

    /// Replaces a file with its next version, for everyone who has asked for it under that scenario so far.
    public func bumpVersion(_ scenario: Scenario, _ name: String) {
        state.bumpVersion(scenario, name)
    }

    // MARK: What happened

    /// The requests received, oldest first; of very many only the latest.
    public func requests() -> [RequestRecord] { state.records }

    /// Totals since the server started.
    public var statistics: ChaosStatistics { state.statistics }
}
