// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwoopTestKit
import Testing

/// Everything here starts programs: one test at a time, so that two cores serve both ends of a download.
@Suite("Programs", .takingTurns, .serialized)
enum ProgramTests {}

extension Trait where Self == ConditionTrait {
    /// The tests need the distribution's servers.
    static var realServers: Self { .enabled(if: RealServer.areExpected, "run scripts/install-test-servers first") }
}

extension RealServer {
    /// Files that a download under that name left beside it.
    func leftovers(of name: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasPrefix(name + ".") }
    }
}
