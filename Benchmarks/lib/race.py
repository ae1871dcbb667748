# SPDX-License-Identifier: Apache-2.0
"""Interleaved rounds: in each round every tool runs once."""

import json
import os
import shutil
from dataclasses import dataclass, field
from statistics import median, median_low

from meter import Disturbance, RunFailed, TooLate
from origin import Seen, sha256
from say import say, warn
from tools import SWOOP

SLOW = 3  # a tool this many times slower than the fastest ...
SLOW_ROUNDS = 2  # ... is run in so many rounds only: it cannot be the best any more


@dataclass
class Row:
    """One tool's runs in one scenario."""

    contestant: object
    rounds: int
    seen: Seen
    samples: list = field(default_factory=list)

    @property
    def label(self):
        return self.contestant.label

    @property
    def wall(self):
        return median(sample.wall for sample in self.samples)

    @property
    def cpu(self):
        return median(sample.cpu for sample in self.samples)

    @property
    def peak(self):
        return median(self.peaks)

    @property
    def most(self):
        return max((sample.most for sample in self.samples if sample.most is not None), default=None)

    @property
    def settled(self):
        figures = [sample.settled for sample in self.samples if sample.settled is not None]
        return median_low(figures) if figures else None

    @property
    def peaks(self):
        return [sample.peak_kib / 1024 for sample in self.samples]


class Track:
    """Where races are run: the origin, the meter, the folder on the fast file system, and the file."""

    def __init__(self, bench, meter, origin, folder, size, digest, timeout=None):
        self.bench, self.meter, self.origin, self.folder = bench, meter, origin, folder
        self.size, self.digest = size, digest
        self.timeout = timeout or 60 + 60 * size / (1 << 30)
        self.out = os.path.join(folder, "out.bin")

    def values(self, tls=False, throttled=False):
        return {**self.bench.values(), **self.origin.values(tls, throttled), "OUT": self.out, "DIR": self.folder,
                "NAME": "out.bin", "SHA256": self.digest, "KEPT": os.path.join(self.meter.home, "kept")}

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)

    def run(self, contestant, check_digest=False):
        """One measured run, as if it were the first at this origin; its output is checked and deleted."""
        command, environment = contestant.filled({**self.values(contestant.tls), **self.sink(check_digest)})
        self.clear()
        shutil.rmtree(os.path.join(self.meter.home, ".cache"), ignore_errors=True)
        self.origin.settle()
        try:
            sample = self.meter.run(command, self.timeout, environment)
            if "--json" in command:
                sample.most, sample.settled = connections(self.meter.log)
            self.check(check_digest)
            return sample
        finally:
            self.clear()

    def sink(self, check_digest):
        """More values, which may depend on whether the bytes are wanted."""
        return {}

    def check(self, digest):
        if not os.path.exists(self.out):
            raise RunFailed("made no file")
        if os.path.getsize(self.out) != self.size:
            raise RunFailed(f"the file has {os.path.getsize(self.out)} bytes instead of {self.size}")
        if digest and sha256(self.out) != self.digest:
            raise RunFailed("the file has the wrong bytes")


def connections(log):
    """The most connections at a time, and the median over the later half, by the progress events of `--json`."""
    counts = []
    with open(log, "rb") as lines:
        for line in lines:
            if line.startswith(b'{"event":"progress"'):
                counts.append(json.loads(line)["connections"])
    counts = [count for count in counts if count > 0]
    return (max(counts), median_low(counts[len(counts) // 2:])) if counts else (None, None)


def race(track, contestants, rounds, thrifty=False):
    """The rows of all tools that work here, why the others do not, and notes on how quiet the machine was.

    Where a run takes long, `thrifty` counts the rehearsal as the first round, and lets a slow peer run only then.
    A tool that is to remember the rehearsal has a round less.
    """
    disturbance = Disturbance(track.origin.pids)
    rows, failed = _rehearse(track, contestants, rounds, thrifty)
    if not thrifty:
        disturbance = Disturbance(track.origin.pids)
    for number in range(1 if thrifty else 0, rounds):
        running = [row for row in rows if row.label not in failed and number < row.rounds]
        for row in _order(running, number):
            try:
                row.samples.append(track.run(row.contestant))
            except RunFailed as problem:
                _fail(track, failed, row.label, problem)
        say(f"  round {number + 1} of {rounds}: " + ", ".join(
            f"{row.label} {row.samples[-1].wall:.2f} s" for row in running if row.label not in failed))
    return [row for row in rows if row.label not in failed and row.samples], failed, disturbance.notes()


def _order(running, number):
    """Another tool begins each round and every other round goes backwards, so that neighbours change."""
    shift = number % len(running) if running else 0
    order = running[shift:] + running[:shift]
    return order[::-1] if number % 2 else order


def _rehearse(track, contestants, rounds, thrifty):
    """One run each, as a rule uncounted: its bytes are checked by digest, and the origin's log says how it fetched
    them."""
    rows, failed, walls = [], {}, {}
    for contestant in contestants:
        if contestant.tool in track.bench.absent:
            failed[contestant.label] = f"absent: {track.bench.absent[contestant.tool]}"
            continue
        mark = track.origin.mark()
        try:
            sample = track.run(contestant, check_digest=True)
            walls[contestant.label] = sample.wall
            rows.append(Row(contestant, rounds, track.origin.seen_since(mark),
                            [sample] if thrifty and not contestant.remembers else []))
        except RunFailed as problem:
            _fail(track, failed, contestant.label, problem)
            track.origin.seen_since(mark)
    if thrifty and rows:
        say("  round 1: " + ", ".join(f"{row.label} {walls[row.label]:.2f} s" for row in rows))
    for row in rows:
        ours = row.contestant.kind == SWOOP or row.contestant.remembers
        if walls[row.label] > SLOW * min(walls.values()) and not ours:
            row.rounds = 1 if thrifty else min(rounds, SLOW_ROUNDS)
    return rows, failed


def _fail(track, failed, label, problem):
    failed[label] = str(problem)
    warn(f"{label}: {problem}" + ("" if isinstance(problem, TooLate) else f"\n{track.meter.tail()}"))
