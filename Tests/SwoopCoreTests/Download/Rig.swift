// SPDX-License-Identifier: Apache-2.0

import SwoopCore

private let mib: Int64 = 1 << 20

/// A machine with its last commands, driven by hand.
struct Rig {
    var machine: DownloadMachine
    var last: [DownloadCommand] = []
    var now: Duration = .zero

    init(
        _ url: String = "https://origin.test/dir/file.bin",
        name: String? = "file.bin",
        _ adjust: (inout TransferOptions) -> Void = { _ in }
    )
        throws
    {
        var options = TransferOptions()
        options.connections = 4
        adjust(&options)
        machine = DownloadMachine(url: try HTTPURL.parse(url), explicitName: name, options: options)
    }

    @discardableResult
    mutating func send(_ event: DownloadEvent, after delay: Duration = .milliseconds(10)) -> [DownloadCommand] {
        now += delay
        last = machine.handle(event, now: now)
        return last
    }

    /// Everything up to flowing bytes: a fresh partial, a 206 for the probe.
    mutating func run(length: Int64, tag: String = "\"a\"") {
        send(.start)
        send(.prepared(.fresh))
        send(.head(ExchangeID(0), Self.part(0, length, of: length, tag: tag)))
        send(.begun)
    }

    static func part(_ lower: Int64, _ upper: Int64, of length: Int64, tag: String = "\"a\"") -> ResponseHead {
        let fields = [("ETag", tag), ("Content-Range", "bytes \(lower)-\(upper - 1)/\(length)")]
        return ResponseHead(status: 206, fields: HeaderFields(fields))
    }

    var opened: [(id: ExchangeID, request: ExchangeRequest)] {
        last.compactMap { if case .open(let id, let request) = $0 { (id, request) } else { nil } }
    }
    var failure: TransferFailure? {
        last.compactMap { if case .fail(let failure) = $0 { failure } else { nil } }.first
    }
    var wakes: [Duration] { last.compactMap { if case .wake(let at) = $0 { at } else { nil } } }
}
