// SPDX-License-Identifier: Apache-2.0

/// What the origin remembers of one file under one scenario and query.
struct ResourceState: Equatable, Sendable {
    /// GET requests that got as far as a response about the file, counted from 1 when the first is decided.
    var responses = 0
    /// Those among them that asked for a range.
    var rangedResponses = 0
    /// Which version is served, from 1.
    var version = 1
    /// How often the version has changed by itself.
    var changes = 0
    /// Body bytes of the current version sent or about to be sent.
    var served: Int64 = 0
    /// Open connections that have asked for the file and were not turned away.
    var connections: Set<Int> = []
    /// Whether bytes of the current version were sent and all connections have ended since.
    var isAbandoned = false
    /// Body bytes sent, of every version, where the origin dies of them.
    var spent: Int64 = 0
    /// 503s with Retry-After so far; those within one waiting time count once.
    var refusals = 0
    /// The last such 503, and when a client that heard it may ask again.
    var refusal: Refusal?

    struct Refusal: Equatable, Sendable {
        let at: Moment
        /// On the clock that the Retry-After field used.
        let until: Moment
    }

    /// Notes the end of a connection; a client that has fetched something and closed its last one has left.
    mutating func disconnected(_ connection: Int) {
        guard connections.remove(connection) != nil, connections.isEmpty, served > 0 else { return }
        isAbandoned = true
    }

    /// Moves on to the next version.
    mutating func change() {
        version += 1
        changes += 1
        served = 0
        isAbandoned = false
    }
}
