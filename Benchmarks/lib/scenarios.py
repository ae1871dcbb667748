# SPDX-License-Identifier: Apache-2.0
"""The scenarios P1 to P5: who runs, what is shown, what the targets are."""

from dataclasses import asdict, dataclass, field
from operator import attrgetter

import tools
from race import SLOW, race

GIB = 1 << 30
MEASURES = {"wall": "wall", "cpu": "user+sys", "peak": "peak"}


@dataclass
class Verdict:
    """A figure against its target; the figure is None when it could not be taken."""

    what: str
    figure: float | None
    target: float
    unit: str = "x"
    at_least: bool = False  # the figure is to be as large as the target, not as small

    @property
    def met(self):
        if self.figure is None:
            return None
        return self.figure >= self.target if self.at_least else self.figure <= self.target


@dataclass
class Outcome:
    """A scenario as the report prints it and as results.json keeps it."""

    title: str
    columns: list
    lines: list
    verdicts: list
    commands: dict
    notes: list = field(default_factory=list)
    samples: dict = field(default_factory=dict)
    file: str = ""  # what was fetched, unless it was the suite's large file


def p1(track, options):
    rows, failed, quiet = race(track, [tools.swoop(), *tools.peers(), tools.loop(), tools.threads()], options.rounds)
    swoop, best, bare = find(rows, "swoop"), best_peer(rows, "wall"), find(rows, tools.loop().label)
    lean = best_peer(rows, "cpu")
    first = _outcome("P1: one file over HTTP on loopback", track, rows, failed, quiet, "wall", [
        Verdict(f"wall against the best peer ({label(best)})", ratio(swoop, best, "wall"), 0.9),
        Verdict("wall against the bare libcurl loop", ratio(swoop, bare, "wall"), 1.1),
    ])
    first.notes += _does_async_earn_its_keep(swoop, find(rows, tools.threads().label))
    fourth = _outcome("P4: processor time per GiB in P1's runs", track, rows, failed, quiet, "cpu", [
        Verdict(f"user+sys against the best peer ({label(lean)})", ratio(swoop, lean, "cpu"), 1.0),
    ])
    return {"P1": first, "P4": fourth}


def p2(track, options):
    everyone = [tools.swoop(tls=True), *tools.peers(tls=True), tools.loop(tls=True)]
    rows, failed, quiet = race(track, everyone, options.rounds)
    best = best_peer(rows, "wall")
    return {"P2": _outcome("P2: the same over TLS", track, rows, failed, quiet, "wall", [
        Verdict(f"wall against the best peer ({label(best)})", ratio(find(rows, "swoop"), best, "wall"), 0.8),
    ])}


def p3(track, options):
    plain = "swoop without a checksum (P1)"
    everyone = [tools.swoop(checksum=True), tools.swoop(plain, kind=tools.EXTRA), tools.aria2(checksum=True),
                tools.curl_and_sha256sum()]
    rows, failed, quiet = race(track, everyone, options.rounds)
    swoop = find(rows, "swoop")
    return {"P3": _outcome("P3: P1 with the SHA-256 given", track, rows, failed, quiet, "wall", [
        Verdict("wall against aria2 --checksum", ratio(swoop, find(rows, "aria2"), "wall"), 0.5),
        Verdict("wall against swoop without a checksum", ratio(swoop, find(rows, plain), "wall"), 1.25),
    ])}


def p5(track, options):
    secure = "swoop, TLS"
    everyone = [tools.swoop(connections=16), tools.swoop(secure, connections=16, tls=True),
                tools.aria2(connections=16), tools.aria2("aria2, TLS", connections=16, tls=True),
                tools.loop(connections=16), tools.loop("bare libcurl loop (C), TLS", connections=16, tls=True)]
    rows, failed, quiet = race(track, everyone, options.rounds)
    outcome = _outcome("P5: peak memory with 16 connections", track, rows, failed, quiet, "peak", [
        Verdict("largest peak over HTTP", _largest_peak(rows, "swoop"), 48, "MiB"),
        Verdict("largest peak over TLS", _largest_peak(rows, secure), 64, "MiB"),
    ])
    return {"P5": outcome}


def find(rows, wanted):
    return next((row for row in rows if row.label == wanted), None)


def best_peer(rows, measure):
    contenders = [row for row in rows if row.contestant.kind == tools.PEER]
    return min(contenders, key=lambda row: getattr(row, measure), default=None)


def label(row):
    return row.label if row else "none ran"


def ratio(row, other, measure):
    return getattr(row, measure) / getattr(other, measure) if row and other else None


def _largest_peak(rows, wanted):
    row = find(rows, wanted)
    return max(row.peaks) if row else None


def _outcome(title, track, rows, failed, quiet, measure, verdicts):
    columns = ["tool", "wall s", "from - to", "user+sys s per GiB", "peak MiB", "largest peak", "rounds", "requests",
               "connections", f"{MEASURES[measure]} / best peer's"]
    best = best_peer(rows, measure)
    lines = [_line(row, track, ratio(row, best, measure)) for row in sorted(rows, key=attrgetter(measure))]
    lines += [[name, why, *[""] * (len(columns) - 2)] for name, why in failed.items()]
    commands = {row.label: row.contestant.shown() for row in rows}
    return Outcome(title, columns, lines, verdicts, commands, _notes(rows, quiet),
                   {row.label: [asdict(sample) for sample in row.samples] for row in rows})


def _line(row, track, against):
    walls = [sample.wall for sample in row.samples]
    return [
        row.label, f"{row.wall:.2f}", f"{min(walls):.2f} - {max(walls):.2f}", f"{row.cpu * GIB / track.size:.2f}",
        f"{row.peak:.0f}", f"{max(row.peaks):.0f}", str(len(row.samples)), cell(row.seen.requests),
        cell(row.seen.connections), f"{against:.2f}" if against else "",
    ]


def cell(figure):
    return "" if figure is None else str(figure)


def _notes(rows, quiet):
    notes = list(quiet)
    if len({row.rounds for row in rows}) > 1:
        notes.append(f"Tools more than {SLOW} times slower than the fastest were run in fewer rounds.")
    ciphers = {}
    for row in rows:
        ciphers.setdefault(row.seen.cipher, []).append(row.label)
    notes += [f"{cipher}: {', '.join(names)}." for cipher, names in ciphers.items() if cipher]
    return notes


def _does_async_earn_its_keep(swoop, threads):
    """The blog post's open question, answered by the figures of this run."""
    if not swoop or not threads:
        missing = "swoop" if not swoop else "the threaded variant"
        return [f"Does async earn its keep? No answer in this run: {missing} did not run."]
    wall, cpu = swoop.wall / threads.wall, swoop.cpu / threads.cpu
    figures = (f"Does async earn its keep? swoop takes {wall:.2f} times the wall time and {cpu:.2f} times the "
               "processor time of one blocking thread for each segment, and "
               f"{swoop.peak:.0f} MiB against {threads.peak:.0f} MiB (swoop's figures include its journal and its "
               "publishing; the threads have neither). ")
    if wall <= 1.05 and cpu <= 1.05:
        return [figures + "So asynchrony costs nothing here."]
    if wall <= 1.05:
        return [figures + "So asynchrony costs processor time here, but no waiting."]
    return [figures + "So asynchrony is no gain in speed here: blocking threads move one file's bytes faster, and what "
            "async earns has to be elsewhere: in cancellation, in shortening a segment, in many downloads at a time."]
