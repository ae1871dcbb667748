# SPDX-License-Identifier: Apache-2.0
"""Runs one command and measures it; also tells how much of the machine others used meanwhile."""

import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass

TOLERABLE = 5  # per cent


class RunFailed(Exception):
    """The command ended badly or too late; the text is short and holds no path."""


class TooLate(RunFailed):
    """The command was ended at the time-out."""


@dataclass
class Sample:
    wall: float
    user: float
    system: float
    peak_kib: int
    most: int | None = None  # connections at a time, where the tool tells
    settled: int | None = None  # the same, in the later half of the transfer

    @property
    def cpu(self):
        return self.user + self.system


class Meter:
    """Runs commands through `measure.c`, in a clean environment, each with a time-out; `prefix` enters a namespace."""

    def __init__(self, launcher, home, prefix=()):
        self.launcher, self.home, self.prefix = launcher, home, list(prefix)
        self.log = os.path.join(home, "output.log")
        self.environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": home, "LC_ALL": "C.UTF-8"}

    def run(self, argv, timeout, extra=None):
        reader, writer = os.pipe()
        try:
            with open(self.log, "wb") as log:
                child = self._start(argv, {**self.environment, **(extra or {})}, writer, log)
            os.close(writer)
            writer = None
            self._wait(child, timeout)
            return self._sample(os.read(reader, 200).decode().split())
        finally:
            os.close(reader)
            if writer is not None:
                os.close(writer)

    def tail(self, lines=3):
        """The end of what the last command printed, for the person watching."""
        with open(self.log, "rb") as log:
            return b"\n".join(log.read()[-2000:].splitlines()[-lines:]).decode(errors="replace")

    def _start(self, argv, environment, writer, log):
        return subprocess.Popen(
            [*self.prefix, self.launcher, str(writer), *argv], env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, pass_fds=[writer], start_new_session=True,
        )

    def _wait(self, child, timeout):
        try:
            child.wait(timeout)
        except BaseException as problem:
            os.killpg(child.pid, signal.SIGKILL)  # its own session: the launcher and the command, nothing else
            child.wait()
            if isinstance(problem, subprocess.TimeoutExpired):
                raise TooLate(f"timed out after {timeout:.0f} s") from None
            raise

    def _sample(self, fields):
        if len(fields) != 5:
            raise RunFailed("could not be started")
        if fields[4] != "0":
            raise RunFailed(f"exit code {fields[4]}")
        return Sample(float(fields[0]), float(fields[1]), float(fields[2]), int(fields[3]))


class Disturbance:
    """How much of the machine's processor time went to programs that are not ours."""

    def __init__(self, servers):
        self.servers = servers  # gives the process ids of our own servers
        self.ticks = os.sysconf("SC_CLK_TCK")
        self.begin = self._busy(), self._ours(), time.monotonic()

    def notes(self):
        """What the results say about it."""
        share = self._percent()
        notes = [f"Other programs took {share:.0f} % of the machine's processor time while this was measured."]
        if share > TOLERABLE:
            notes.append("**The machine was not quiet: take these figures as a trial only.**")
        return notes

    def _percent(self):
        busy, ours, now = self._busy(), self._ours(), time.monotonic()
        capacity = (now - self.begin[2]) * (os.cpu_count() or 1)
        foreign = (busy - self.begin[0]) - (ours - self.begin[1])
        return max(0.0, 100 * foreign / capacity) if capacity > 0 else 0.0

    def _busy(self):
        with open("/proc/stat") as stat:
            user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
        return (user + nice + system + irq + softirq + steal) / self.ticks

    def _ours(self):
        total = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            total += usage.ru_utime + usage.ru_stime
        for pid in self.servers():
            if not os.path.exists(f"/proc/{pid}/stat"):
                continue
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / self.ticks
        return total
