# SPDX-License-Identifier: Apache-2.0
"""The tools of the race: how each is called, and what it is called in the results.

Commands are lists of arguments with `$NAMES` in them. The runner puts the real values in; the results print them as
they stand here, so that no path or port of the machine gets into a result.
"""

import re
import shlex
from dataclasses import dataclass, field

SWOOP, PEER, REFERENCE, EXTRA = "swoop", "peer", "reference", "extra"


@dataclass
class Contestant:
    label: str
    tool: str  # what must be installed: a key of `setup.Bench.absent`
    kind: str  # only PEER counts as a peer; EXTRA is shown for comparison
    command: list
    environment: dict = field(default_factory=dict)
    tls: bool = False
    remembers: bool = False  # what it learnt of the origin in the rehearsal is there in the rounds

    def filled(self, values):
        """The command and the environment with the real values in them."""
        def fill(text):
            return re.sub(r"\$([A-Z0-9]+)", lambda name: values[name[1]], text)
        return [fill(part) for part in self.command], {key: fill(text) for key, text in self.environment.items()}

    def shown(self):
        """The command as the results print it: a line of shell."""
        settings = [f"{key}={text}" for key, text in self.environment.items()]
        return " ".join(settings + [_quoted(part) for part in self.command])


def _quoted(part):
    if re.fullmatch(r"[\w$@%+=:,./-]+", part):
        return part
    return f'"{part}"' if "$" in part else shlex.quote(part)


def swoop(label="swoop", connections=None, checksum=False, tls=False, kind=SWOOP):
    command = ["$SWOOP", "get", "--quiet"]
    command += ["-c", str(connections)] if connections else []
    command += ["--checksum", "sha-256:$SHA256"] if checksum else []
    command += ["--cacert", "$CA"] if tls else []
    return Contestant(label, "swoop", kind, [*command, "-o", "$OUT", "$URL"], tls=tls)


def told(label="swoop", *options, tool="swoop", kind=SWOOP, remembers=False):
    """swoop with its events, from which the numbers of connections are read."""
    environment = {"XDG_CACHE_HOME": "$KEPT"} if remembers else {}
    command = ["$SWOOP", "get", "--json", *options, "-o", "$OUT", "$URL"]
    return Contestant(label, tool, kind, command, environment, remembers=remembers)


def aria2(label="aria2", connections=8, checksum=False, tls=False, kind=PEER):
    n = connections
    command = ["aria2c", "--no-conf", "-q", f"-x{n}", f"-s{n}", "-k1M", "--file-allocation=falloc"]
    command += ["--checksum=sha-256=$SHA256"] if checksum else []
    command += ["--check-certificate=true", "--ca-certificate=$CA"] if tls else []
    return Contestant(label, "aria2", kind, [*command, "-d", "$DIR", "-o", "$NAME", "$URL"], tls=tls)


def curl(label="curl", tls=False, kind=PEER):
    trust = ["--cacert", "$CA"] if tls else []
    return Contestant(label, "curl", kind, ["curl", "-q", "-sSf", *trust, "-o", "$OUT", "$URL"], tls=tls)


def axel(connections=16):
    n = str(connections)
    return Contestant(f"axel -n {n}", "axel", PEER, ["axel", "-q", "-n", n, "-o", "$OUT", "$URL"])


def aria2s(*counts):
    """aria2 with so many connections each."""
    return [aria2(f"aria2 -x{n}", connections=n) for n in counts]


def curl_and_sha256sum():
    script = "curl -q -sSf $URL | tee $OUT | sha256sum | grep -q $SHA256"
    return Contestant("curl, tee, sha256sum", "curl", EXTRA, ["sh", "-c", script])


def loop(label="bare libcurl loop (C)", connections=8, tls=False):
    trust = ["$CA"] if tls else []
    return Contestant(label, "multi", REFERENCE, ["$MULTI", "$URL", "$OUT", str(connections), *trust], tls=tls)


def threads():
    return Contestant("one thread a segment (Swift)", "threads", REFERENCE, ["$THREADS", "$URL", "$OUT", "8"])


def peers(tls=False):
    """Every peer, tuned as in the design's table of facts."""
    trusted = {"SSL_CERT_FILE": "$CA"} if tls else {}
    lftp = ("set ssl:ca-file $CA; " if tls else "") + "pget -n 8 $URL -o $OUT"

    def make(label, command, environment=None):
        return Contestant(label, label, PEER, command, environment or {}, tls)

    return [
        curl(tls=tls),
        aria2(tls=tls),
        make("axel", ["axel", "-q", "-n", "8", "-o", "$OUT", "$URL"], trusted),
        make("wget2", ["wget2", "--no-config", "-q", "--chunk-size=256M", *(["--ca-certificate=$CA"] if tls else []),
                       "-O", "$OUT", "$URL"]),
        make("lftp", ["lftp", "--norc", "-c", lftp]),
        make("rclone", ["rclone", "copyurl", *(["--ca-cert", "$CA"] if tls else []), "$URL", "$OUT"]),
        make("hf_transfer", ["$PYTHON", "$HF", "$URL", "$OUT"], trusted),
    ]
