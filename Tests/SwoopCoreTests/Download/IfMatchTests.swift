// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

private let mib: Int64 = 1 << 20

@Suite("If-Match, at object stores")
struct IfMatchTests {
    private func head(_ range: ByteRange, tag: String = "\"a\"") -> ResponseHead {
        var head = Rig.part(range.lower, range.upper, of: 100 * mib, tag: tag)
        head.fields.add("x-amz-request-id", "1")
        return head
    }

    /// A transfer whose first response came from an object store.
    private func rig(tag: String = "\"a\"") throws -> Rig {
        var rig = try Rig()
        rig.send(.start)
        rig.send(.prepared(.fresh))
        rig.send(.head(ExchangeID(0), head(ByteRange(0, 100 * mib), tag: tag)))
        rig.send(.begun)
        return rig
    }

    @Test("takes the place of If-Range, so that a change costs no body")
    func matches() throws {
        let rig = try rig()
        #expect(rig.opened.map(\.request.ifMatch) == Array(repeating: "\"a\"", count: 3))
        #expect(rig.opened.allSatisfy { $0.request.ifRange == nil })
    }

    @Test("is not sent elsewhere, nor with a tag that is weak")
    func elsewhere() throws {
        var plain = try Rig()
        plain.run(length: 100 * mib)
        let weak = try rig(tag: "W/\"a\"")
        #expect((plain.opened + weak.opened).allSatisfy { $0.request.ifMatch == nil })
    }

    @Test("a 412 is looked into: the same range is asked for with If-Range, whose answer decides")
    func refused() throws {
        var rig = try rig()
        let asked = try #require(rig.opened.first)
        rig.send(.head(asked.id, ResponseHead(status: 412)))
        let again = try #require(rig.opened.first)
        let range = try #require(asked.request.range)
        #expect(again.request.range == range && again.request.ifMatch == nil && again.request.ifRange == "\"a\"")
        var unchanged = rig
        unchanged.send(.head(again.id, head(range)))
        #expect(unchanged.last.contains { if case .accept(again.id, _, _) = $0 { true } else { false } })
        rig.send(.head(again.id, ResponseHead(status: 200, fields: HeaderFields([("ETag", "\"b\"")]))))
        #expect(rig.last.contains { if case .note(.restarting) = $0 { true } else { false } })
    }
}
