// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// A request that was decided about, and what is needed to carry the decision out.
struct Exchange: Sendable {
    let order: Int
    let request: ChaosRequest
    let behaviour: Behaviour
    /// Where the body's bytes are, if it is not a text.
    let source: BodySource?
    /// Whose total rate the response counts towards.
    let pacing: ResourceKey
    /// Whose state the request changed.
    let resource: ResourceKey
}

/// What state is kept under.
struct ResourceKey: Hashable, Sendable {
    var scenario: Scenario?
    var name = ""
    var query = ""
}

/// What digests are kept under.
struct HashingKey: Hashable, Sendable {
    let source: BodySource
    let length: Int64
    let piece: Int64
}

/// Everything that a running server remembers, in one place.
final class ServerState: Sendable {
    private struct Tables {
        var resources: [ResourceKey: ResourceState] = [:]
        var pacers: [ResourceKey: Pacer] = [:]
        var log = RequestLog()
        var addresses = ListenerAddresses()
        var digests: [HashingKey: FileDigests] = [:]
    }

    let store: ContentStore
    private let tables = Mutex(Tables())

    init(_ configuration: ChaosConfiguration) {
        store = ContentStore(configuration: configuration)
    }

    var records: [RequestRecord] { tables.withLock { $0.log.records } }
    var statistics: ChaosStatistics { tables.withLock { $0.log.statistics } }

    func listening(on addresses: ListenerAddresses) {
        tables.withLock { $0.addresses = addresses }
    }

    // MARK: Connections

    /// Notes a new connection and returns its number.
    func opened() -> Int {
        tables.withLock { $0.log.opened() }
    }

    func closed(_ connection: Int) {
        tables.withLock { tables in
            tables.log.closed()
            for key in tables.resources.keys { tables.resources[key]?.disconnected(connection) }
        }
    }

    // MARK: Requests

    /// Decides about a request.
    func begin(_ request: ChaosRequest, at now: Moment) -> Exchange {
        let resource = request.fileName.flatMap(store.find)
        let shared = ResourceKey(scenario: request.scenario, name: request.fileName ?? "")
        var own = shared
        own.query = request.stateQuery
        return tables.withLock { tables in
            let behaviour = Self.decide(request, resource, own, &tables, now)
            return Exchange(
                order: tables.log.begin(request, behaviour, length: resource?.length),
                request: request,
                behaviour: behaviour,
                source: resource.flatMap { source(of: behaviour, $0) },
                pacing: shared,
                resource: own
            )
        }
    }

    /// Takes bytes off what the origin may send before it dies; returns how many of them it may.
    func spend(_ bytes: Int64, of exchange: Exchange) -> Int64 {
        guard let lifetime = exchange.behaviour.lifetime else { return bytes }
        return tables.withLock { tables in
            var state = tables.resources[exchange.resource] ?? ResourceState()
            let granted = max(0, min(bytes, lifetime.bytes - state.spent))
            state.spent += granted
            tables.resources[exchange.resource] = state
            return granted
        }
    }

    /// Digests, computed if nobody has asked for them yet.
    func digests(_ key: HashingKey, _ hashing: Hashing) throws -> FileDigests {
        if let known = tables.withLock({ $0.digests[key] }) { return known }
        let digests = try FileDigests(hashing, of: key.source)
        tables.withLock { tables in
            if tables.digests.count >= Self.mostDigests { tables.digests = [:] }
            tables.digests[key] = digests
        }
        return digests
    }

    /// For how many files digests are kept, so that a server left running does not grow without end.
    private static let mostDigests = 64

    func sent(_ count: Int, of exchange: Exchange) {
        tables.withLock { $0.log.sent(count, of: exchange.order) }
    }

    func end(_ exchange: Exchange) {
        tables.withLock { $0.log.end(exchange.order) }
    }

    /// Takes a turn in the total rate that an exchange shares with others; returns when it comes.
    func reserve(_ bytes: Int, for exchange: Exchange, at now: Int64) -> Int64 {
        let rate = exchange.behaviour.pace.total
        guard rate > 0 else { return now }
        return tables.withLock { $0.pacers[exchange.pacing, default: Pacer()].reserve(bytes, rate: rate, at: now) }
    }

    func bumpVersion(_ scenario: Scenario, _ name: String) {
        tables.withLock { tables in
            for key in tables.resources.keys where key.scenario == scenario && key.name == name {
                tables.resources[key]?.version += 1
            }
        }
    }

    private static func decide(
        _ request: ChaosRequest,
        _ resource: Resource?,
        _ key: ResourceKey,
        _ tables: inout Tables,
        _ now: Moment
    ) -> Behaviour {
        guard request.method == "GET" || request.isHead else { return .error(405, "only GET and HEAD are served") }
        if request.target == "/" { return .page(200, ScenarioTable.listing()) }
        guard let scenario = request.scenario else { return .error(404, "paths are /SCENARIO/NAME, and / lists them") }
        guard let resource else { return .error(404, "no file of that name is served") }
        do throws(ParameterError) {
            let parameters = try ScenarioParameters(scenario, query: request.query)
            var plan = ScenarioPlan(
                scenario: scenario,
                request: request,
                resource: resource,
                parameters: parameters,
                addresses: tables.addresses,
                now: now,
                state: tables.resources[key] ?? ResourceState()
            )
            let behaviour = plan.decide()
            tables.resources[key] = plan.state
            return behaviour
        } catch {
            return .error(400, error.message)
        }
    }

    private func source(of behaviour: Behaviour, _ resource: Resource) -> BodySource? {
        guard case .respond(let response) = behaviour.answer else { return nil }
        if case .content(_, let version) = response.body {
            let source = store.source(resource, version: version, difference: response.difference)
            return response.isGzipped ? .gzipped(GzipStream(of: source, length: resource.length)) : source
        }
        return response.hashing.map { store.source(resource, version: $0.version) }
    }
}

extension Behaviour {
    /// An answer that says in words why there is no file.
    fileprivate static func error(_ status: Int, _ reason: String) -> Behaviour {
        page(status, "\(status) \(ReasonPhrase.of(status)): \(reason)\n")
    }

    fileprivate static func page(_ status: Int, _ text: String) -> Behaviour {
        let fields = [HeaderField("Content-Type", "text/plain; charset=utf-8")]
        return Behaviour(answer: .respond(Response(status: status, fields: fields, body: .text(text))))
    }
}
