# SPDX-License-Identifier: Apache-2.0
"""One start of swoop, and the blows that it gets."""

import os
import signal
import subprocess
import time

SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT, "hup": signal.SIGHUP}
# How long a program that was asked to stop may take, and any run; what swoop does here takes seconds.
LONGEST_STOP = 15
LONGEST_RUN = 90


class Stopped(Exception):
    """The whole torture is to end."""


def is_deadly(pid, number):
    """Whether a signal would end the process by itself now: swoop has not yet taken care of it."""
    try:
        with open("/proc/%d/status" % pid, encoding="ascii") as file:
            lines = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except OSError:
        return True
    # Blocked does not count: a thread that makes another one blocks everything for a moment.
    masks = int(lines["SigIgn"], 16) | int(lines["SigCgt"], 16)
    return not masks >> (number - 1) & 1


class Start:
    """Runs swoop until it ends, or until a blow ends it."""

    def __init__(self, command, output, errors, environment, stopping, disk):
        self.stopping, self.disk = stopping, disk
        self.blows = []  # Those that struck.
        self.deadly = set()  # Signals that came before swoop could take care of them.
        self.status = None
        self.is_hung = False
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment,
                                      start_new_session=True)

    def run(self, blows):
        """Strikes after the given pauses, in seconds, and waits for the end."""
        try:
            for pause, blow in blows:
                if self.wait(pause) is not None:
                    break
                self.strike(blow)
            if self.wait(LONGEST_STOP if self.was_asked_to_stop else LONGEST_RUN) is None:
                self.is_hung = True
        finally:
            if self.child.poll() is None:
                self.child.kill()
            self.status = self.child.wait()

    @property
    def was_asked_to_stop(self):
        return any(blow in ("term", "int", "hup", "twice") for blow in self.blows)

    @property
    def was_killed(self):
        return "kill" in self.blows and self.status == -signal.SIGKILL

    @property
    def died_early(self):
        return self.status is not None and -self.status in self.deadly

    def wait(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            if self.stopping.is_set():
                raise Stopped
            left = deadline - time.monotonic()
            try:
                return self.child.wait(max(0, min(0.5, left)))
            except subprocess.TimeoutExpired:
                if left <= 0:
                    return None

    def strike(self, blow):
        self.blows.append(blow)
        if blow == "fill":
            self.disk.fill()
        elif blow == "twice":
            self.send(signal.SIGINT)
            self.send(signal.SIGINT)
        elif blow.startswith("stop"):
            self.child.send_signal(signal.SIGSTOP)
            self.wait(float(blow[4:]))
            self.child.send_signal(signal.SIGCONT)
        else:
            self.send(SIGNALS[blow])

    def send(self, number):
        if number != signal.SIGKILL and is_deadly(self.child.pid, number):
            self.deadly.add(int(number))
        self.child.send_signal(number)


def limited(command, size):
    """The same command where no file may be longer than about `size` bytes. The signal that says so is ignored, so that
    the failed call is what swoop sees."""
    return ["sh", "-c", 'trap "" XFSZ; ulimit -f "$0"; exec "$@"', str(max(1, size // 512))] + command


def environment(directory):
    """Nothing of the user's: no proxy, no memory of origins, no home."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    for key in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        kept[key] = os.path.join(directory, "home")
    return kept
