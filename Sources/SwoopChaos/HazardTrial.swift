// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// One thing to ask of a downloader: a URL under a scenario, and which bytes may be presented as success.
public struct HazardTrial: Hashable, Sendable {
    /// What the origin does.
    public let scenario: Scenario
    /// The file that is asked for.
    public let name: String
    /// Parameters of the scenario; empty for the defaults.
    public let query: String

    /// One for each scenario that a single URL can show, in the table's order. Files are large enough for several ranges, and
    /// rates such that a good downloader needs seconds.
    public static let all: [HazardTrial] = Scenario.allCases.map(trial)

    private static func trial(_ scenario: Scenario) -> HazardTrial {
        switch scenario {
        case .throttled: HazardTrial(scenario: scenario, name: "2MiB.bin", query: "")
        case .redirectExpiring: HazardTrial(scenario: scenario, name: "9MiB.bin", query: "ttl=1s&total=4M")
        default: HazardTrial(scenario: scenario, name: "9MiB.bin", query: "")
        }
    }

    /// Contents that may be presented as success; none where the origin itself says that the bytes are not right.
    func accepted(in server: ChaosServer) -> [PieceContent] {
        guard let first = server.content(name), let second = server.content(name, version: 2) else { return [] }
        let whole = PieceContent(first)
        switch scenario {
        case .empty: return [PieceContent(SyntheticContent(seed: first.seed, length: 0))]
        case .oneByte: return [PieceContent(SyntheticContent(seed: first.seed, length: 1))]
        case .exactSegment: return [PieceContent(SyntheticContent(seed: first.seed, length: 4 << 20))]
        case .segmentPlusOne: return [PieceContent(SyntheticContent(seed: first.seed, length: 4 << 20 + 1))]
        case .otherBytes: return [PieceContent(second)]
        case .changesMidway, .changesSameLength, .changesOnResume: return [whole, PieceContent(second)]
        case .grows:
            let grown = SyntheticContent(seed: second.seed, length: first.length + 1000)
            return [whole, PieceContent(first, then: grown)]
        // Trusting what is not to be trusted is not success.
        case .badDigest, .redirectHTTPSHTTP, .tlsExpired, .tlsWrongHost, .tlsSelfSigned, .tlsOld: return []
        default: return [whole]
        }
    }
}

/// Bytes of one content, and beyond its end those of another.
struct PieceContent: Hashable, Sendable {
    private let first: SyntheticContent
    private let rest: SyntheticContent

    init(_ first: SyntheticContent, then rest: SyntheticContent? = nil) {
        self.first = first
        self.rest = rest ?? first
    }

    var length: Int64 { rest.length }

    func bytes(_ range: ByteRange) -> [UInt8] {
        let split = min(max(first.length, range.lower), range.upper)
        return first.bytes(ByteRange(range.lower, split)) + rest.bytes(ByteRange(split, range.upper))
    }
}

/// What a downloader made of a trial.
public enum HazardVerdict: String, CaseIterable, Hashable, Sendable {
    /// It said that all is well, and the bytes are exact.
    case exact
    /// It said that it failed.
    case refused
    /// It said that all is well, and the bytes are wrong, or there are none.
    case wrong
    /// It did not come to an end.
    case hung
    /// It was ended by a signal.
    case crashed

    /// Whether nobody was deceived or left waiting.
    public var isHonest: Bool { self == .exact || self == .refused }
}

/// How a program ended.
public enum HazardEnding: Hashable, Sendable {
    /// By itself, with this status.
    case exited(Int32)
    /// By this signal.
    case killed(Int32)
    /// Not in time.
    case timedOut
}

extension HazardTrial {
    /// Judges how a downloader ended and what it left.
    ///
    /// - Parameters:
    ///   - ending: how its program ended.
    ///   - length: of the file under the name that it was given; `nil` if there is none.
    ///   - server: where it downloaded from.
    ///   - read: reads a range of that file; fewer bytes if they are not there.
    /// - Returns: the verdict. A program that says that it failed is believed, whatever it left.
    public func verdict(
        _ ending: HazardEnding,
        length: Int64?,
        at server: ChaosServer,
        read: (ByteRange) -> [UInt8]
    ) -> HazardVerdict {
        switch ending {
        case .timedOut: return .hung
        case .killed: return .crashed
        case .exited(0): break
        case .exited: return .refused
        }
        let isExact = accepted(in: server).contains { content in
            content.length == length && Self.agrees(content, read)
        }
        return isExact ? .exact : .wrong
    }

    private static func agrees(_ content: PieceContent, _ read: (ByteRange) -> [UInt8]) -> Bool {
        stride(from: 0, to: content.length, by: 1 << 20).allSatisfy { lower in
            let range = ByteRange(lower, min(content.length, lower + (1 << 20)))
            return read(range) == content.bytes(range)
        }
    }

    /// The trial's URL at a server.
    public func url(at server: ChaosServer) -> String { server.url(scenario, name, query: query) }
}
