// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// The system's own words for its error numbers.
enum SystemText {
    static func describe(_ errorNumber: Int32) -> String {
        let text = Errno(rawValue: errorNumber).description
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// Whether the number says that no connection could be made, as opposed to one that was lost.
    static func isConnectError(_ errorNumber: Int32) -> Bool {
        let known: [Errno] = [
            .connectionRefused, .networkUnreachable, .noRouteToHost, .hostIsDown, .addressNotAvailable,
        ]
        return known.contains(Errno(rawValue: errorNumber))
    }
}
