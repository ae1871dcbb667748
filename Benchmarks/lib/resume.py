# SPDX-License-Identifier: Apache-2.0
"""P12: a transfer killed at 60 % and started again.

The file is served with a rate limit for each connection, so that what the origin has sent and what the client has
received differ by little. The client is killed (SIGKILL) as soon as the kernel's count of the bytes it has written
(`wchar` in /proc/PID/io) reaches 60 % of the file; then the same command runs to the end. Two upper bounds are taken:

- on the wire: what nginx says it sent in both runs, less the file's length. It counts what was still in socket buffers,
  the probe, and whatever else had to be sent again.
- written: `wchar` of both runs, less the length. It counts the journal too.

The first new byte is taken to be there when the second run has written 64 KiB (`wchar`, polled every millisecond).
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass

import tools
from meter import Disturbance
from origin import sha256
from say import say, warn
from scenarios import Outcome, Verdict

CUT = 0.6
FIRST = 64 << 10
MIB = 1 << 20


@dataclass
class Resumed:
    cut_at: float  # share of the file written when it was killed
    wire_again: float  # MiB
    written_again: float  # MiB
    first_byte: float  # seconds
    rest: float  # seconds until the second run ended
    rehash: float  # seconds that hashing what was there takes here


class Broken(Exception):
    """A run of this scenario that gives no figure."""


def p12(track, options):
    hashed = "swoop, digest asked"
    entries = [
        (tools.swoop(connections=8), options.rounds),
        (tools.swoop(hashed, connections=8, checksum=True), options.rounds),
        (_more(tools.aria2(), "-c"), 1),
        (_more(tools.curl(), "-C", "-"), 1),
    ]
    disturbance = Disturbance(track.origin.pids)
    results, failed = {}, {}
    for contestant, rounds in entries:
        if contestant.tool in track.bench.absent:
            failed[contestant.label] = f"absent: {track.bench.absent[contestant.tool]}"
            continue
        try:
            results[contestant.label] = [_round(track, contestant) for _ in range(rounds)]
        except Broken as problem:
            failed[contestant.label] = str(problem)
            warn(f"P12: {contestant.label}: {problem}")
    return {"P12": _outcome(track, entries, results, failed, hashed, disturbance.notes())}


def _more(contestant, *options):
    contestant.command[2:2] = options  # behind curl's -q and aria2's --no-conf
    return contestant


def _round(track, contestant):
    track.clear()
    command, _ = contestant.filled(track.values(throttled=True))
    try:
        mark = track.origin.mark()
        before, _, _ = _follow(track, command, until=CUT * track.size)
        sent = track.origin.seen_since(mark).bytes
        begin = time.monotonic()
        _hash_what_is_there(track)
        rehash = time.monotonic() - begin
        mark = track.origin.mark()
        after, first, rest = _follow(track, command)
        sent += track.origin.seen_since(mark).bytes
        if not os.path.exists(track.out) or sha256(track.out) != track.digest:
            raise Broken("the resumed file has the wrong bytes")
    finally:
        track.clear()
    result = Resumed(before / track.size, (sent - track.size) / MIB, (before + after - track.size) / MIB, first, rest,
                     rehash)
    say(f"  {contestant.label}: cut at {result.cut_at:.0%}, {result.wire_again:.1f} MiB sent again, "
        f"first new byte after {result.first_byte:.2f} s")
    return result


def _follow(track, command, until=None):
    """Runs the command, to the end or until it has written `until` bytes; returns bytes written, seconds to the first
    64 KiB, and seconds in all."""
    begin = time.monotonic()
    with open(track.meter.log, "wb") as log:
        child = subprocess.Popen(command, env=track.meter.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 start_new_session=True)
    written, first = 0, None
    try:
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            written = _written(child.pid)
            if first is None and written >= FIRST:
                first = time.monotonic() - begin
            if until is not None and written >= until:
                break
            if time.monotonic() - begin > track.timeout:
                raise Broken(f"timed out after {track.timeout:.0f} s")
            time.sleep(0.001)
        else:
            if until is not None:
                raise Broken("it ended before it could be cut")
    finally:
        os.killpg(child.pid, signal.SIGKILL)  # its own session; not waited for yet, so the id is still its own
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        written = _written(child.pid)  # a zombie's counters are final
        code = child.wait()
    if until is None and code != 0:
        raise Broken(f"exit code {code} when resumed")
    return written, first or 0.0, time.monotonic() - begin


def _written(pid):
    with open(f"/proc/{pid}/io") as counters:
        return next(int(line.split()[1]) for line in counters if line.startswith("wchar:"))


def _worst(figures):
    return max(figures, default=None)


def _hash_what_is_there(track):
    """Hashes as many bytes as the killed run had written, from whichever file holds them."""
    largest = max((os.path.join(track.folder, name) for name in os.listdir(track.folder)), key=os.path.getsize)
    sha256(largest, int(CUT * track.size))


def _outcome(track, entries, results, failed, hashed, quiet):
    lines = [[label, str(len(runs)), f"{runs[0].cut_at:.0%}", f"{max(run.wire_again for run in runs):.1f}",
              f"{max(run.written_again for run in runs):.1f}", f"{max(run.first_byte for run in runs):.2f}",
              f"{max(run.rehash for run in runs):.2f}"] for label, runs in results.items()]
    lines += [[label, why, "", "", "", "", ""] for label, why in failed.items()]
    plain, digest = results.get("swoop", []), results.get(hashed, [])
    verdicts = [
        Verdict("most fetched again (on the wire)", _worst(run.wire_again for run in plain + digest), 16, "MiB"),
        Verdict("first new byte", _worst(run.first_byte for run in plain), 1, "s"),
        Verdict("first new byte beyond the re-hash time, digest asked",
                _worst(max(0.0, run.first_byte - run.rehash) for run in digest), 1, "s"),
    ]
    notes = [
        f"Served with {track.origin.rate / MIB:.0f} MiB/s for each connection; killed (SIGKILL) when /proc/PID/io "
        f"counted {CUT:.0%} of the file written; the same command run again. Each figure is the worst of its rounds.",
        "On the wire: bytes nginx sent in both runs less the length, so what lay in socket buffers counts as well. "
        "Written: bytes the program wrote in both runs less the length, so its journal counts as well.",
        f"The first new byte is there when the second run has written {FIRST >> 10} KiB. The re-hash time is what "
        f"hashing {CUT:.0%} of the file takes here.",
        *quiet,
    ]
    columns = ["tool", "rounds", "cut at", "sent again MiB", "written again MiB", "first new byte s", "re-hash s"]
    return Outcome("P12: resume after SIGKILL at 60 %", columns, lines, verdicts,
                   {one.label: one.shown() for one, _ in entries if one.label in results}, notes,
                   {label: [vars(run) for run in runs] for label, runs in results.items()})
