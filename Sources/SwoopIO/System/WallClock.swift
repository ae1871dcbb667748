// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The time of day. What measures takes its time from a clock that nobody sets instead.
public enum WallClock {
    /// Seconds since 1970, UTC.
    public static var seconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}
