// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// A request that the origin received, and what became of it.
public struct RequestRecord: Sendable {
    /// Its place among all requests, from 0, in the order in which they were begun.
    public let order: Int
    /// The connection it came on, from 0.
    public let connection: Int
    /// The port it came to.
    public let listener: ChaosListener
    /// The method, as sent.
    public let method: String
    /// The request target, as sent.
    public let path: String
    /// The scenario in the path, if it is one.
    public let scenario: Scenario?
    /// The header fields, as sent and in their order.
    public let fields: [(name: String, value: String)]
    /// The bytes that its Range field asks for and the file has, if it has one that can be satisfied.
    public let range: ByteRange?
    /// The status that was answered; nil for a connection closed without a word.
    public let status: Int?
    /// Whether the scenario let this response, and not every one, crawl or drip.
    public let isSlowed: Bool
    /// What the client did that the scenario forbids, in words.
    public let violation: String?
    /// Body bytes sent so far, chunk framing not counted; a client that left did not get the last chunk of them.
    public internal(set) var bytesSent: Int64 = 0
    /// Whether the response has ended, well or not; true a little after the client has its last byte.
    public internal(set) var isFinished = false

    /// The value of the first field of that name, whatever its case.
    public func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Totals since the server started.
public struct ChaosStatistics: Hashable, Sendable {
    /// Connections accepted, on both ports.
    public internal(set) var connections = 0
    /// Connections open now, on both ports.
    public internal(set) var openConnections = 0
    /// Most connections open at a time.
    public internal(set) var maximumConnections = 0
    /// Requests begun.
    public internal(set) var requests = 0
    /// Most requests being answered at a time.
    public internal(set) var maximumRequests = 0
    /// Body bytes sent.
    public internal(set) var bytesSent: Int64 = 0
    /// Requests that a scenario forbids.
    public internal(set) var violations = 0
}

/// The latest requests and the totals of all.
struct RequestLog: Sendable {
    private(set) var records: [RequestRecord] = []
    private(set) var statistics = ChaosStatistics()
    private var dropped = 0
    private var activeRequests = 0

    /// How many requests are kept, so that a server left running does not grow without end.
    private static let capacity = 65_536

    mutating func opened() -> Int {
        defer { statistics.connections += 1 }
        statistics.openConnections += 1
        statistics.maximumConnections = max(statistics.maximumConnections, statistics.openConnections)
        return statistics.connections
    }

    mutating func closed() {
        statistics.openConnections -= 1
    }

    /// Adds a request and returns its order.
    mutating func begin(_ request: ChaosRequest, _ behaviour: Behaviour, length: Int64?) -> Int {
        if records.count >= Self.capacity { dropOldest() }
        let order = statistics.requests
        records.append(RequestRecord(order, request, behaviour, length: length))
        statistics.requests += 1
        statistics.violations += behaviour.violation == nil ? 0 : 1
        activeRequests += 1
        statistics.maximumRequests = max(statistics.maximumRequests, activeRequests)
        return order
    }

    mutating func sent(_ count: Int, of order: Int) {
        statistics.bytesSent += Int64(count)
        update(order) { $0.bytesSent += Int64(count) }
    }

    mutating func end(_ order: Int) {
        activeRequests -= 1
        update(order) { $0.isFinished = true }
    }

    private mutating func update(_ order: Int, _ change: (inout RequestRecord) -> Void) {
        let index = order - dropped
        if records.indices.contains(index) { change(&records[index]) }
    }

    private mutating func dropOldest() {
        dropped += Self.capacity / 2
        records.removeFirst(Self.capacity / 2)
    }
}

extension RequestRecord {
    fileprivate init(_ order: Int, _ request: ChaosRequest, _ behaviour: Behaviour, length: Int64?) {
        self.order = order
        connection = request.connection
        listener = request.listener
        method = request.method
        path = request.target
        scenario = request.scenario
        fields = request.fields.map { ($0.name, $0.value) }
        range = length.flatMap { request.field("range").flatMap(RangeHeader.init)?.resolve(length: $0) }
        isSlowed = behaviour.pace.isSlowed
        violation = behaviour.violation
        if case .respond(let response) = behaviour.answer { status = response.status } else { status = nil }
    }
}
