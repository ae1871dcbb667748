# SPDX-License-Identifier: Apache-2.0
"""What the network scenarios share: places for files and tracks, and the table of a race against an ideal time."""

import os
import tempfile
from dataclasses import asdict, dataclass
from operator import attrgetter

from meter import Meter
from origin import make_file
from race import SLOW, Track
from report import size_text
from scenarios import Outcome, cell

MIB = 1 << 20


@dataclass
class Ground:
    """Where scenarios with an origin of their own are run."""

    bench: object
    scratch: str  # on the fast file system
    home: str  # for configurations and logs
    options: object

    def folder(self):
        return tempfile.mkdtemp(dir=self.home)

    def file(self, size):
        """A random file of that size: its folder, its name there, and its digest."""
        data, name = os.path.join(self.bench.build, "data"), f"{size_text(size).replace(' ', '')}.bin"
        return data, name, make_file(data, size, name)[1]

    def track(self, origin, size, digest, timeout=None, prefix=()):
        track = Track(self.bench, Meter(self.bench.program("measure"), self.folder(), prefix), origin,
                      os.path.join(self.scratch, "out"), size, digest, timeout)
        track.clear()
        return track


def outcome(title, size, rows, failed, notes, verdicts, ideal=None, ideal_is="ideal"):
    """The table of one race: fastest first, what did not run last."""
    columns = ["tool", "wall s", "from - to", f"wall / {ideal_is}", "peak MiB", "rounds", "requests", "connections",
               "most at a time", "settled at"]
    lines = [_line(row, ideal) for row in sorted(rows, key=attrgetter("wall"))]
    lines += [[name, why, *[""] * (len(columns) - 2)] for name, why in failed.items()]
    notes = list(notes)
    if len({row.rounds for row in rows}) > 1:
        notes.append(f"Tools more than {SLOW} times slower than the fastest were run in fewer rounds.")
    if any(row.most for row in rows):
        notes.append("Most at a time and settled at: connections that carried bytes, by the progress events of "
                     "`--json`; settled is the median over the later half.")
    return Outcome(title, columns, lines, verdicts, {row.label: row.contestant.shown() for row in rows}, notes,
                   {row.label: [asdict(sample) for sample in row.samples] for row in rows}, size_text(size))


def _line(row, ideal):
    walls = [sample.wall for sample in row.samples]
    return [row.label, f"{row.wall:.2f}", f"{min(walls):.2f} - {max(walls):.2f}",
            f"{row.wall / ideal:.2f}" if ideal else "", f"{row.peak:.0f}", str(len(row.samples)),
            cell(row.seen.requests), cell(row.seen.connections), cell(row.most), cell(row.settled)]


def skipped(title, why, verdicts):
    """The outcome of a scenario that cannot be run here: it says why."""
    return Outcome(title, ["tool", "why it did not run"], [["all", why]], verdicts, {}, [f"**Not run: {why}.**"],
                   file="nothing")
