// SPDX-License-Identifier: Apache-2.0

import SwoopChaos
import SwoopCore
import SwoopTestKit
import Testing

/// What `hazards.md` demands of a download from each kind of origin.
@Suite("Scenarios", .takingTurns, .timeLimit(.minutes(10)))
struct ScenarioTests {
    /// How a download must end.
    enum Demand: Hashable, Sendable {
        /// The exact bytes of a version; with another length if the version has one.
        case bytes(version: Int = 1, length: Int64? = nil)
        /// One of these failures, and nothing under the final name.
        case refusal(Set<TransferFailure.Code>)
        /// Either: what is demanded is that no wrong byte is published.
        case bytesOrRefusal(Set<TransferFailure.Code>)
        /// The exact bytes of either version: which one depends on when connections happen to close.
        case bytesOfEitherVersion
        /// The file as it was, or with so many bytes appended.
        case bytesGrown(by: Int64)
    }

    /// A scenario with parameters, and what is demanded then.
    struct Case: CustomTestStringConvertible, Sendable {
        var scenario: Scenario
        var query = ""
        var name = "9MiB.bin"
        var demand: Demand = .bytes()
        /// Patience with silence; `nil` for the usual one.
        var stallTimeout: Duration?
        var retries: Int?

        var testDescription: String { "\(scenario.rawValue)/\(name)?\(query)" }
    }

    /// What is demanded under the default parameters. A new scenario does not compile without an entry here.
    static func demand(of scenario: Scenario) -> Case {
        switch scenario {
        case .plain, .latency, .noRange, .noLength, .shortBody, .reset, .clippedRange, .ifRangeIgnored, .status416,
            .redirects, .redirectOtherOrigin, .tooMany, .retryAfter, .errorPage, .slowOne, .drip, .flaky, .mirrored,
            .metalink, .lyingAcceptRanges, .headRefused, .noContentRange, .multipart,
            .wrongStart, .chunked206,
            .rotatingETag, .weakETag, .goodDigest, .redirectExpiring, .getOnce:
            Case(scenario: scenario)
        case .exactSegment: Case(scenario: scenario, demand: .bytes(length: 4 << 20))
        case .segmentPlusOne: Case(scenario: scenario, demand: .bytes(length: 4 << 20 + 1))
        case .noLengthTruncated: Case(scenario: scenario, demand: .refusal([.connectionLost]), retries: 2)
        case .longBody: Case(scenario: scenario, demand: .bytesOrRefusal([.invalidResponse, .connectionLost]))
        case .wrongTotal: Case(scenario: scenario, demand: .bytesOrRefusal([.changed]))
        case .gzipAnyway: Case(scenario: scenario, demand: .refusal([.invalidResponse]))
        case .changesSameLength: Case(scenario: scenario, demand: .bytes(version: 2))
        case .grows: Case(scenario: scenario, demand: .bytesGrown(by: 1000))
        case .badDigest: Case(scenario: scenario, demand: .refusal([.digestMismatch]))
        case .headerBomb: Case(scenario: scenario, demand: .refusal([.connectionLost]), retries: 1)
        case .slowHeaders:
            Case(scenario: scenario, demand: .refusal([.stalled]), stallTimeout: .milliseconds(300), retries: 1)
        case .changesOnResume: Case(scenario: scenario, demand: .bytesOfEitherVersion)
        case .evilName: Case(scenario: scenario, name: "5000.bin")
        case .throttled: Case(scenario: scenario, name: "2MiB.bin")
        case .stall: Case(scenario: scenario, stallTimeout: .milliseconds(300))
        case .changesMidway: Case(scenario: scenario, demand: .bytes(version: 2))
        case .empty: Case(scenario: scenario, demand: .bytes(length: 0))
        case .oneByte: Case(scenario: scenario, demand: .bytes(length: 1))
        case .otherBytes: Case(scenario: scenario, demand: .bytes(version: 2))
        case .dies: Case(scenario: scenario, demand: .refusal([.connectionLost]), retries: 2)
        case .redirectLoop: Case(scenario: scenario, demand: .refusal([.redirectRefused]))
        // Nobody was told to trust these origins.
        case .redirectHTTPSHTTP, .tlsExpired, .tlsWrongHost, .tlsSelfSigned, .tlsOld:
            Case(scenario: scenario, demand: .refusal([.tlsRefused]))
        }
    }

    @Test(
        "with default parameters end as demanded, in segments sized by time",
        .timeLimit(.minutes(10)),
        arguments: Scenario.allCases.map(demand)
    )
    func defaults(_ item: Case) async throws {
        try await check(item, segmentSize: nil)
    }

    @Test(
        "with default parameters end as demanded, in many small segments",
        .timeLimit(.minutes(10)),
        // In segments of a fixed size nothing is asked for twice, so that a response that drips would be waited for.
        arguments: Scenario.allCases.filter { $0 != .drip }.map(demand)
    )
    func smallSegments(_ item: Case) async throws {
        try await check(item, segmentSize: item.scenario == .throttled ? 200 << 10 : 333_333)
    }

    static let variations: [Case] =
        boundaries + faults + changes + redirects + limits + validators

    private static let boundaries = [0, 1, 1 << 20, 1 << 20 + 1, 4 << 20 - 1, 4 << 20, 4 << 20 + 1].map {
        Case(scenario: .plain, name: "\($0).bin")
    }

    private static let faults: [Case] = [
        Case(scenario: .shortBody, query: "bytes=1000", name: "100000.bin"),
        Case(scenario: .shortBody, query: "bytes=0", demand: .refusal([.connectionLost]), retries: 2),
        Case(scenario: .reset, query: "n=1&after=300K"),
        Case(scenario: .reset, query: "n=3&seed=7"),
        Case(scenario: .reset, query: "n=1&after=0", demand: .refusal([.connectionLost]), retries: 2),
        Case(scenario: .stall, query: "n=2&after=0", stallTimeout: .milliseconds(300)),
        Case(scenario: .stall, query: "n=1&after=2M", stallTimeout: .milliseconds(300)),
        Case(
            scenario: .stall,
            query: "n=1&after=0",
            demand: .refusal([.stalled]),
            stallTimeout: .milliseconds(100),
            retries: 2
        ),
        Case(scenario: .clippedRange, query: "bytes=1", name: "50.bin"),
        Case(scenario: .clippedRange, query: "bytes=100000"),
        Case(scenario: .wrongStart, query: "n=3"),
        Case(scenario: .wrongStart, query: "bytes=1M"),
        Case(scenario: .errorPage, query: "n=2"),
        Case(scenario: .errorPage, query: "n=5&etag=none"),
        Case(scenario: .status416, query: "delta=5", demand: .bytesOrRefusal([.changed])),
        Case(scenario: .status416, query: "delta=-5", demand: .bytesOrRefusal([.changed])),
        Case(scenario: .status416, name: "1000.bin"),
        Case(scenario: .noRange, query: "etag=none&lastmod=0"),
        Case(scenario: .noLength, query: "etag=none&lastmod=0"),
        Case(scenario: .noRange, name: "empty.bin"),
        Case(scenario: .noLength, name: "empty.bin"),
        Case(scenario: .empty, query: "kind=200", demand: .bytes(length: 0)),
        Case(scenario: .latency, query: "ttfb=20ms&seed=3"),
        Case(scenario: .flaky, query: "p=0.3&seed=5"),
        Case(scenario: .flaky, query: "p=0.2&stall=1", stallTimeout: .milliseconds(300)),
        Case(scenario: .flaky, query: "p=0.2&etag=none"),
        Case(scenario: .dies, query: "bytes=0", demand: .refusal([.connectionLost]), retries: 2),
        Case(scenario: .dies, query: "kind=refuse", demand: .refusal([.connectionLost]), retries: 2),
        Case(scenario: .dies, query: "bytes=64M"),
        Case(scenario: .mirrored, query: "digest=1"),
        Case(scenario: .otherBytes, query: "etag=none", demand: .bytes(version: 2)),
        Case(scenario: .noLengthTruncated, query: "bytes=1G", demand: .refusal([.connectionLost]), retries: 2),
        Case(scenario: .noLengthTruncated, query: "n=2"),
        Case(scenario: .getOnce, name: "20MiB.bin"), Case(scenario: .getOnce, query: "rate=8M"),
        Case(
            scenario: .wrongTotal,
            query: "n=1&delta=5",
            demand: .bytesOrRefusal([.changed, .invalidResponse, .status])
        ),
        Case(scenario: .chunked206, query: "n=3"),
        Case(scenario: .multipart, name: "1000.bin"),
        Case(scenario: .exactSegment, query: "bytes=777777", demand: .bytes(length: 777_777)),
        Case(scenario: .segmentPlusOne, query: "bytes=777777", demand: .bytes(length: 777_778)),
        Case(scenario: .longBody, name: "1000.bin", demand: .bytesOrRefusal([.invalidResponse, .connectionLost])),
        Case(scenario: .grows, query: "delta=4M&bytes=1M", demand: .bytesGrown(by: 4 << 20)),
        Case(scenario: .rotatingETag, query: "n=2"),
        Case(scenario: .rotatingETag, query: "n=3"),
        Case(scenario: .rotatingETag, query: "lastmod=0", demand: .refusal([.changed])),
        Case(scenario: .redirectExpiring, query: "ttl=100ms&total=12M&rate=4M"),
        Case(scenario: .goodDigest, query: "kind=repr"),
        Case(scenario: .goodDigest, query: "kind=amz", name: "1000.bin"),
        Case(scenario: .badDigest, query: "kind=repr", name: "1000.bin", demand: .refusal([.digestMismatch])),
        Case(scenario: .badDigest, query: "kind=digest", demand: .refusal([.digestMismatch])),
        Case(scenario: .badDigest, query: "kind=amz", demand: .refusal([.digestMismatch])),
        Case(scenario: .gzipAnyway, name: "1000.bin", demand: .refusal([.invalidResponse])),
    ]

    private static let changes: [Case] = [
        Case(scenario: .changesMidway, query: "delta=1000", demand: .bytes(version: 2, length: 9 << 20 + 1000)),
        Case(scenario: .changesMidway, query: "delta=-5M", demand: .bytes(version: 2, length: 4 << 20)),
        Case(scenario: .changesMidway, query: "bytes=8M", demand: .bytes(version: 2)),
        Case(scenario: .changesMidway, query: "etag=none", demand: .bytes(version: 2)),
        Case(scenario: .changesMidway, query: "etag=weak", demand: .bytes(version: 2)),
        Case(
            scenario: .changesMidway,
            query: "etag=none&lastmod=0&delta=1",
            demand: .bytes(version: 2, length: 9 << 20 + 1)
        ),
    ]

    private static let redirects: [Case] =
        [301, 302, 303, 307, 308].map { Case(scenario: .redirects, query: "status=\($0)") } + [
            Case(scenario: .redirects, query: "hops=20"),
            Case(scenario: .redirects, query: "hops=21", demand: .refusal([.redirectRefused])),
            Case(scenario: .redirectOtherOrigin, query: "status=308"),
        ]

    private static let limits: [Case] = ["503", "429", "403", "refuse", "reset"].flatMap { kind in
        [1, 2].map { Case(scenario: .tooMany, query: "n=\($0)&kind=\(kind)") }
    }

    private static let validators: [Case] = [
        Case(scenario: .plain, query: "etag=weak"),
        Case(scenario: .plain, query: "etag=weak&lastmod=0"),
        Case(scenario: .plain, query: "etag=none"),
        Case(scenario: .plain, query: "etag=none&lastmod=0"),
        Case(scenario: .ifRangeIgnored, query: "etag=none"),
        Case(scenario: .plain, query: "store=1"),
        Case(scenario: .changesMidway, query: "store=1", demand: .bytes(version: 2)),
        Case(scenario: .changesSameLength, query: "store=1", demand: .bytes(version: 2)),
        Case(scenario: .rotatingETag, query: "store=1"),
    ]

    @Test("with other parameters end as demanded", .timeLimit(.minutes(10)), arguments: variations)
    func variation(_ item: Case) async throws {
        try await check(item, segmentSize: nil)
    }

    @Test(
        "with other parameters end as demanded, in many small segments",
        .timeLimit(.minutes(10)),
        arguments: variations
    )
    func variationInSmallSegments(_ item: Case) async throws {
        try await check(item, segmentSize: 777_777)
    }

    private func check(_ item: Case, segmentSize: Int64?) async throws {
        try await Download.with(item.scenario, item.name, query: item.query) { download in
            download.options.segmentSize = segmentSize
            download.options.stallTimeout = item.stallTimeout ?? download.options.stallTimeout
            download.options.retries = item.retries ?? download.options.retries
            let outcome = await download.run()
            // Who wants segments asks more than once.
            if item.scenario == .getOnce, segmentSize != nil {
                try download.expectFailure(outcome, [.status])
                return
            }
            switch item.demand {
            case .bytes(let version, let length):
                try download.expectBytes(outcome, version: version, length: length)
            case .refusal(let codes):
                try download.expectFailure(outcome, codes)
            case .bytesOrRefusal(let codes):
                if outcome.error != nil {
                    try download.expectFailure(outcome, codes)
                } else {
                    try download.expectBytes(outcome)
                }
            case .bytesGrown(let more):
                try download.expectGrown(outcome, by: more)
            case .bytesOfEitherVersion:
                let second = try #require(download.server.content(item.name, version: 2))
                let isSecond = try outcome.result != nil && Download.isSame(download.target, second)
                try download.expectBytes(outcome, version: isSecond ? 2 : 1)
            }
            #expect(download.server.statistics.violations == 0)
        }
    }
}
