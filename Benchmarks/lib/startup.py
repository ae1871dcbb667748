# SPDX-License-Identifier: Apache-2.0
"""P10: how long the program takes to start, and how large it is."""

import os
import shutil
import subprocess
import tempfile
from statistics import median

from meter import Disturbance, RunFailed
from say import say, warn
from scenarios import Outcome, Verdict

COMMANDS = {"swoop": ["$SWOOP", "--version"], "curl": ["curl", "--version"], "aria2": ["aria2c", "--version"]}


def p10(track, options):
    programs = [tool for tool in COMMANDS if tool not in track.bench.absent]
    runs = {tool: [] for tool in programs}
    disturbance = Disturbance(track.origin.pids)
    for number in range(options.starts + 1):
        for tool in list(runs):
            try:
                sample = track.meter.run(_filled(track, tool), 20)
            except RunFailed as problem:
                warn(f"{tool} --version: {problem}")
                del runs[tool]
                continue
            if number > 0:  # the first round only warms the page cache
                runs[tool].append(sample)
    say(f"  {options.starts} starts each of {', '.join(runs)}")
    return {"P10": _outcome(track, runs, disturbance.notes(), options)}


def _filled(track, tool):
    return [track.bench.swoop if part == "$SWOOP" else part for part in COMMANDS[tool]]


def _outcome(track, runs, quiet, options):
    walls = {tool: median(sample.wall for sample in samples) for tool, samples in runs.items() if samples}
    lines = [[tool, f"{wall * 1000:.2f}", f"{min(s.wall for s in runs[tool]) * 1000:.2f}",
              f"{max(s.peak_kib for s in runs[tool]) / 1024:.1f}"] for tool, wall in walls.items()]
    notes = [f"{options.starts} interleaved starts each.", *quiet]
    start = walls["swoop"] / walls["curl"] if {"swoop", "curl"} <= walls.keys() else None
    size, how = _stripped_size(track.bench)
    if how:
        notes.append(how)
    lines += [["swoop", f"absent: {track.bench.absent['swoop']}", "", ""]] if "swoop" in track.bench.absent else []
    verdicts = [Verdict("swoop --version against curl --version", start, 3.0),
                Verdict("size of the stripped release binary", size, 30, "MB")]
    return Outcome("P10: start-up and size", ["program", "median ms", "fastest ms", "peak MiB"], lines, verdicts,
                   {tool: " ".join(COMMANDS[tool]) for tool in runs}, notes,
                   {tool: [sample.wall for sample in samples] for tool, samples in runs.items()})


def _stripped_size(bench):
    """Megabytes (10^6 bytes) of a stripped copy, and a note on how it is linked."""
    if "swoop" in bench.absent:
        return None, ""
    if not shutil.which("strip"):
        return None, "The size was not taken: strip is not installed."
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(bench.swoop, os.path.join(folder, "swoop"))
        if subprocess.run(["strip", copy], capture_output=True, timeout=60).returncode != 0:
            return None, "The size was not taken: strip refused the binary."
        size = os.path.getsize(copy) / 1e6
    needed = subprocess.run(["readelf", "-d", bench.swoop], capture_output=True, text=True, timeout=60).stdout
    dynamic = "libswiftCore" in needed
    return size, ("**The binary is linked dynamically to Swift's library: not the release build.**" if dynamic
                  else "Swift's library is linked statically into the binary.")
