// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A line of `swoop --json`, as far as tests look at it.
struct SwoopEvent: Decodable, Sendable {
    let event: String
    let bytes: Int64?
    let length: Int64?
    let resumedBytes: Int64?
    let digest: String?
    let exit: Int32?

    private enum CodingKeys: String, CodingKey {
        case event, bytes, length, digest, exit
        case resumedBytes = "resumed_bytes"
    }

    init(_ line: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
    }

    /// The events in a whole output.
    static func all(_ output: String) throws -> [SwoopEvent] {
        try output.split(separator: "\n").map { try SwoopEvent(String($0)) }
    }
}
