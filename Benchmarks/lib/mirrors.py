# SPDX-License-Identifier: Apache-2.0
"""The mirrors table: three origins of different speeds, of which one may lie and one may die half-way."""

import os
import shutil
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from chaos import ChaosOrigin
from ground import MIB, skipped
from meter import Disturbance, RunFailed
from origin import make_file
from say import say, warn
from scenarios import Outcome, Verdict
from tools import PEER, SWOOP, Contestant

SPEEDS = (10, 6, 4)  # MiB/s over all connections; the first is the URL given, the others are mirrors
LIAR, DYING = 1, 2
SIZE, ROUNDS, TITLE = 100, 3, "Mirrors: three origins of 10, 6 and 4 MiB/s"


@dataclass(frozen=True)
class Setting:
    name: str
    lies: bool
    dies: bool
    options: tuple = ()

    def ideal(self, size):
        """Seconds at the sum of the honest origins' speeds, and when the dying one is ended."""
        speeds = [speed for number, speed in enumerate(SPEEDS) if not (self.lies and number == LIAR)]
        whole = size / (sum(speeds) * MIB)
        if not self.dies:
            return whole, None
        return whole / 2 + size / 2 / ((sum(speeds) - SPEEDS[DYING]) * MIB), whole / 2


SETTINGS = [
    Setting("all sound", False, False),
    Setting("one has other bytes of the same length", True, False),
    Setting("the same, with --checksum", True, False, ("--checksum", "sha-256:$SHA256")),
    Setting("one dies half-way", False, True),
    Setting("one has other bytes, one dies half-way", True, True),
]


class Trio:
    """The three origins of one run."""

    def __init__(self, origins):
        self.origins = origins

    def values(self, tls=False, throttled=False):
        return {name: origin.values()["URL"] for name, origin in zip(("URL", "MIRROR1", "MIRROR2"), self.origins)}

    def settle(self):
        pass


def mirrors(ground, options):
    if "swoop --mirror" in ground.bench.absent:
        why = ground.bench.absent["swoop --mirror"]
        warn(f"mirrors is skipped: {why}")
        return {"mirrors": skipped(TITLE, why, [_verdict(None)])}
    size = (SIZE // 5 if options.quick else SIZE) * MIB
    data, name, digest = ground.file(size)
    false = os.path.join(ground.bench.build, "data", "false")
    make_file(false, size, name)
    shutil.copystat(os.path.join(data, name), os.path.join(false, name))  # nothing but the bytes gives it away
    disturbance, lines, samples, shares = Disturbance(lambda: []), [], {}, []
    for setting in SETTINGS:
        for contestant in _everyone(setting):
            ideal, at = setting.ideal(size)
            walls, why = [], ""
            for _ in range(min(options.rounds, ROUNDS)):
                try:
                    walls.append(_run(ground, setting, contestant, size, name, digest, (data, false), at))
                except RunFailed as problem:
                    why = str(problem)
                    break
            share = None if why else ideal / median(walls)
            shares += [share] if contestant.kind == SWOOP else []
            shown = why or f"{median(walls):.2f}"
            say(f"  {setting.name}: {contestant.label}: {shown}, ideal {ideal:.2f} s")
            lines.append([setting.name, contestant.label, f"{ideal:.2f}", shown, f"{share:.2f}" if share else "",
                          "exact" if share else ""])
            samples[f"{setting.name}: {contestant.label}"] = {"walls": walls, "ideal": ideal, "failed": why}
    notes = ["Each origin is a `swoop chaos` of its own, with that speed over all its connections. The second has "
             "other bytes where the setting says so, and the third is killed after half of the ideal time.",
             "Ideal: the length at the sum of the speeds of the origins that are honest and alive.",
             *disturbance.notes()]
    columns = ["setting", "tool", "ideal s", "wall s", "share of the sum", "bytes"]
    commands = {one.label: one.shown() for one in _everyone(SETTINGS[0])}
    verdict = _verdict(None if None in shares else min(shares))
    return {"mirrors": Outcome(TITLE, columns, lines, [verdict], commands, notes, samples, f"{size // MIB} MiB")}


def _verdict(figure):
    return Verdict("goodput of the sum of speeds, worst setting", figure, 0.9, at_least=True)


def _everyone(setting):
    return [Contestant("swoop", "swoop --mirror", SWOOP,
                       ["$SWOOP", "get", "--json", *setting.options, "--mirror", "$MIRROR1", "--mirror", "$MIRROR2",
                        "-o", "$OUT", "$URL"]),
            Contestant("aria2 -x16", "aria2", PEER,
                       ["aria2c", "--no-conf", "-q", "-x16", "-s16", "-k1M", "--file-allocation=falloc", "-d", "$DIR",
                        "-o", "$NAME", "$URL", "$MIRROR1", "$MIRROR2"])]


def _run(ground, setting, contestant, size, name, digest, folders, at):
    """Seconds of one run, whose bytes are compared."""
    if contestant.tool in ground.bench.absent:
        raise RunFailed(f"absent: {ground.bench.absent[contestant.tool]}")
    with ExitStack() as stack:
        origins = []
        for number, speed in enumerate(SPEEDS):
            data = folders[1] if setting.lies and number == LIAR else folders[0]
            origin = stack.enter_context(ChaosOrigin(ground.bench.swoop, data))
            origins.append(origin.serve("throttled", f"rate=0&total={speed}M", name))
        track = ground.track(Trio(origins), size, digest, 60)
        with _killed(origins[DYING].process, at):
            return track.run(contestant, check_digest=True).wall


@contextmanager
def _killed(process, at):
    """Ends that origin `at` seconds from now, without a farewell."""
    timer = threading.Timer(at, process.kill) if at else None
    if timer:
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()
            timer.join()
