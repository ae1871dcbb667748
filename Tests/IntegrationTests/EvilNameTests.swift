// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swoop
import SwoopCore
import SwoopTestKit
import Testing

@testable import SwoopChaos

@Suite("Names that the origin gives", .takingTurns, .timeLimit(.minutes(10)))
struct EvilNameTests {
    /// A field with such bytes is no proper HTTP (RFC 9110 section 5.5): a parser may refuse the whole response.
    private static let mayBeRefused: Set<EvilName> = [.nul, .control, .escape]

    @Test("stay in the directory and are safe to use", .timeLimit(.minutes(10)), arguments: EvilName.allCases)
    func evilName(_ name: EvilName) async throws {
        try await Download.with(.evilName, "5000.bin", query: "case=\(name.rawValue)") { download in
            let inner = "\(download.directory)/downloads"
            let request = TransferRequest(download.url, to: .directory(inner), options: download.options)
            let result: TransferResult
            do throws(TransferError) {
                result = try await TransferClient.download(request)
            } catch {
                #expect(Self.mayBeRefused.contains(name) && error.code == .invalidResponse, "\(error)")
                #expect((try? TestFiles.names(in: inner)) ?? [] == [])
                return
            }
            #expect(try download.names() == ["downloads"])
            let names = try TestFiles.names(in: inner)
            let only = try #require(names.first)
            #expect(names.count == 1)
            #expect(result.path == "\(inner)/\(only)")
            expectSafe(only)
            let content = try #require(download.server.content("5000.bin"))
            #expect(try Download.isSame("\(inner)/\(only)", content))
        }
    }

    private func expectSafe(_ name: String) {
        #expect(!name.hasPrefix(".") && !name.hasPrefix("-") && !name.hasPrefix("~"), "\(name)")
        #expect(!name.contains { "/\\\0".contains($0) }, "\(name)")
        #expect(name.utf8.count <= 255 - ".part.journal".utf8.count, "\(name)")
        #expect(name.trimmingCharacters(in: .whitespaces) == name && !name.hasSuffix("."), "\(name)")
        #expect(name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "\(name)")
        #expect(name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .format }, "\(name)")
    }
}
