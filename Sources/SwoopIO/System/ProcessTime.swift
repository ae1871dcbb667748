// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What this process has cost so far.
public enum ProcessTime {
    /// Processor time in seconds, the kernel's work for this process included.
    public static var processorSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}

/// What the calling thread has cost so far.
public enum ThreadTime {
    /// Processor time, the kernel's work for this thread included.
    public static var used: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
