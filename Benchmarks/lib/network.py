# SPDX-License-Identifier: Apache-2.0
"""P6, P7, P8: a throttle for each connection, a long lossy path, one connection that crawls."""

import tools
from chaos import ChaosOrigin
from ground import MIB, outcome, skipped
from origin import Site
from race import race
from say import warn
from scenarios import Verdict, find, ratio
from tools import EXTRA, told
from wan import FarSite, Path, Wan, unavailable

CRAWL = 16  # one request in so many
AFAR = Path(rtt_ms=50, loss=0.001)
PEERS = [*tools.aria2s(16), tools.axel(), tools.curl()]
AUTO, KNOWING, WIDE = "swoop", "swoop, second time", "swoop --max-connections 64"


def p6(ground, options):
    """2 MiB/s for each connection and 10 MiB/s in all; then the same throttle by nginx, without a total."""
    size = (20 if options.quick else 100) * MIB
    data, name, digest = ground.file(size)
    ideal = size / (10 * MIB)
    everyone = [told(), told(KNOWING, kind=EXTRA, remembers=True), *PEERS]
    with ChaosOrigin(ground.bench.swoop, data) as origin:
        track = ground.track(origin.serve("throttled", "rate=2M&total=10M", name), size, digest, 30 + size / MIB)
        rows, failed, quiet = race(track, everyone, options.rounds, thrifty=True)
    swoop = find(rows, AUTO)
    first = outcome("P6: 2 MiB/s for each connection, 10 MiB/s in all", size, rows, failed, quiet, [
        Verdict("goodput of the ideal", ideal / swoop.wall if swoop else None, 0.9, at_least=True)], ideal)
    first.notes.append(f"Ideal: {ideal:g} s, the length at 10 MiB/s. Served by `swoop chaos`.")
    return {"P6": first, "P6-nginx": _limit_rate(ground, options, size, data, name, digest)}


def _limit_rate(ground, options, size, data, name, digest):
    with Site(ground.folder(), data, "location / { root $DATA; limit_rate 2m; }") as site:
        site.path = f"/{name}"
        track = ground.track(site, size, digest, 30 + size / MIB)
        rows, failed, quiet = race(track, [told(), *PEERS], options.rounds, thrifty=True)
    swoop, peer = find(rows, AUTO), find(rows, "aria2 -x16")
    result = outcome("P6, second line: nginx, limit_rate 2m and no total", size, rows, failed, quiet, [
        Verdict("wall against aria2 -x16", ratio(swoop, peer, "wall"), 1.0)], peer.wall if peer else None, "aria2 -x16")
    result.notes.append("For comparison only: without a total every further connection pays, and nginx counts its "
                        "limit anew for each request, in whole seconds, so that the first 2 MiB of each come at once.")
    return result


def p7(ground, options):
    """50 ms, 400 Mbit/s, 0.1 % loss, cubic."""
    title, size = f"P7: long lossy path ({AFAR.shown()}, cubic)", (50 if options.quick else 200) * MIB
    why = unavailable(ground.bench, "cubic")
    if why:
        warn(f"P7 is skipped: {why}")
        return {"P7": skipped(title, why, _p7_verdicts([], None))}
    data, name, digest = ground.file(size)
    line = size / AFAR.bytes_per_second
    wide = told(WIDE, "--max-connections", "64", tool="swoop --max-connections", kind=EXTRA)
    everyone = [told(), wide, told(KNOWING, kind=EXTRA, remembers=True), *tools.aria2s(16, 8, 4), tools.axel(),
                tools.curl()]
    with Wan(ground.bench.program("wanlink"), AFAR) as wan, FarSite(ground.folder(), data, wan) as site:
        wan.use("cubic")
        site.path = f"/{name}"
        track = ground.track(site, size, digest, 60 if options.quick else 240, wan.client)
        rows, failed, quiet = race(track, everyone, options.rounds, thrifty=True)
    result = outcome(title, size, rows, failed, quiet, _p7_verdicts(rows, line), line, "line rate")
    result.notes += [f"Line rate: {line:.2f} s, without headers and round trips.",
                     "The kernel forgets what it knows of the path (`ip tcp_metrics flush`) before each run."]
    return {"P7": result}


def _p7_verdicts(rows, line):
    wide = find(rows, WIDE)
    return [Verdict("wall against aria2 -x16", ratio(find(rows, AUTO), find(rows, "aria2 -x16"), "wall"), 0.8),
            Verdict("--max-connections 64 against the line rate", wide.wall / line if wide else None, 1.5)]


def p8(ground, options):
    """One request in 16 crawls."""
    size, rate = (20 if options.quick else 100) * MIB, 20 * MIB
    title, what = f"P8: one request in {CRAWL} crawls at 1/20 of the rate", "wall against the ideal"
    if "slow-one" not in ground.bench.scenarios:
        why = "this swoop's chaos origin has no slow-one"
        warn(f"P8 is skipped: {why}")
        return {"P8": skipped(title, why, [Verdict(what, None, 1.15)])}
    data, name, digest = ground.file(size)
    ideal = size / rate
    with ChaosOrigin(ground.bench.swoop, data) as origin:
        track = ground.track(origin.serve("slow-one", f"n={CRAWL}&rate=2M&total=20M", name), size, digest)
        rows, failed, quiet = race(track, [told(), told("swoop -c 16", "-c", "16", kind=EXTRA), *PEERS],
                                   options.rounds, thrifty=True)
    swoop = find(rows, AUTO)
    result = outcome(title, size, rows, failed, quiet,
                     [Verdict(what, swoop.wall / ideal if swoop else None, 1.15)], ideal)
    result.notes.append(f"2 MiB/s for each connection, 20 MiB/s in all. Ideal: {ideal:g} s, the length at 20 MiB/s.")
    return {"P8": result}
