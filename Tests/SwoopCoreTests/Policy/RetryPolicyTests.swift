// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("RetryPolicy")
struct RetryPolicyTests {
    @Test(
        "tells transient statuses from permanent ones",
        arguments: [
            (408, RetryPolicy.Disposition.transient), (425, .transient), (429, .transientOrTooMany), (500, .transient),
            (502, .transient), (503, .transientOrTooMany), (504, .transient), (520, .transient), (599, .transient),
            (400, .permanent), (401, .permanent), (403, .permanentUnlessOthersSucceed), (404, .permanent),
            (410, .permanent), (501, .permanent), (505, .permanent), (204, .permanent), (0, .permanent),
        ]
    )
    func statuses(status: Int, expected: RetryPolicy.Disposition) {
        let failure = TransferFailure(.status, "status", status: status)
        #expect(RetryPolicy.disposition(of: failure) == expected)
    }

    @Test(
        "what the network does is transient; what the user, the disk or the certificate does is not",
        arguments: [
            (TransferFailure.Code.stalled, true), (.connectTimeout, true), (.connectionLost, true),
            (.unknownHost, true),
            (.connectFailed, true), (.tlsRefused, false), (.diskFull, false), (.digestMismatch, false),
            (.cancelled, false),
        ]
    )
    func codes(code: TransferFailure.Code, isTransient: Bool) {
        #expect(TransferFailure(code, "").isTransient == isTransient)
    }

    @Test(
        "back-off doubles up to half a minute, with jitter between a half and all of it",
        arguments: [
            (1, 0.0, Duration.milliseconds(500)), (1, 1.0, .seconds(1)), (2, 1.0, .seconds(2)), (3, 0.0, .seconds(2)),
            (6, 1.0, .seconds(30)), (1_000_000, 1.0, .seconds(30)), (0, 1.0, .seconds(1)),
        ]
    )
    func backOff(attempt: Int, random: Double, expected: Duration) {
        #expect(RetryPolicy.backOff(attempt: attempt, base: .seconds(1), random: random) == expected)
    }
}
