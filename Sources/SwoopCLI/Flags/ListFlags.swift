// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopIO

/// Many files at once, on the command line: where their names come from, whose share they are, what is kept of the run.
struct ListFlags: ParsableArguments {
    /// Files at a time unless told otherwise.
    static let defaultJobs = 4
    /// More would only wait for each other.
    static let mostJobs = 256

    @Option(
        name: [.customShort("i", allowingJoined: true), .long],
        help: .init(
            "List of downloads, in aria2's format: a line each, further URLs of the same file after tabs; indented "
                + "option=value lines below (out, dir, checksum, header, ...). - is standard input.",
            valueName: "file"
        ),
        transform: ArgumentValue.nonEmpty
    )
    var inputFile: String?

    @Option(
        name: [.customShort("j", allowingJoined: true), .long],
        help: .init("Files at a time. (default: \(defaultJobs))", valueName: "n"),
        transform: Self.jobs
    )
    var jobs: Int?

    @Option(
        help: .init(
            "This process's share: every N-th item from item I on, counted from 0. (default with -i: what Kubernetes, "
                + "Slurm or AWS Batch says, else 0/1, which is everything)",
            valueName: "i/n"
        ),
        transform: Self.shard
    )
    var shard: Shard?

    @Option(
        help: .init(
            "Append a line of JSON for each item that has ended; leave out items that are done there already.",
            valueName: "file"
        ),
        transform: ArgumentValue.nonEmpty
    )
    var manifest: String?

    func validate() throws {
        if let inputFile, inputFile != "-", PathKind.isDirectory(inputFile) {
            throw ValidationError("-i \(inputFile) is a directory: name a file with one URL a line")
        }
        if let manifest, PathKind.isDirectory(manifest) {
            throw ValidationError("--manifest \(manifest) is a directory: name a file")
        }
    }

    /// The share that is asked for, and for one found in the environment the variable that says so.
    func share(_ environment: (String) -> String?) throws -> (shard: Shard, variable: String?) {
        if let shard { return (shard, nil) }
        guard inputFile != nil else { return (.whole, nil) }
        do throws(ShardError) {
            guard let found = try Shard.detect(environment) else { return (.whole, nil) }
            return (found.shard, found.variable)
        } catch {
            throw ValidationError(error.message)
        }
    }

    private static func jobs(_ text: String) throws -> Int {
        guard let jobs = Int(text), (1...mostJobs).contains(jobs) else {
            throw ValidationError("write a number from 1 to \(mostJobs)")
        }
        return jobs
    }

    private static func shard(_ text: String) throws -> Shard {
        guard let shard = Shard.parse(text) else {
            throw ValidationError("write I/N with I from 0 to N-1, such as 0/4 to 3/4")
        }
        return shard
    }
}
