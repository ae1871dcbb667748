# SPDX-License-Identifier: Apache-2.0
"""P13: what deciding costs, without a network: the planning machine alone, driven in virtual time."""

import os
import resource
import shutil
import subprocess
from statistics import median

from ground import skipped
from meter import Disturbance
from say import say, warn
from scenarios import Outcome, Verdict
from setup import quiet

SMALL, LARGE = 16 << 30, 1 << 40
TITLE = "P13: cost of planning, 64 MiB segments on 16 connections, an event for each MiB"
FLAT = 1.25


def p13(ground, options):
    program, why = _build(ground.bench)
    if why:
        warn(f"P13 is skipped: {why}")
        return {"P13": skipped(TITLE, why, _verdicts({}))}
    disturbance = Disturbance(lambda: [])
    large = LARGE >> 4 if options.quick else LARGE
    runs = {size: [] for size in (SMALL, large)}
    for _ in range(options.rounds):
        for size, found in runs.items():
            before = _used()
            done = subprocess.run([program, str(size)], capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                return {"P13": skipped(TITLE, done.stderr.strip() or f"exit code {done.returncode}", _verdicts({}))}
            found.append(dict(zip(("events", "mean", "early", "late", "largest"), map(float, done.stdout.split()))))
            found[-1]["cpu"] = 1e6 * (_used() - before) / found[-1]["events"]
        say("  " + ", ".join(f"{_text(size)} {found[-1]['mean']:.2f} us" for size, found in runs.items()))
    lines = [[_text(size), f"{found[0]['events']:,.0f}", f"{_mean(found, 'mean'):.2f}", f"{_mean(found, 'early'):.2f}",
              f"{_mean(found, 'late'):.2f}", f"{_mean(found, 'largest'):.0f}", f"{_mean(found, 'cpu'):.2f}",
              str(len(found))]
             for size, found in runs.items()]
    notes = ["Microseconds of `DownloadMachine.handle` by the monotonic clock, the clock's own cost included; "
             "early and late: means of the first and the last eighth of the events. Largest: one event, whatever "
             "interrupted it; user+sys: of the whole program, the driver included.",
             *disturbance.notes()]
    columns = ["length", "events", "us per event", "early", "late", "largest us", "user+sys", "rounds"]
    return {"P13": Outcome(TITLE, columns, lines, _verdicts(runs), {}, notes,
                           {_text(size): found for size, found in runs.items()}, " and ".join(map(_text, runs)))}


def _verdicts(runs):
    means = [_mean(found, "mean") for found in runs.values()]
    return [Verdict("machine time per event", means[-1] if means else None, 5, "us"),
            Verdict("the long file's against the short one's", means[-1] / means[0] if means else None, FLAT)]


def _mean(found, field):
    return median(one[field] for one in found)


def _used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _text(size):
    return f"{size >> 30:,} GiB"


def _build(bench):
    """The program, or why there is none."""
    if not shutil.which("swift"):
        return None, "no Swift compiler"
    package, scratch = os.path.join(bench.here, "planning"), os.path.join(bench.build, "planning")
    say("  building Benchmarks/planning")
    if not quiet(["swift", "build", "-c", "release", "--package-path", package, "--scratch-path", scratch]):
        return None, "Benchmarks/planning does not build"
    return os.path.join(scratch, "release", "planning"), None
