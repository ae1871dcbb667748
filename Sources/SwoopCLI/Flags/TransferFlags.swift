// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore

/// How a download is to be done, on the command line. Every field of ``TransferOptions`` has its flag here or among
/// ``ConnectionFlags``, and every default comes from there.
struct TransferFlags: ParsableArguments {
    private static let defaults = TransferOptions()

    @Flag(help: "Replace the target if it exists, once the new bytes are verified. (default: exit 7)")
    var overwrite = false

    @Flag(help: "Leave the target if it exists, and exit 0.")
    var skipExisting = false

    @Flag(help: "Ignore and replace a partial download that an earlier run left.")
    var noResume = false

    @Option(
        help: .init(
            "restart or fail when the origin changes the file during the download or since the partial was made. "
                + "(default: \(defaults.onChange.rawValue))",
            valueName: "what"
        ),
        transform: ArgumentValue.onChange
    )
    var onChange: TransferOptions.OnChange?

    @Option(
        name: .customLong("mirror"),
        parsing: .unconditionalSingleValue,
        help: .init("Another URL with the same bytes, for one URL. (repeatable)", valueName: "url")
    )
    var mirrors: [String] = []

    @Option(
        name: [.long, .customLong("chunk-size")],
        help: .init("Fixed segment size, such as 25M. (default: sized by time)", valueName: "size"),
        transform: ArgumentValue.positiveSize
    )
    var segmentSize: Int64?

    @Option(
        help: .init("What the bytes must hash to; otherwise exit 6 and no file.", valueName: "algorithm:hex"),
        transform: ArgumentValue.checksum
    )
    var checksum: Digest?

    @Option(
        help: .init(
            "Digests by file name, as sha256sum writes them; each download must be in it and agree.",
            valueName: "file|url"
        ),
        transform: ArgumentValue.nonEmpty
    )
    var checksumFile: String?

    @Option(
        help: .init(
            "Compute this digest too and print 'HEX  PATH' on standard output: sha-256, sha-512, sha-1 or md5. "
                + "(default: none; sha-256 with --discard)",
            valueName: "algorithm"
        ),
        transform: ArgumentValue.algorithm
    )
    var digest: DigestAlgorithm?

    @Option(
        help: .init("Refuse files that are larger. (default: no limit)", valueName: "size"),
        transform: ArgumentValue.size
    )
    var maxFilesize: Int64?

    @Flag(help: "Do not wait for the disk before the file gets its name.")
    var noSync = false

    @Flag(help: "Say afterwards what bounded the transfer.")
    var explain = false

    func validate() throws {
        for (index, mirror) in mirrors.enumerated() {
            try ArgumentValue.checkURL(mirror, "--mirror number \(index + 1): ")
        }
        guard !(overwrite && skipExisting) else {
            throw ValidationError("--overwrite and --skip-existing contradict each other: use one of them")
        }
    }

    /// The options that the flags ask for, over such connections.
    func options(over connection: ConnectionFlags) -> TransferOptions {
        var options = connection.options
        if overwrite { options.existingTarget = .overwrite }
        if skipExisting { options.existingTarget = .skip }
        if noResume { options.resume = false }
        if noSync { options.sync = false }
        options.segmentSize = segmentSize ?? options.segmentSize
        options.onChange = onChange ?? options.onChange
        options.expectedDigest = checksum
        options.digestAlgorithm = digest
        options.maximumLength = maxFilesize
        return options
    }
}
