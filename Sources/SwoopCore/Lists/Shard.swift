// SPDX-License-Identifier: Apache-2.0

/// One process's share of a list that several processes work through: every `count`-th item from `index` on.
///
/// The shards of one count share no item and together have all of them, whatever the list.
public struct Shard: Hashable, Sendable, CustomStringConvertible {
    /// Which share; from 0, less than ``count``.
    public let index: Int64
    /// How many shares there are; at least 1.
    public let count: Int64

    /// All items.
    public static let whole = Shard(uncheckedIndex: 0, count: 1)

    /// Makes a shard; `nil` unless `0 <= index < count`.
    public init?(index: Int64, count: Int64) {
        guard index >= 0, index < count else { return nil }
        self.init(uncheckedIndex: index, count: count)
    }

    private init(uncheckedIndex index: Int64, count: Int64) {
        self.index = index
        self.count = count
    }

    /// Reads `I/N`, such as `0/4` to `3/4`; `nil` for anything else.
    public static func parse(_ text: String) -> Shard? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        guard let index = ASCII.decimal(Substring(parts[0])), let count = ASCII.decimal(Substring(parts[1])) else {
            return nil
        }
        return Shard(index: index, count: count)
    }

    /// Whether the item at `position` belongs to the shard; positions count from 0 in the order of the list.
    public func contains(_ position: Int64) -> Bool { position % count == index }

    /// How many of `total` items belong to the shard; `total` is 0 or more.
    public func count(of total: Int64) -> Int64 {
        total > index ? (total - index - 1) / count + 1 : 0
    }

    /// `I/N`; ``parse(_:)`` reads it back.
    public var description: String { "\(index)/\(count)" }
}

/// A shard that the environment names, and the variable that does.
public struct DetectedShard: Hashable, Sendable {
    /// The share.
    public var shard: Shard
    /// The variable that holds the index.
    public var variable: String
}

/// Why the environment names no shard although it looks as if it should. The message says what to set.
public struct ShardError: Error, Hashable, Sendable {
    /// What is wrong and what to do; lower case, no final full stop.
    public var message: String
}

extension Shard {
    /// What a batch system tells the processes that it starts for one list.
    private struct Engine {
        /// The variable with the index.
        var index: String
        /// The variables that may have the count, the first that is set wins.
        var counts: [String]
        /// The variables with the lowest index and the step between two, where indices need not be 0, 1, 2.
        var first: String?
        var step: String?
    }

    /// A Kubernetes Indexed Job tells its pods no count: its manifest has to. Slurm's arrays may begin anywhere.
    private static let engines = [
        Engine(index: "JOB_COMPLETION_INDEX", counts: ["SWOOP_SHARD_COUNT", "JOB_COMPLETIONS"]),
        Engine(
            index: "SLURM_ARRAY_TASK_ID",
            counts: ["SLURM_ARRAY_TASK_COUNT", "SWOOP_SHARD_COUNT"],
            first: "SLURM_ARRAY_TASK_MIN",
            step: "SLURM_ARRAY_TASK_STEP"
        ),
        Engine(index: "AWS_BATCH_JOB_ARRAY_INDEX", counts: ["AWS_BATCH_JOB_ARRAY_SIZE", "SWOOP_SHARD_COUNT"]),
    ]

    /// Finds the shard that Kubernetes, Slurm or AWS Batch gave this process.
    ///
    /// - Parameter environment: the value of a variable, or `nil`.
    /// - Returns: `nil` outside of such a job.
    /// - Throws: ``ShardError`` if there is an index but no count, or they do not agree.
    public static func detect(_ environment: (String) -> String?) throws(ShardError) -> DetectedShard? {
        for engine in engines {
            guard let text = environment(engine.index), !text.isEmpty else { continue }
            let index = try position(text, engine, environment)
            let (variable, count) = try count(engine, environment)
            guard let shard = Shard(index: index, count: count) else {
                let facts = "\(engine.index)=\(text) is not one of \(count) (\(variable))"
                throw ShardError(message: "\(facts): give --shard I/N")
            }
            return DetectedShard(shard: shard, variable: engine.index)
        }
        return nil
    }

    private static func position(
        _ text: String,
        _ engine: Engine,
        _ environment: (String) -> String?
    ) throws(ShardError) -> Int64 {
        let first = try engine.first.map { name throws(ShardError) in try number(name, environment) ?? 0 } ?? 0
        let step = try engine.step.map { name throws(ShardError) in try number(name, environment) ?? 1 } ?? 1
        guard let index = ASCII.decimal(text), index >= first, step > 0, (index - first) % step == 0 else {
            throw ShardError(message: "\(engine.index)=\(text) gives no place in the array: give --shard I/N")
        }
        return (index - first) / step
    }

    private static func count(
        _ engine: Engine,
        _ environment: (String) -> String?
    ) throws(ShardError) -> (String, Int64) {
        for name in engine.counts {
            if let count = try number(name, environment) { return (name, count) }
        }
        throw ShardError(
            message: "\(engine.index) is set, but nothing says of how many: set \(engine.counts[0]), "
                + "or give --shard I/N (--shard 0/1 takes the whole list)"
        )
    }

    private static func number(_ name: String, _ environment: (String) -> String?) throws(ShardError) -> Int64? {
        guard let text = environment(name), !text.isEmpty else { return nil }
        guard let number = ASCII.decimal(text) else {
            throw ShardError(message: "\(name)=\(text) is no number: set it right, or give --shard I/N")
        }
        return number
    }
}
