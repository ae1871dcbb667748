// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwoopCore

/// Every event in every state: none traps, breaks an invariant (`checkInvariants` runs after each), publishes what is not
/// complete, or keeps a transfer from being stopped.
@Suite("Every event in every state")
struct EveryEventTests {
    private static let states: [DownloadMachine.State] = [
        .idle, .looking, .probing, .preparing, .beginning, .running, .verifying, .publishing, .finished,
    ]

    private static let length: Int64 = 10

    /// A machine that has just come into a state.
    private func rig(in state: DownloadMachine.State) throws -> Rig {
        let digest = try #require(Digest.parse("md5:00112233445566778899aabbccddeeff"))
        let name = state == .preparing ? nil : "file.bin"
        var rig = try Rig(name: name) { $0.expectedDigest = state == .publishing || state == .finished ? nil : digest }
        var steps: [DownloadEvent] = [.start, .prepared(.fresh), .head(ExchangeID(0), head(named: name == nil))]
        if state == .running { steps[2] = .head(ExchangeID(0), Rig.part(0, 100 << 20, of: 100 << 20)) }
        steps += [.begun, .wrote(ExchangeID(0), upTo: Self.length), .published]
        for step in steps {
            if rig.machine.state == state { break }
            rig.send(step)
        }
        #expect(rig.machine.state == state)
        return rig
    }

    /// The head of the whole file; with a name that the user did not give.
    private func head(named: Bool) -> ResponseHead {
        var head = Rig.part(0, Self.length, of: Self.length)
        if named { head.fields.add("Content-Disposition", "attachment; filename=other.bin") }
        return head
    }

    /// One event of each kind at least; some of exchanges that there are, some of others.
    private static func events() throws -> [DownloadEvent] {
        let origin = try HTTPURL.parse("https://origin.test/").origin
        let lost = TransferFailure(.connectionLost, "lost")
        let mirror = try HTTPURL.parse("https://mirror.test/file.bin")
        let response = Rig.part(0, length, of: length)
        let known = (0..<2).map { ExchangeID($0) }
        let ofExchanges: [DownloadEvent] = (known + [ExchangeID(99)]).flatMap { id -> [DownloadEvent] in
            [
                .head(id, response), .head(id, ResponseHead(status: 503)), .head(id, ResponseHead(status: 416)),
                .wrote(id, upTo: 5), .wrote(id, upTo: 1 << 60), .wrote(id, upTo: -1), .closed(id, nil),
                .closed(id, lost), .sampled(id, [1, 2, 3]),
            ]
        }
        return ofExchanges + [
            .start, .prepared(.fresh), .prepared(.targetExists), .begun,
            .described(MirrorDescription(urls: [mirror])), .pieceVerified(0, true),
            .pieceVerified(99, false), .storeFailed(TransferFailure(.diskFull, "full")), .synced, .verified([]),
            .published, .consumed(upTo: 5), .consumed(upTo: -1), .wake, .cancel,
            .allowance(OriginAllowance(origin: origin, connections: 0)),
            .allowance(OriginAllowance(origin: origin, connections: 9, silence: .seconds(1))),
        ]
    }

    @Test("is answered, and the transfer can still be stopped", arguments: states)
    func answered(state: DownloadMachine.State) throws {
        for event in try Self.events() {
            var rig = try rig(in: state)
            let answer = rig.send(event)
            if state == .finished { #expect(answer.isEmpty, "\(event)") }
            let isComplete = rig.machine.done.count == Self.length && rig.machine.length == Self.length
            #expect(!publishes(answer) || isComplete, "\(event) in \(state)")
            for next in [.wake, .begun, .synced, .consumed(upTo: 7), .cancel] as [DownloadEvent] { rig.send(next) }
            #expect(rig.machine.state == .finished, "\(event) in \(state)")
            #expect(rig.send(event).isEmpty, "\(event) after the end")
        }
    }

    @Test("is answered after any other, too", arguments: states)
    func pairs(state: DownloadMachine.State) throws {
        let events = try Self.events()
        for first in events {
            for second in events {
                var rig = try rig(in: state)
                rig.send(first)
                rig.send(second)
                rig.send(.cancel)
                #expect(rig.machine.state == .finished, "\(first), \(second) in \(state)")
            }
        }
    }

    private func publishes(_ commands: [DownloadCommand]) -> Bool {
        commands.contains { if case .publish = $0 { true } else { false } }
    }
}
