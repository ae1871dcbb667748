// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@testable import SwoopCLI

@Suite("Exit status")
struct ExitStatusTests {
    private static let table: [TransferFailure.Code: Int32] = [
        .badURL: 2, .unknownHost: 4, .connectFailed: 4, .connectTimeout: 4, .connectionLost: 4, .stalled: 4,
        .tlsRefused: 3, .proxyRefused: 3, .status: 3, .invalidResponse: 3, .redirectRefused: 3, .unsupportedScheme: 3,
        .tooLarge: 3, .changed: 6, .digestMismatch: 6, .diskFull: 7, .permissionDenied: 7, .targetExists: 7,
        .badTarget: 7, .locked: 7,
        .foreignPartial: 7, .inputOutput: 7, .readerGone: 5, .cancelled: 5, .bug: 1,
    ]

    @Test("is what the contract says for every failure", arguments: TransferFailure.Code.allCases)
    func codes(code: TransferFailure.Code) {
        #expect(SwoopCLI.ExitStatus(TransferFailure(code, "")).rawValue == Self.table[code])
    }

    @Test(
        "of an error status depends on whether asking again may help",
        arguments: [
            (400, 3), (401, 3), (403, 3), (404, 3), (410, 3), (451, 3), (408, 4), (425, 4), (429, 4), (500, 4),
            (502, 4),
            (503, 4), (504, 4), (599, 4), (300, 3), (600, 3),
        ] as [(Int, Int32)]
    )
    func statuses(status: Int, exit: Int32) {
        #expect(SwoopCLI.ExitStatus(TransferFailure(.status, "", status: status)).rawValue == exit)
    }

    @Test(
        "of several downloads is the worst one's",
        arguments: [
            ([], 0), ([0], 0), ([0, 5, 0], 5), ([5, 4], 4), ([4, 3], 3), ([3, 7], 7), ([7, 6], 6), ([6, 1], 1),
            ([0, 5, 4, 3, 7, 6, 1], 1),
        ] as [([Int32], Int32)]
    )
    func worst(all: [Int32], worst: Int32) {
        #expect(SwoopCLI.ExitStatus.worst(all.compactMap(SwoopCLI.ExitStatus.init(rawValue:))).rawValue == worst)
    }

    @Test("is explained in the help for every value")
    func help() {
        for status in SwoopCLI.ExitStatus.allCases {
            #expect(SwoopCLI.ExitStatus.help.contains("\n  \(status.rawValue)  "))
        }
    }
}
