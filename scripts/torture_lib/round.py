# SPDX-License-Identifier: Apache-2.0
"""One round: one URL, downloaded over and over until it is there or honestly refused, and interrupted on the way."""

import math
import os
import random
import shlex
import shutil
import sys
import time
import traceback

from torture_lib import start as starts
from torture_lib.ask import Ask, pick
from torture_lib.disk import Disk
from torture_lib.judge import Complaint, Judge
from torture_lib.options import OLD, Options
from torture_lib.origin import contents

KIB, MIB = 1 << 10, 1 << 20
# Seconds after which nobody interrupts any more, and after which a round that goes on has hung.
LONGEST_TORMENT, LONGEST_ROUND = 30, 400
# Seconds after which a round is shown even if all was well.
NOTABLE = 60
# How often a refusal has to come again before it is final. What is temporary may pass.
REPEATED = {4: 3}
MOST_REFUSALS = 8


class Round:
    """All that chance decides comes from the seed and the number; how fast processes run does not."""

    def __init__(self, setup, number):
        self.setup, self.number = setup, number
        self.chance = random.Random("%d/%d" % (setup.seed, number))
        self.ask = Ask(self.chance, pick(self.chance, setup.scenarios), "%d-%d" % (setup.seed, number),
                       setup.origin.base)
        self.directory = os.path.join(setup.root, "round-%d" % number)
        self.out = os.path.join(self.directory, "out")
        self.log, self.disk, self.count = [], None, 0
        self.began = time.monotonic()

    def run(self):
        os.makedirs(self.out)
        try:
            verdict = self.download()
        except starts.Stopped:
            return
        except Complaint as complaint:
            verdict = complaint.kind
            self.report(complaint.kind, str(complaint))
        except Exception:  # A mistake of ours, or an origin that died: no reason to lose the other rounds.
            verdict = "wrong"
            self.report("wrong", "torture itself failed\n" + traceback.format_exc())
        finally:
            if self.disk:
                self.disk.close()
            shutil.rmtree(self.directory, ignore_errors=True)
        self.setup.tally.end(self.ask.scenario, verdict, self.age)
        if self.setup.is_verbose or self.age > NOTABLE:
            print("\n".join(self.log + ["%s after %.1f s" % (verdict, self.age)]))

    def download(self):
        """Returns exact or refused."""
        self.prepare()
        interruptions = self.chance.choice([0, 1, 1, 2, 2, 3, 4, 6, 9])
        refusals = []
        while not self.is_whole(interruptions > 0 and self.age < LONGEST_TORMENT):
            if self.age > LONGEST_ROUND:
                raise Complaint("hung", "the round does not end")
            interruptions -= 1
            if self.last_blows:
                continue
            refusals.append(self.status)
            last = refusals[-REPEATED.get(self.status, 2):]
            if len(last) >= REPEATED.get(self.status, 2) and len(set(last)) == 1 or len(refusals) >= MOST_REFUSALS:
                if self.options.completes:
                    raise Complaint("wrong", "exit %d, but it can be had: %s" % (self.status, self.errors[-500:]))
                return "refused"
        return "exact"

    @property
    def age(self):
        return time.monotonic() - self.began

    def prepare(self):
        known = contents(self.setup.origin, self.ask)
        self.options = Options(self.chance, self.ask, known)
        self.judge = Judge(self.ask, self.options, known, self.out, self.setup.tally)
        if self.setup.mounts and self.chance.random() < 0.3:
            self.disk = Disk(self.out, 2 * max(map(len, known)) + 4 * MIB)
        if self.options.has_old:
            with open(os.path.join(self.out, self.ask.name), "wb") as file:
                file.write(OLD)
        self.command = self.options.command(self.setup.swoop, self.out)
        self.log.append(shlex.join(self.command))

    def is_whole(self, is_struck):
        """One start; whether the file is there afterwards."""
        self.count += 1
        cramp, blows = self.draw_blows() if is_struck else (None, [])
        command, size = self.command, self.chance.randint(128 * KIB, max(256 * KIB, self.ask.length))
        if cramp == "limit":
            command = starts.limited(command, size)
        if cramp == "small":
            self.disk.shrink(self.chance.random())
        start = self.perform(command, blows)
        self.last_blows = start.blows + ([cramp] if cramp else [])
        self.setup.tally.start(self.last_blows)
        if self.disk:
            self.disk.free()
        self.status, self.errors = start.status, self.read("err")
        output = "" if self.options.is_stream else self.read("out")
        planned = [cramp] if cramp else ["%s at +%.3f" % (blow, pause) for pause, blow in blows]
        self.log.append("%.1f s: start %d: planned %s, struck %s: status %d" % (
            self.age, self.count, planned, start.blows, start.status))
        try:
            is_whole = self.judge.judge(start, cramp is not None, output, self.errors)
        finally:
            self.log[-1] += ", claimed %d, held %d" % (self.judge.claimed, self.judge.held)
        self.check_surroundings()
        return is_whole

    def perform(self, command, blows):
        target = os.path.join(self.out, self.ask.name) if self.options.is_stream else self.path("out")
        with open(target, "wb") as output, open(self.path("err"), "wb") as errors:
            start = starts.Start(command, output, errors, starts.environment(self.directory), self.setup.stopping,
                                 self.disk)
            start.run(blows)
        return start

    def draw_blows(self):
        """What happens to the disk before a start, and pauses with what strikes after them."""
        weights = {"kill": 40, "term": 12, "int": 8, "hup": 3, "twice": 3, "stop": 14, "limit": 4}
        if self.disk:
            weights |= {"small": 20, "fill": 25}
        kind = self.chance.choices(list(weights), list(weights.values()))[0]
        if kind in ("small", "limit"):
            return kind, []
        blows = [(math.exp(self.chance.uniform(math.log(0.005), math.log(2.5))), kind)]
        if kind == "stop":
            # How long it is stopped is part of the blow.
            blows = [(blows[0][0], "stop%.2f" % self.chance.uniform(0, 2))]
        if kind in ("stop", "fill") and self.chance.random() < 0.5:
            blows.append((self.chance.uniform(0, 1), self.chance.choice(["kill", "term"])))
        return None, blows

    def check_surroundings(self):
        """Nothing may be written beside the directory that swoop was told, whatever name the origin suggests."""
        strange = [name for name in os.listdir(self.directory) if not name.endswith((".out", ".err"))
                   and name not in ("out", "home")]
        strange += [name for name in os.listdir(self.setup.root) if not name.startswith("round-")]
        if strange:
            raise Complaint("wrong", "files where none should be: %s" % strange)

    def path(self, kind):
        return os.path.join(self.directory, "%d.%s" % (self.count, kind))

    def read(self, kind):
        with open(self.path(kind), encoding="utf-8", errors="replace") as file:
            return file.read()

    def report(self, kind, text):
        lines = ["%s in round %d (%s): %s" % (kind.upper(), self.number, self.ask.scenario, text)] + self.log
        lines.append("repeat: scripts/torture --seed %d --round %d%s" % (
            self.setup.seed, self.number, self.setup.filter))
        print("\n  ".join(lines), file=sys.stderr, flush=True)
        if self.setup.keep:
            self.keep("\n".join(lines))

    def keep(self, text):
        place = os.path.join(self.setup.keep, "round-%d" % self.number)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.directory, place)
        with open(os.path.join(place, "log"), "w", encoding="utf-8") as file:
            file.write(text + "\n")
