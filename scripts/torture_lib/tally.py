# SPDX-License-Identifier: Apache-2.0
"""Counts over all rounds, and how they are told."""

import threading
import time
from collections import Counter

BLOWS = [("kill", "kill -9"), ("term", "SIGTERM"), ("int", "SIGINT"), ("hup", "SIGHUP"), ("twice", "SIGINT twice"),
         ("stop", "SIGSTOP"), ("full", "disk full")]
# Blows that are the same to who counts them.
SAME = {"fill": "full", "small": "full", "limit": "full"}
FAILURES = ("wrong", "hung", "crashed")


class Tally:
    """May be used by several threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = Counter()
        self.verdicts = {}
        self.most_again = self.sum_again = self.resumptions = 0
        self.slowest = (0, "")
        self.began = time.monotonic()

    def start(self, blows):
        with self.lock:
            self.counts["starts"] += 1
            for blow in blows:
                blow = "stop" if blow.startswith("stop") else SAME.get(blow, blow)
                self.counts[blow] += 1

    def fetched_again(self, count):
        with self.lock:
            self.most_again = max(self.most_again, count)
            self.sum_again += max(0, count)
            self.resumptions += 1

    def end(self, scenario, verdict, seconds=0):
        with self.lock:
            self.slowest = max(self.slowest, (seconds, scenario))
            self.counts["rounds"] += 1
            self.counts[verdict] += 1
            self.verdicts.setdefault(scenario, Counter())[verdict] += 1

    @property
    def is_good(self):
        return self.counts["rounds"] > 0 and not any(self.counts[kind] for kind in FAILURES)

    @property
    def minutes(self):
        return (time.monotonic() - self.began) / 60

    def line(self):
        with self.lock:
            blows = ", ".join("%d %s" % (self.counts[key], name) for key, name in BLOWS)
            verdicts = ", ".join("%d %s" % (self.counts[key], key) for key in ("exact", "refused") + FAILURES)
            return "%.1f min: %d rounds, %d starts; %s; %s" % (
                self.minutes, self.counts["rounds"], self.counts["starts"], blows, verdicts)

    def summary(self, seed):
        """For docs/evidence.md."""
        with self.lock:
            refused = ["%s %d of %d" % (name, verdicts["refused"], sum(verdicts.values()))
                       for name, verdicts in sorted(self.verdicts.items()) if verdicts["refused"]]
            mean = self.sum_again / max(1, self.resumptions)
            again = "fetched again after an interruption: at most %.1f MiB, %.2f MiB on average of %d" % (
                self.most_again / 2**20, mean / 2**20, self.resumptions)
            seen = "%d scenarios; refused: %s; slowest round: %.0f s, %s" % (
                len(self.verdicts), ", ".join(refused) or "none", *self.slowest)
        return "\n".join([again, seen, "seed %d, %s" % (seed, self.line())])
