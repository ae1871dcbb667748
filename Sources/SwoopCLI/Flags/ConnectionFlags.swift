// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore

/// How many connections a transfer has, how fast they may be, and what is done when they fail, on the command line.
struct ConnectionFlags: ParsableArguments {
    private static let defaults = TransferOptions()

    @Option(
        name: [.customShort("c", allowingJoined: true), .long],
        help: .init(
            "Exactly so many connections, or auto: as many as help. (default: auto)",
            valueName: "n"
        ),
        transform: ArgumentValue.connections
    )
    var connections: Int??

    @Option(
        help: .init(
            "Most connections to one origin that auto may use. (default: \(defaults.maximumConnections))",
            valueName: "n"
        ),
        transform: ArgumentValue.maximumConnections
    )
    var maxConnections: Int?

    @Option(
        help: .init(
            "Most bytes per second, of all files together, such as 500K or 2M. (default: no limit)",
            valueName: "rate"
        ),
        transform: ArgumentValue.rate
    )
    var limitRate: Int64?

    @Option(
        help: .init(
            "Longest time to establish a connection. (default: \(seconds(defaults.connectTimeout)))",
            valueName: "seconds"
        ),
        transform: ArgumentValue.timeout
    )
    var connectTimeout: Duration?

    @Option(
        help: .init(
            "A connection without a byte for so long is replaced. There is no limit for the whole download. "
                + "(default: \(seconds(defaults.stallTimeout)))",
            valueName: "seconds"
        ),
        transform: ArgumentValue.timeout
    )
    var stallTimeout: Duration?

    @Option(
        help: .init(
            "Failures in a row without progress before giving up. (default: \(defaults.retries))",
            valueName: "n"
        ),
        transform: ArgumentValue.count
    )
    var retries: Int?

    @Option(
        help: .init(
            "Wait after the first failure; doubles with each further one. (default: \(seconds(defaults.retryWait)))",
            valueName: "seconds"
        ),
        transform: ArgumentValue.seconds
    )
    var retryWait: Duration?

    /// The options that the flags ask for.
    var options: TransferOptions {
        var options = Self.defaults
        options.connections = connections ?? options.connections
        options.maximumConnections = maxConnections ?? options.maximumConnections
        options.connectTimeout = connectTimeout ?? options.connectTimeout
        options.stallTimeout = stallTimeout ?? options.stallTimeout
        options.retries = retries ?? options.retries
        options.retryWait = retryWait ?? options.retryWait
        return options
    }

    private static func seconds(_ time: Duration) -> String {
        let seconds = Units.seconds(time)
        return seconds == seconds.rounded() ? String(Int64(seconds)) : String(seconds)
    }
}
