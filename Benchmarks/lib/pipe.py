# SPDX-License-Identifier: Apache-2.0
"""P11: in order, through a pipe."""

from ground import outcome
from race import Track, race
from scenarios import Verdict, find, ratio
from tools import PEER, SWOOP, Contestant


class PipeTrack(Track):
    """Output goes through `cat`: to a file when the bytes are wanted, else to nowhere."""

    def sink(self, check_digest):
        return {"SINK": self.out if check_digest else "/dev/null"}

    def check(self, digest):
        if digest:
            super().check(digest)


def p11(track, options):
    def piped(label, tool, kind, command):
        return Contestant(label, tool, kind, ["bash", "-c", f"set -o pipefail; {command} | cat >$SINK"])

    pipe = PipeTrack(track.bench, track.meter, track.origin, track.folder, track.size, track.digest)
    everyone = [piped("swoop", "swoop -o -", SWOOP, "$SWOOP get --quiet -o - $URL"),
                piped("curl", "curl", PEER, "curl -q -sSf $URL"),
                piped("wget2", "wget2", PEER, "wget2 --no-config -q -O - $URL")]
    rows, failed, quiet = race(pipe, everyone, options.rounds)
    swoop, curl = find(rows, "swoop"), find(rows, "curl")
    result = outcome("P11: in order to standard output, | cat >/dev/null", track.size, rows, failed, quiet, [
        Verdict("wall against curl piped the same way", ratio(swoop, curl, "wall"), 1.0),
        Verdict("largest peak", max(swoop.peaks) if swoop else None, 128, "MiB"),
    ], curl.wall if curl else None, "curl")
    result.notes.append("The peak is that of the largest process of the pipeline, which is the downloader; `$SINK` is "
                        "/dev/null, and a file in the uncounted rehearsal, whose bytes are compared.")
    return {"P11": result}
