// SPDX-License-Identifier: Apache-2.0

/// The text form of what is remembered of origins, one line each:
/// `ORIGIN CONNECTIONS UNIT-RATE CEILING IF-RANGE SECONDS`.
///
///     https://example.org 6 2097152 - yes 1760000000
///     http://mirror.example:8080 4 524288 4 no 1760000123
///
/// The unit rate is whole bytes per second, the ceiling `-` if there is none; `no` says that If-Range is of no use. A
/// line that is anything else is skipped: a cache that was damaged costs what it held and no more.
public enum OriginMemoryText {
    /// Most origins that are kept, the newest.
    public static let mostOrigins = 1_000
    /// Most bytes of text that are read; a caller need not read a longer file.
    public static let longestText = 1 << 20

    private static let mostConnections = 1_024
    private static let highestRate: Int64 = 1 << 50
    /// Seconds by which a memory may lie in the future, for clocks that were set back.
    private static let futureTolerance: Int64 = 3_600

    /// Reads what is remembered and still believed.
    ///
    /// - Parameters:
    ///   - text: lines as ``format(_:)`` writes them, and any others.
    ///   - nowSeconds: wall-clock time in seconds since 1970.
    /// - Returns: at most ``mostOrigins`` origins; of lines about the same one the newest counts.
    public static func parse(_ text: String, nowSeconds: Int64) -> [Origin: OriginMemory] {
        var all: [Origin: OriginMemory] = [:]
        for line in text.utf8.prefix(longestText).split(separator: UInt8(ascii: "\n")) {
            guard let (origin, memory) = parse(line: Substring(line)) else { continue }
            guard isBelieved(memory, nowSeconds: nowSeconds) else { continue }
            if let known = all[origin], known.seconds > memory.seconds { continue }
            all[origin] = memory
        }
        guard all.count > mostOrigins else { return all }
        return Dictionary(uniqueKeysWithValues: newest(all).map { ($0.key, $0.value) })
    }

    /// Writes what is remembered: at most ``mostOrigins`` lines, the newest first.
    public static func format(_ memories: [Origin: OriginMemory]) -> String {
        newest(memories).map { origin, memory in
            let rate = Int64(min(memory.unitRate, Double(highestRate)))
            let ceiling = memory.ceiling.map { String(min($0, mostConnections)) } ?? "-"
            let condition = memory.ignoresIfRange ? "no" : "yes"
            let connections = min(memory.connections, mostConnections)
            return "\(origin) \(connections) \(rate) \(ceiling) \(condition) \(memory.seconds)\n"
        }.joined()
    }

    private static func newest(
        _ memories: [Origin: OriginMemory]
    ) -> [(
        key: Origin, value: OriginMemory
    )] {
        let sorted = memories.sorted {
            ($1.value.seconds, $0.key.description) < ($0.value.seconds, $1.key.description)
        }
        return Array(sorted.prefix(mostOrigins))
    }

    private static func isBelieved(_ memory: OriginMemory, nowSeconds: Int64) -> Bool {
        let (age, overflow) = nowSeconds.subtractingReportingOverflow(memory.seconds)
        return !overflow && age >= -futureTolerance && age < OriginMemory.timeToLive
    }

    private static func parse(line: Substring) -> (Origin, OriginMemory)? {
        guard line.utf8.count <= 512 else { return nil }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, let origin = origin(words[0]) else { return nil }
        guard let connections = number(words[1], 1...Int64(mostConnections)),
            let rate = number(words[2], 0...highestRate),
            let seconds = number(words[5], 0...Int64.max),
            let ignoresIfRange = ["yes": false, "no": true][words[4]]
        else { return nil }
        let ceiling = number(words[3], 1...Int64(mostConnections))
        guard ceiling != nil || words[3] == "-" else { return nil }
        let memory = OriginMemory(
            connections: Int(connections),
            unitRate: Double(rate),
            ceiling: ceiling.map { Int($0) },
            ignoresIfRange: ignoresIfRange,
            seconds: seconds
        )
        return (origin, memory)
    }

    /// An origin exactly as it prints itself.
    private static func origin(_ word: Substring) -> Origin? {
        guard let url = try? HTTPURL.parse(String(word)), url.origin.description == word else {
            return nil
        }
        return url.origin
    }

    /// Decimal digits only, within bounds.
    private static func number(_ word: Substring, _ bounds: ClosedRange<Int64>) -> Int64? {
        guard !word.isEmpty,
            word.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let value = Int64(word), bounds.contains(value)
        else { return nil }
        return value
    }
}
