// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite struct MetalinkHostileTests {
    enum Version: CaseIterable {
        case four, three

        var document: String {
            self == .four ? MetalinkDocuments.complete : MetalinkDocuments.mirrorList
        }
    }

    @Test("a document cut off anywhere is refused", arguments: Version.allCases)
    func truncated(version: Version) {
        let bytes = Array(version.document.utf8)
        for end in bytes.indices {
            #expect(MetalinkRefusalTests.failure(Array(bytes[..<end])) != nil, "cut off after \(end) bytes")
        }
    }

    @Test(
        "a document with bytes changed, lost or repeated never traps, and stays in bounds",
        arguments: Version.allCases
    )
    func mutated(version: Version) {
        let bytes = Array(version.document.utf8)
        for seed in 0..<1_500 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            var changed = bytes
            for _ in 0...random.next() % 4 { Self.mutate(&changed, &random) }
            guard let metalink = try? Metalink.parse(changed) else { continue }
            for file in metalink.files {
                #expect(FileName.sanitise(file.name) == file.name)
                #expect(!file.name.unicodeScalars.contains { $0 == "/" || $0 == "\\" })
                #expect((file.size ?? 0) >= 0)
                #expect(file.pieces.map { pieces in file.size.map { pieces.fits(total: $0) } ?? true } ?? true)
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let index = Int(random.next() % UInt64(bytes.count))
        let length = min(bytes.count - index, 1 + Int(random.next() % 40))
        switch random.next() % 4 {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[index] = Array("<>&;/'\"=![]-? :\n0".utf8)[Int(random.next() % 17)]
        case 2: bytes.removeSubrange(index..<index + length)
        default: bytes.insert(contentsOf: bytes[index..<index + length], at: Int(random.next() % UInt64(bytes.count)))
        }
    }

    @Test(
        "noise never traps",
        arguments: ["", "<", "<metalink xmlns='urn:ietf:params:xml:ns:metalink'><file name='f'><url>"]
    )
    func noise(start: String) {
        for seed in 0..<500 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let noise = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(MetalinkRefusalTests.failure(Array(start.utf8) + noise) != nil)
        }
    }

    @Test("entities that multiply, files as entities and deep nesting are refused")
    func bombs() {
        func reason(_ document: String) -> MetalinkError.Reason? { MetalinkRefusalTests.reason(document) }
        func malformed(_ fault: XMLError.Fault) -> MetalinkError.Reason {
            .malformed(fault.text)
        }
        let entities = "<!DOCTYPE m [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'><!ENTITY c '&b;&b;'>]>"
        #expect(reason(entities + MetalinkDocuments.file("<size>&c;</size>")) == malformed(.doctype))
        let external = "<!DOCTYPE m [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        #expect(reason(external + MetalinkDocuments.file("<identity>&f;</identity>")) == malformed(.doctype))
        #expect(reason(MetalinkDocuments.file("<identity>&f;</identity>")) == malformed(.reference))
        #expect(reason(MetalinkDocuments.file(String(repeating: "<x>", count: 100_000))) == malformed(.tooDeep))
    }
}
