# SPDX-License-Identifier: Apache-2.0
"""Prints the outcomes and keeps them: results.json is the record, results.md is made from it."""

import json
import os
import platform
import re
import subprocess
import time
from dataclasses import asdict

from say import say

INTRODUCTION = """\
Taken by `Benchmarks/run`; `Benchmarks/README.md` says what each scenario is. All figures are medians of interleaved
rounds on one machine: read them as ratios. In the commands `$OUT` is a file on the file system named below, `$DIR` and
`$NAME` its two parts, `$URL` the file on the suite's own nginx, `$CA` that nginx's certificate authority. `requests`
and `connections` are what nginx saw of one run."""


def describe_machine(bench, out, data, root):
    with open("/proc/cpuinfo") as cpu:
        model = next((line.split(":")[1].strip() for line in cpu if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": f"{model}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "output on": file_system(out),
        "file served from": f"{file_system(data)}, page cache warm",
        "server": "nginx, one worker, sendfile, the client's choice of cipher; on loopback unless a scenario says more",
        "swoop's sources": _revision(root),
        "tools": bench.versions(),
    }


def file_system(path):
    """The type of the file system that holds `path`."""
    best, kind = "", "unknown"
    with open("/proc/self/mounts") as mounts:
        for point, of_type in (line.split()[1:3] for line in mounts):
            inside = os.path.realpath(path).startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best):
                best, kind = point, of_type
    return kind


def _revision(root):
    def git(*arguments):
        command = ["git", "-C", root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30).stdout.strip()

    revision = git("rev-parse", "--short", "HEAD")
    if not revision or revision == "HEAD":
        return "not committed"
    return f"commit {revision}" + (" with changes" if git("status", "--porcelain", "--untracked-files=no") else "")


def entry(outcome, options):
    """An outcome as results.json keeps it."""
    kept = asdict(outcome)
    kept["verdicts"] = [{**asdict(verdict), "met": verdict.met} for verdict in outcome.verdicts]
    kept["taken"] = {"at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
                     "file": kept.pop("file") or size_text(options.size), "rounds": options.rounds}
    return kept


def keep(folder, machine, entries):
    """Writes both files. Scenarios taken earlier into the same folder stay unless they were taken again."""
    os.makedirs(folder, exist_ok=True)
    scenarios = {**kept(folder), **entries}
    scenarios = dict(sorted(scenarios.items(), key=_place))
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump({"machine": machine, "scenarios": scenarios}, file, indent=1)
        file.write("\n")
    with open(os.path.join(folder, "results.md"), "w") as file:
        file.write(_page(machine, scenarios))


def kept(folder):
    """The scenarios that a folder has already."""
    record = os.path.join(folder, "results.json")
    if not os.path.exists(record):
        return {}
    with open(record) as file:
        return json.load(file)["scenarios"]


def _place(item):
    """P6 before P6-nginx before P10; the grids, which are no P, last."""
    number = re.match(r"P(\d+)", item[0])
    return int(number[1]) if number else 1000, item[0]


def show(name, kept):
    say("\n".join(["", *_section(name, kept)]))


def size_text(size):
    return f"{size / (1 << 30):g} GiB" if size >= 1 << 30 else f"{size / (1 << 20):g} MiB"


def _page(machine, scenarios):
    lines = [f"# Benchmark results, {machine['date']}", "", INTRODUCTION, ""]
    lines += [f"- {what}: {text}" for what, text in machine.items() if what not in ("date", "tools")]
    lines += ["", "## Tools", "", *[f"- {_named(tool, text)}" for tool, text in machine["tools"].items()], ""]
    lines += ["## Targets", ""]
    lines += _table(["#", "what", "figure", "target", ""],
                    [[name, *_verdict(one)] for name, kept in scenarios.items() for one in kept["verdicts"]])
    for name, kept in scenarios.items():
        lines += ["", *_section(name, kept)]
        if kept["commands"]:
            lines += ["", "```sh", *[f"# {label}\n{command}" for label, command in kept["commands"].items()], "```"]
    return "\n".join(lines) + "\n"


def _named(tool, text):
    return text if tool.lower() in text.lower() else f"{tool} {text}"


def _section(name, kept):
    taken = kept["taken"]
    lines = [f"## {kept['title']}", "", f"{taken['at']}, {taken['file']}, {taken['rounds']} round(s)", ""]
    lines += _table(kept["columns"], kept["lines"])
    if kept["verdicts"]:
        verdicts = [_verdict(one) for one in kept["verdicts"]]
        lines += ["", *_table(["target of " + name, "figure", "target", ""], verdicts)]
    return lines + ["", *[f"- {note}" for note in kept["notes"]]]


def _verdict(one):
    digits = {"x": 2, "s": 2, "us": 2, "": 0}.get(one["unit"], 1)
    figure = "not taken" if one["figure"] is None else f"{one['figure']:.{digits}f} {one['unit']}"
    met = {True: "met", False: "**not met**", None: "open"}[one["met"]]
    bound = ">=" if one.get("at_least") else "<="  # results of earlier versions have no such field
    return [one["what"], figure, f"{bound} {one['target']:g} {one['unit']}", met]


def _table(columns, lines):
    rows = [columns, *lines]
    widths = [max(len(row[i]) for row in rows if i == 0 or not row[2:] or any(row[2:])) for i in range(len(columns))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths)] for row in rows]
    padded.insert(1, ["-" * width for width in widths])
    return ["| " + " | ".join(row) + " |" for row in padded]
