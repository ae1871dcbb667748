// SPDX-License-Identifier: Apache-2.0

import Glibc
import SwoopIO
import Testing

@Suite("SignalWatcher")
struct SignalWatcherTests {
    @Test("loses no signal, not even one that comes at once", .timeLimit(.minutes(1)))
    func atOnce() async {
        let watcher = SignalWatcher(secondExitsWith: 5)
        kill(getpid(), SIGTERM)
        var seen: [Int32] = []
        for await number in watcher.stops {
            seen.append(number)
            break
        }
        #expect(seen == [SIGTERM])
    }
}
