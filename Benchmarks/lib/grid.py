# SPDX-License-Identifier: Apache-2.0
"""The grid of long paths: congestion control x round-trip time x loss, every tool in every cell."""

import itertools
from dataclasses import dataclass
from math import sqrt
from statistics import median, median_low

import tools
from ground import MIB
from race import SLOW, race
from say import say, warn
from scenarios import Outcome, Verdict, cell
from tools import SWOOP, told
from wan import FarSite, Path, Wan, unavailable

CONTROLS, RTTS, LOSSES = ("cubic", "bbr"), (20, 50, 150), (0, 0.001, 0.01)
LIMIT, ROUNDS = 60, 3
SEGMENT = 1448  # payload bytes of a packet
WANTED = 3  # seconds that the fastest is to take, about
SINGLE = 4 * MIB  # the kernel's default limit for what one connection has in flight
LABELS = ["curl", "axel -n 16", "aria2 -x4", "aria2 -x8", "aria2 -x16", "swoop"]
FAST = "one connection nearly fills the path"


@dataclass(frozen=True)
class Cell:
    control: str
    rtt: int
    loss: float

    @property
    def name(self):
        return f"{self.control}-{self.rtt}-{100 * self.loss:g}"

    @property
    def path(self):
        return Path(self.rtt, self.loss)

    @property
    def single(self):
        """What one connection is expected to carry, bytes per second; only sizes and the estimate depend on it."""
        seconds = self.rtt / 1000
        if self.control == "cubic" and self.loss > 0:  # Mathis, Semke, Mahdavi, Ott 1997
            return min(self.path.bytes_per_second, 1.22 * SEGMENT / (seconds * sqrt(self.loss)))
        return min(self.path.bytes_per_second, SINGLE / seconds)

    def expected(self, size, connections):
        rate = min(self.path.bytes_per_second, connections * self.single)
        return size / rate + 8 * self.rtt / 1000

    def size(self, quick):
        rate = min(self.path.bytes_per_second, 32 * self.single)
        return round(min(max(WANTED * rate / MIB, 8), 200) / (8 if quick else 1)) * MIB or MIB


def all_cells():
    return [Cell(control, rtt, loss) for rtt, loss in itertools.product(RTTS, LOSSES) for control in CONTROLS]


def wan(ground, options):
    """One outcome; it is kept after each cell, so that nothing is lost when the run is ended."""
    why = unavailable(ground.bench)
    if why:
        warn(f"wan is skipped: {why}")
        return
    rounds = min(options.rounds, ROUNDS)
    taken = dict(options.kept.get("WAN", {}).get("samples", {}))
    cells = _chosen(options, taken)
    say(f"{len(cells)} cell(s), up to {rounds} rounds; at most some {_estimate(cells, rounds, options) / 60:.0f} min")
    for path, group in itertools.groupby(cells, key=lambda one: one.path):
        with Wan(ground.bench.program("wanlink"), path) as link:
            for one in group:
                say(f"\n{one.name}")
                why = unavailable(ground.bench, one.control)
                if why:
                    warn(f"{one.name} is skipped: {why}")
                    continue
                taken[one.name] = _take(ground, options, one, link, rounds)
                yield {"WAN": _outcome(taken)}


def _chosen(options, taken):
    cells, wanted = all_cells(), options.cells
    if wanted == ["missing"]:
        sizes = {name: kept["size"] for name, kept in taken.items()}
        return [one for one in cells if sizes.get(one.name) != one.size(options.quick)]
    return [one for one in cells if one.name in wanted] if wanted else cells


def _estimate(cells, rounds, options):
    total = 0.0
    for one in cells:
        size = one.size(options.quick)
        walls = [min(LIMIT, one.expected(size, count)) for count in (1, 16, 4, 8, 16, 32)]
        total += 4 + sum(walls) + (rounds - 1) * sum(wall for wall in walls if wall < SLOW * min(walls))
    return total


def _take(ground, options, one, link, rounds):
    size = one.size(options.quick)
    data, name, digest = ground.file(size)
    link.use(one.control)
    with FarSite(ground.folder(), data, link) as site:
        site.path = f"/{name}"
        track = ground.track(site, size, digest, LIMIT, link.client)
        everyone = [told(), tools.aria2("aria2 -x16", 16), tools.axel(), *tools.aria2s(8, 4), tools.curl()]
        rows, failed, quiet = race(track, everyone, rounds, thrifty=True)
    runs = {row.label: [vars(sample) for sample in row.samples] for row in rows}
    seen = {row.label: row.seen.connections for row in rows}
    return {"size": size, "line": size / one.path.bytes_per_second, "runs": runs, "failed": failed, "seen": seen,
            "quiet": quiet[0]}


def _outcome(taken):
    cells = [one for one in all_cells() if one.name in taken]
    columns = ["cell", "MiB", "line s", *LABELS, "swoop / best peer", "best peer", "swoop / curl", "most", "settled",
               "accepted"]
    lines = [_line(one, taken[one.name]) for one in cells]
    notes = [
        f"{Path(0, 0).mbit} Mbit/s and a queue of {Path(0, 0).queue_kib} KiB in every cell; cell: congestion control, "
        "round-trip time in ms, loss in % (server to client). Walls in seconds, medians of up to "
        f"{ROUNDS} rounds; a tool more than {SLOW} times slower than the fastest ran once, and no longer than {LIMIT} "
        "s.",
        "Most and settled: swoop's connections that carried bytes, by its progress events (settled: median over the "
        "later half). Accepted: connections that nginx saw of swoop in one run.",
        f"Each cell has a size of its own, so that the fastest tool takes some {WANTED} to 6 s; 32 connections by the "
        "formula of Mathis are what it is reckoned with.",
        *sorted({f"{one.name}: {taken[one.name]['quiet']}" for one in cells}),
    ]
    commands = {one.label: one.shown() for one in
                [tools.curl(), tools.axel(), *tools.aria2s(4, 8, 16), told(kind=SWOOP)]}
    return Outcome("The grid of long paths", columns, lines, _verdicts(cells, taken), commands, notes, taken,
                   "a file for each cell")


def _wall(kept, label):
    runs = kept["runs"].get(label)
    return median(run["wall"] for run in runs) if runs else None


def _best(kept):
    walls = {label: _wall(kept, label) for label in LABELS if label != "swoop"}
    return min(((wall, label) for label, wall in walls.items() if wall), default=(None, ""))


def _share(one, other):
    return f"{one / other:.2f}" if one and other else ""


def _line(one, kept):
    swoop, curl, (best, who) = _wall(kept, "swoop"), _wall(kept, "curl"), _best(kept)
    runs = kept["runs"].get("swoop", [])
    return [one.name, f"{kept['size'] / MIB:.0f}", f"{kept['line']:.1f}", *[_cell(kept, label) for label in LABELS],
            _share(swoop, best), who, _share(swoop, curl), cell(_most(runs)), cell(_settled(runs)),
            cell(kept["seen"].get("swoop"))]


def _cell(kept, label):
    wall, why = _wall(kept, label), kept["failed"].get(label, "")
    if wall is None and why.startswith("timed out"):
        return f"> {LIMIT}"
    return f"{wall:.2f}" if wall else why


def _most(runs):
    return max((run["most"] for run in runs if run["most"] is not None), default=None)


def _settled(runs):
    figures = [run["settled"] for run in runs if run["settled"] is not None]
    return median_low(figures) if figures else None


def _verdicts(cells, taken):
    """Against the best peer in the worst cell; and where one connection suffices, against curl and in connections."""
    against = [(_wall(taken[one.name], "swoop") / _best(taken[one.name])[0], one.name) for one in cells
               if _wall(taken[one.name], "swoop") and _best(taken[one.name])[0]]
    worst, where = max(against, default=(None, "none taken"))
    verdicts = [Verdict(f"worst cell against its best peer ({where})", worst, 1.1)]
    for one in cells:
        kept = taken[one.name]
        swoop, curl = _wall(kept, "swoop"), _wall(kept, "curl")
        if swoop and curl and curl <= 1.3 * kept["line"] + 8 * one.rtt / 1000:
            verdicts.append(Verdict(f"{one.name}, where {FAST}: against curl", swoop / curl, 1.05))
            settled = _settled(kept["runs"]["swoop"])
            verdicts.append(Verdict(f"{one.name}: connections at the end", settled, 2, ""))
    return verdicts
