// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// One line of NDJSON: an event's name, then its fields in order.
enum JSONObject {
    static func line(event: String, _ fields: [(String, JSONValue)]) -> String {
        JSONValue.line([("event", .string(event))] + fields)
    }
}
