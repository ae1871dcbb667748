# SPDX-License-Identifier: Apache-2.0
"""P9: many small files, to memory and to disk."""

import hashlib
import os
import shutil

from ground import outcome
from meter import Meter, RunFailed
from origin import Site
from race import Track, race
from report import file_system
from scenarios import Verdict, find, ratio
from tools import EXTRA, PEER, SWOOP, Contestant

COUNT, SIZE, JOBS = 2000, 16 << 10, 16
MORE = 3  # times the rounds, for runs are short


class ManyTrack(Track):
    """A track whose output is a folder with every file of the list."""

    def check(self, digest):
        names = sorted(os.listdir(self.folder))
        if len(names) != COUNT:
            raise RunFailed(f"made {len(names)} files instead of {COUNT}")
        if any(os.path.getsize(os.path.join(self.folder, name)) != SIZE for name in names):
            raise RunFailed("a file has the wrong length")
        if digest and _digest(self.folder) != self.digest:
            raise RunFailed("a file has the wrong bytes")


class ManySite(Site):
    """nginx over the folder of small files, with the lists that name them."""

    def __init__(self, home, data, out):
        super().__init__(home, data, "location / { root $DATA; }")
        self.out, self.waits = out, False

    def values(self, tls=False, throttled=False):
        urls = [f"{self.base()}/{name}" for name in sorted(os.listdir(self.data))]
        config = "".join(f'url = "{url}"\noutput = "{self.out}/{os.path.basename(url)}"\n' for url in urls)
        return {"LIST": self._written("list", "\n".join(urls) + "\n"), "CURLRC": self._written("curlrc", config)}

    def settle(self):
        if self.waits:
            os.sync()  # what the run before left unwritten is not this run's

    def _written(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w") as file:
            file.write(text)
        return path


def p9(ground, options):
    disk = os.path.join(ground.bench.build, "out")
    data = _make_files(os.path.join(ground.bench.build, "data", "small"))
    try:
        return {"P9": _p9(ground, options, data, ground.scratch, 1.5),
                "P9-disk": _p9(ground, options, data, disk, 2.0)}
    finally:
        shutil.rmtree(disk, ignore_errors=True)


def _p9(ground, options, data, where, target):
    folder = os.path.join(where, "many")
    os.makedirs(where, exist_ok=True)
    with ManySite(ground.folder(), data, folder) as site:
        site.waits = target > 1.5
        meter = Meter(ground.bench.program("measure"), ground.folder())
        track = ManyTrack(ground.bench, meter, site, folder, COUNT * SIZE, _digest(data), 60)
        track.clear()
        kind = file_system(folder)
        rows, failed, quiet = race(track, _everyone(), options.rounds * MORE)
    swoop, curl = find(rows, "swoop -j 16"), find(rows, "curl -Z")
    result = outcome(f"P9: {COUNT:,} files of 16 KiB, to {kind}", COUNT * SIZE, rows, failed, quiet, [
        Verdict(f"wall against curl -Z, to {kind}", ratio(swoop, curl, "wall"), target),
        Verdict(f"wall against aria2 -j16, to {kind}", ratio(swoop, find(rows, "aria2 -j16"), "wall"), 1.0),
    ], curl.wall if curl else None, "curl -Z")
    result.notes.append("Only swoop syncs what it has written before it reports it; sync(1) is called before each run "
                        "to disk.")
    return result


def _everyone():
    def swoop(label, kind, *jobs):
        return Contestant(label, "swoop -j" if jobs else "swoop -i", kind,
                          ["$SWOOP", "get", "--quiet", *jobs, "-d", "$DIR", "-i", "$LIST"])

    return [
        swoop("swoop -j 16", SWOOP, "-j", str(JOBS)), swoop("swoop", EXTRA),
        Contestant("curl -Z", "curl", PEER, ["curl", "-q", "-sSf", "-Z", "--parallel-max", str(JOBS), "-K", "$CURLRC"]),
        Contestant("aria2 -j16", "aria2", PEER, ["aria2c", "--no-conf", "-q", f"-j{JOBS}", "-d", "$DIR", "-i",
                                                 "$LIST"]),
        Contestant("wget2", "wget2", PEER, ["wget2", "--no-config", "-q", f"--max-threads={JOBS}", "-P", "$DIR", "-i",
                                            "$LIST"]),
    ]


def _make_files(folder):
    os.makedirs(folder, exist_ok=True)
    for number in range(COUNT):
        path = os.path.join(folder, f"{number:04}.bin")
        if not os.path.exists(path) or os.path.getsize(path) != SIZE:
            with open(path, "wb") as file:
                file.write(os.urandom(SIZE))
    return folder


def _digest(folder):
    """One digest of all files with their names."""
    digest = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            digest.update(name.encode() + b"\0" + file.read())
    return digest.hexdigest()
