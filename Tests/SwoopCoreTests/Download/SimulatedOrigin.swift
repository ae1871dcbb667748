// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// An origin with faults, as a value: given a request and the number of busy connections it says what the response will
/// do. All chance comes from one seeded generator.
struct SimulatedOrigin {
    /// What an origin does wrong, for its whole life.
    enum Habit: CaseIterable {
        case honest, noRanges, ignoresCondition, clips, noValidator, weakTag, unknownLength, changes, admitsFew
    }

    /// How one response goes.
    struct Response {
        var head: ResponseHead?
        var latency: Duration
        /// Bytes per second.
        var throughput: Double
        /// The bytes of the representation that the body holds.
        var body: ByteRange
        var version: Int
        /// Bytes after which the connection fails, if it does.
        var breaksAfter: Int64?
        /// Whether it then falls silent instead of failing.
        var stalls = false
    }

    var habit: Habit
    var faultRate: Double
    var lengths: [Int64]
    /// Requests after which the next version is served.
    var changesAfter: [Int]
    var random: SplitMix64
    private(set) var requests = 0
    /// Requests after which it is gone for good.
    var diesAfter = Int.max
    /// Added to the version, to tell a mirror with other bytes.
    var lie = 0

    /// An origin that has the same file as another.
    init(mirroring other: SimulatedOrigin, seed: UInt64, faultRate: Double) {
        self = other
        habit = .honest
        diesAfter = .max
        self.faultRate = faultRate
        random = SplitMix64(seed: seed)
    }

    init(seed: UInt64, habit: Habit, faultRate: Double) {
        var random = SplitMix64(seed: seed)
        self.habit = habit
        self.faultRate = faultRate
        let length = Self.length(&random)
        lengths = [length]
        changesAfter = []
        if habit == .changes {
            lengths.append(Bool.random(using: &random) ? length : Self.length(&random))
            changesAfter.append(Int.random(in: 1...6, using: &random))
        }
        self.random = random
    }

    private static func length(_ random: inout SplitMix64) -> Int64 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: Int64.random(in: 0...2, using: &random)
        case 1: (4 << 20) + Int64.random(in: -1...1, using: &random)
        default: Int64.random(in: 1...(40 << 20), using: &random)
        }
    }

    var version: Int { changesAfter.count { requests > $0 } }

    mutating func respond(to request: ExchangeRequest, busy: Int) -> Response {
        requests += 1
        let version = version
        let length = lengths[version]
        var response = Response(
            latency: .milliseconds(Int64.random(in: 1...300, using: &random)),
            throughput: Double.random(in: 50_000...20_000_000, using: &random),
            body: ByteRange(0, length),
            version: version
        )
        if requests > diesAfter {
            response.breaksAfter = 0
            return response
        }
        response.version += lie
        if habit == .admitsFew, busy > 3 { return refused(response, status: [503, 429, 403][Int(random.next() % 3)]) }
        if random.unit() < faultRate { return faulty(response, request: request, length: length) }
        answer(&response, request: request, length: length)
        if random.unit() < faultRate { breakOff(&response) }
        return response
    }

    private func refused(_ response: Response, status: Int) -> Response {
        var response = response
        response.head = ResponseHead(status: status)
        return response
    }

    /// The faults that show in the head, or before it.
    private mutating func faulty(_ response: Response, request: ExchangeRequest, length: Int64) -> Response {
        var response = response
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return refused(response, status: 500)
        case 1:
            response.head = ResponseHead(status: 503, fields: HeaderFields([("Retry-After", "2")]))
        case 2: response.breaksAfter = 0
        case 3: response.stalls = true
        default:
            answer(&response, request: request, length: length)
            if let range = request.range, response.head?.status == 206, range.lower > 0 {
                let field = "bytes \(range.lower - 1)-\(range.upper - 2)/\(length)"
                response.head?.fields.remove("Content-Range")
                response.head?.fields.add("Content-Range", field)
            }
        }
        return response
    }

    private mutating func breakOff(_ response: inout Response) {
        response.breaksAfter = Int64.random(in: 0...max(0, response.body.count), using: &random)
        response.stalls = Int.random(in: 0..<4, using: &random) == 0
    }

    private mutating func answer(_ response: inout Response, request: ExchangeRequest, length: Int64) {
        let version = response.version
        let matches = request.ifRange == nil || request.ifRange == "\"v\(version)\""
        guard let asked = request.range, habit != .noRanges, habit != .unknownLength, matches,
            !(habit == .ignoresCondition && request.ifRange != nil)
        else {
            response.head = ResponseHead(status: 200, fields: fields(version: version, contentLength: length))
            return
        }
        guard asked.lower < length else {
            response.head = ResponseHead(status: 416, fields: HeaderFields([("Content-Range", "bytes */\(length)")]))
            return
        }
        var range = ByteRange(asked.lower, min(asked.upper, length))
        if habit == .clips { range = ByteRange(range.lower, min(range.upper, range.lower + 300_000)) }
        var fields = fields(version: version, contentLength: range.count)
        fields.add("Content-Range", "bytes \(range.lower)-\(range.upper - 1)/\(length)")
        response.head = ResponseHead(status: 206, fields: fields)
        response.body = range
    }

    private func fields(version: Int, contentLength: Int64) -> HeaderFields {
        var fields = HeaderFields()
        switch habit {
        case .noValidator: break
        case .weakTag: fields.add("ETag", "W/\"v\(version)\"")
        default: fields.add("ETag", "\"v\(version)\"")
        }
        if habit != .unknownLength { fields.add("Content-Length", "\(contentLength)") }
        return fields
    }
}
