# SPDX-License-Identifier: Apache-2.0
"""`swoop chaos` as the origin under test, in a process of its own, serving real files."""

import itertools
import os
import select
import signal
import subprocess

from origin import NAME, Seen
from say import Trouble


class ChaosOrigin:
    """The misbehaving origin for the length of a `with` block.

    Its state (counters, limits) is kept for each query, so every run gets a query of its own and meets a fresh start.
    It logs nothing: what was asked of it is known from the client only.
    """

    def __init__(self, swoop, data):
        self.swoop, self.data = swoop, data
        self.target, self.runs = "plain", itertools.count(1)
        self.name = NAME

    def __enter__(self):
        self.process = subprocess.Popen([self.swoop, "chaos", "--root", self.data], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        line = self.process.stdout.readline().decode().strip() if ready else "nothing in 10 s"
        if not line.startswith("http://"):
            self.__exit__()
            raise Trouble(f"swoop chaos did not start: {line}")
        self.base = line
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except BaseException as problem:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            if not isinstance(problem, subprocess.TimeoutExpired):
                raise
        self.process.stdout.close()

    def serve(self, scenario, query="", name=NAME):
        """What `$URL` is from now on."""
        self.target, self.query, self.name = scenario, query, name
        return self

    def values(self, tls=False, throttled=False):
        query = "&".join(part for part in (self.query, f"run={next(self.runs)}") if part)
        return {"URL": f"{self.base}/{self.target}/{self.name}?{query}"}

    def settle(self):
        pass

    def pids(self):
        return [self.process.pid]

    def mark(self):
        return None

    def seen_since(self, mark):
        return Seen()
