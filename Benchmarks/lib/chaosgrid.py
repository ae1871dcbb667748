# SPDX-License-Identifier: Apache-2.0
"""The chaos table: swoop against a misbehaving origin, at several settings, its time against the ideal."""

import re
from dataclasses import asdict, dataclass
from statistics import median

from chaos import ChaosOrigin
from ground import MIB
from meter import Disturbance, RunFailed
from say import say, warn
from scenarios import Outcome, Verdict, cell
from tools import SWOOP, Contestant

ROUNDS = 3
NEAR, WHY_NEAR = 1.25, "wall against the ideal, worst setting"
LIMIT = 120
ASKED = re.compile(rb": > connection \d+: ")
ANSWERED = re.compile(rb": < connection \d+: [23]\d\d\b")
RETRY = b'{"event":"retry"'


@dataclass(frozen=True)
class Setting:
    scenario: str
    query: str
    mib: int
    ideal: float  # seconds


@dataclass
class Run:
    wall: float
    requests: int
    unserved: int
    retries: int
    most: int | None


def settings():
    """Each with a length that needs some seconds at the rate that the origin allows."""
    table = [Setting("throttled", f"rate={rate}&total={total}M", mib, mib / total)
             for rate, total, mib in (("256K", 2, 10), ("1M", 4, 20), ("2M", 10, 50), ("10M", 10, 50))]
    table += [Setting("slow-one", f"n={n}&rate=2M&total=20M", 100, 5) for n in (4, 16)]
    table += [Setting("latency", f"ttfb={ms}ms&total=10M", 50, 5 + ms / 1000) for ms in (50, 200, 1000)]
    table += [Setting("drip", f"n={n}&total=10M", 50, 5) for n in (4, 16)]
    table += [Setting("too-many", f"n={n}&kind=503&rate=4M", 16 * n, 4) for n in (1, 2, 4, 8)]
    table += [Setting("too-many", f"n=4&kind={kind}&rate=4M", 64, 4) for kind in ("429", "403", "refuse", "reset")]
    table += [Setting("retry-after", f"n={n}&seconds={seconds}{form}&total=10M", 20, n * seconds + 2)
              for n, seconds, form in ((1, 1, ""), (2, 2, ""), (1, 3, "&form=date"))]
    return table + [Setting("flaky", f"p={p}&total=10M", 50, 5) for p in ("0.02", "0.1")]


def chaos(ground, options):
    lines, samples, ratios = [], {}, {}
    rounds = 1 if options.quick else min(options.rounds, ROUNDS)
    for mib in sorted({one.mib for one in settings()}):
        ground.file(mib * MIB)
    with ChaosOrigin(ground.bench.swoop, ground.file(MIB)[0]) as origin:
        disturbance = Disturbance(origin.pids)
        for one in settings():
            name = f"{one.scenario}?{one.query}"
            if one.scenario not in ground.bench.scenarios:
                warn(f"{name} is skipped: this swoop's chaos origin has no {one.scenario}")
                lines.append([one.scenario, one.query, "not in this chaos origin", *[""] * 8])
                continue
            runs, why = _runs(ground, origin, one, rounds)
            samples[name] = {"runs": [asdict(run) for run in runs], "ideal": one.ideal, "failed": why}
            lines.append(_line(one, runs, why))
            ratios.setdefault(one.scenario, []).append(_wall(runs) / one.ideal if runs and not why else None)
            say(f"  {name}: " + (why or f"{_wall(runs):.2f} s, ideal {one.ideal:g} s"))
        quiet = disturbance.notes()
    verdicts = [Verdict(f"{scenario}: {WHY_NEAR}", None if None in found else max(found), NEAR)
                for scenario, found in ratios.items()]
    columns = ["scenario", "settings", "MiB", "ideal s", "wall s", "wall / ideal", "most at a time", "requests",
               "not served", "retries", "bytes"]
    return {"chaos": Outcome("Chaos: a misbehaving origin", columns, lines, verdicts, {"swoop": _swoop().shown()},
                             [f"{rounds} round(s) of each setting.", *_NOTES, *quiet], samples,
                             "a file for each setting")}


_NOTES = [
    "Walls are medians, the counts those of the worst round. Every run's output is compared by SHA-256, and every run "
    "meets the origin's counters afresh and remembers nothing.",
    "Ideal: the length at the rate that the origin allows in all, and the waiting that it asks for; no round trips.",
    "Not served: requests by `-v` without an answer 2xx or 3xx (turned away, broken off or given up before the head). "
    "Retries: events of `--json`.",
    f"A scenario's target is {NEAR:g} times the ideal in its worst setting: this suite's reading of \"near\".",
]


def _swoop():
    return Contestant("swoop", "swoop", SWOOP, ["$SWOOP", "get", "--json", "-v", "-o", "$OUT", "$URL"])


def _runs(ground, origin, one, rounds):
    """The runs of one setting, and why it failed if it did."""
    size = one.mib * MIB
    _, name, digest = ground.file(size)
    track = ground.track(origin.serve(one.scenario, one.query, name), size, digest, LIMIT)
    runs = []
    for _ in range(rounds):
        try:
            sample = track.run(_swoop(), check_digest=True)
        except RunFailed as problem:
            warn(f"{one.scenario}?{one.query}: {problem}\n{track.meter.tail()}")
            return runs, str(problem)
        with open(track.meter.log, "rb") as file:
            log = file.read()
        asked, answered = len(ASKED.findall(log)), len(ANSWERED.findall(log))
        runs.append(Run(sample.wall, asked, asked - answered, log.count(RETRY), sample.most))
    return runs, ""


def _wall(runs):
    return median(run.wall for run in runs)


def _line(one, runs, why):
    if why or not runs:
        return [one.scenario, one.query, str(one.mib), f"{one.ideal:g}", why, *[""] * 6]
    most = [run.most for run in runs if run.most is not None]
    return [one.scenario, one.query, str(one.mib), f"{one.ideal:g}", f"{_wall(runs):.2f}",
            f"{_wall(runs) / one.ideal:.2f}", cell(max(most, default=None)), str(max(run.requests for run in runs)),
            str(max(run.unserved for run in runs)), str(max(run.retries for run in runs)), "exact"]
