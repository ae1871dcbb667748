# SPDX-License-Identifier: Apache-2.0
"""The scenarios of the origin: how each is drawn, and what a download from it owes."""

import re
import subprocess

KIB, MIB = 1 << 10, 1 << 20
REDIRECTS = [301, 302, 303, 307, 308]
EVIL = ("traversal encoded-traversal absolute backslash drive nul control escape long dotfile dots blank device "
        "trailing stream bidi option unterminated twice").split()
# Names with bytes that no header field may have: it is honest to refuse them.
ILLEGAL = ("nul", "control", "escape")


class Scenario:
    """How one scenario is drawn.

    parameters  makes them from chance and the length of the file
    completes   a run that nobody interrupts has no excuse for not completing, with whatever parameters are drawn
    resumes     a run goes on with everything that the journal of the last one claims
    largest     length of a file, so that a run takes seconds
    validators  which ETag and Last-Modified may be switched off without two versions becoming indistinguishable
    """

    def __init__(self, parameters=lambda chance, length: {}, completes=False, resumes=False, largest=24 * MIB,
                 validators=("etag", "lastmod"), is_shaped=True, is_slow=False, takes_mirrors=False):
        self.parameters = parameters
        self.completes, self.resumes, self.largest, self.validators = completes, resumes, largest, validators
        # Whether a rate may be added, and whether many small segments would take minutes.
        self.is_shaped, self.is_slow, self.takes_mirrors = is_shaped, is_slow, takes_mirrors


def part_of(chance, length):
    return chance.randint(0, length)


def every(lowest):
    return lambda chance, length: {"n": chance.randint(lowest, 5)}


def wrong_place(chance, length):
    return {"n": chance.randint(1, 4), "bytes": chance.choice([1, 8, 4096, chance.randint(1, 100_000)])}


def share(chance, length, most):
    """A length that cuts the file into at most `most` pieces."""
    return max(16 * KIB, int(length / chance.uniform(0.5, most)))


def cut(lowest):
    """Every n-th response ends somewhere, or at an offset that is always the same."""
    def draw(chance, length):
        values = {"n": chance.randint(lowest, 5)}
        if chance.random() < 0.3:
            values["after"] = part_of(chance, length)
        return values
    return draw


def change(may_grow):
    def draw(chance, length):
        values = {}
        if chance.random() < 0.6:
            values["bytes"] = part_of(chance, length)
        if may_grow:
            values["delta"] = chance.choice([0, 0, 1, 1000, -1, -(length // 2), 100_000])
        return values
    return draw


def growth(chance, length):
    values = change(False)(chance, length)
    values["delta"] = chance.choice([1, 1000, 100_000, -1, -(length // 3)])
    return values


def status(chance, length):
    return {"status": chance.choice(REDIRECTS)} if chance.random() < 0.5 else {}


def kind(*kinds):
    return lambda chance, length: {"kind": chance.choice(kinds)}


def first_range(chance, length):
    return {"bytes": chance.choice([4 * MIB, 4 * MIB, MIB, part_of(chance, length)])}


def death(chance, length):
    values = {"kind": chance.choice(["reset", "refuse"])}
    if chance.random() < 0.6:
        values["bytes"] = part_of(chance, length)
    return values


def rate_for(chance, length):
    """Bytes per second with which one connection needs some seconds at most, and mostly long enough to be hit."""
    return max(64 * KIB, int(length / chance.uniform(0.3, 5)))


def throttle(chance, length):
    rate = rate_for(chance, length)
    return {"rate": rate, "total": int(rate * chance.uniform(1, 6))}


PLAIN = Scenario(completes=True, resumes=True, takes_mirrors=True)

TABLE = {
    "plain": PLAIN,
    "throttled": Scenario(throttle, completes=True, resumes=True, largest=64 * MIB, is_shaped=False,
                          takes_mirrors=True),
    "slow-one": Scenario(lambda chance, length: {"n": chance.randint(2, 16), "rate": chance.randint(1, 4) * MIB},
                         completes=True, resumes=True, largest=2 * MIB, is_shaped=False, is_slow=True),
    "latency": Scenario(lambda chance, length: {"ttfb": "%dms" % chance.randint(10, 150)}, resumes=True, is_slow=True),
    "no-range": Scenario(completes=True, takes_mirrors=True),
    "lying-accept-ranges": Scenario(completes=True),
    "no-length": Scenario(completes=True),
    "no-length-truncated": Scenario(
        lambda chance, length: {"n": chance.randint(1, 3)}
        | ({"bytes": part_of(chance, length)} if chance.random() < 0.5 else {})),
    "short-body": Scenario(lambda chance, length: {"bytes": share(chance, length, 12)}, completes=True, resumes=True,
                           takes_mirrors=True),
    "long-body": Scenario(lambda chance, length: {"bytes": chance.choice([1, 1000, chance.randint(1, 1_000_000)])}),
    "reset": Scenario(cut(2), completes=True, resumes=True, takes_mirrors=True),
    "stall": Scenario(cut(2), completes=True, largest=6 * MIB, is_slow=True, takes_mirrors=True),
    "drip": Scenario(cut(2), largest=12 * MIB, is_slow=True),
    "head-refused": Scenario(completes=True, resumes=True),
    "get-once": Scenario(takes_mirrors=True),
    "clipped-range": Scenario(lambda chance, length: {"bytes": share(chance, length, 32)}, completes=True,
                              resumes=True),
    "wrong-start": Scenario(wrong_place),
    "wrong-total": Scenario(lambda chance, length: {"n": chance.randint(1, 4), "delta": chance.randint(1, 100_000)}),
    "no-content-range": Scenario(),
    "chunked-206": Scenario(wrong_place),
    "multipart": Scenario(),
    "status-416": Scenario(lambda chance, length: {"delta": chance.choice([0, 1, -1, 100_000])}),
    "empty": Scenario(kind("416", "200"), completes=True),
    "one-byte": Scenario(completes=True),
    "exact-segment": Scenario(first_range, completes=True),
    "segment-plus-one": Scenario(first_range, completes=True),
    "gzip-anyway": Scenario(),
    "changes-midway": Scenario(change(True), validators=("etag",)),
    "changes-on-resume": Scenario(
        lambda chance, length: {"n": chance.randint(1, 2), "delta": chance.choice([0, 1, 1000])}, validators=("etag",)),
    # Both versions have the same date, so that only the tag tells them apart.
    "changes-same-length": Scenario(change(False), validators=()),
    "rotating-etag": Scenario(lambda chance, length: {"n": chance.choice([2, 3, 1_000_000])}, completes=True,
                              validators=()),
    "weak-etag": Scenario(completes=True, validators=()),
    "if-range-ignored": Scenario(completes=True, resumes=True),
    "grows": Scenario(growth),
    "redirects": Scenario(lambda chance, length: {"hops": chance.randint(0, 25)} | status(chance, length)),
    "redirect-loop": Scenario(status),
    "redirect-expiring": Scenario(
        lambda chance, length: {"ttl": "%dms" % chance.randint(200, 2000)} | status(chance, length)),
    "redirect-other-origin": Scenario(status, completes=True),
    "too-many": Scenario(lambda chance, length: {"n": chance.randint(1, 6)}
                         | kind("503", "429", "403", "refuse", "reset")(chance, length)),
    "retry-after": Scenario(
        lambda chance, length: {"first": chance.randint(0, 4), "n": chance.randint(1, 3),
                                "seconds": chance.randint(0, 2), "form": chance.choice(["seconds", "date"])}),
    "flaky": Scenario(lambda chance, length: {"p": round(chance.uniform(0.05, 0.5), 2), "stall": chance.randint(0, 1)},
                      largest=6 * MIB, is_slow=True, takes_mirrors=True),
    # Without a tag or a date nothing tells the page from the file.
    "error-page": Scenario(every(2), validators=()),
    "bad-digest": Scenario(kind("all", "repr", "digest", "amz")),
    "good-digest": Scenario(kind("all", "repr", "digest", "amz"), completes=True, resumes=True),
    "evil-name": Scenario(lambda chance, length: {"case": chance.choice(EVIL)}, completes=True),
    "header-bomb": Scenario(is_shaped=False),
    "slow-headers": Scenario(is_shaped=False),
    "mirrored": Scenario(lambda chance, length: {"digest": chance.randint(0, 1)}),
    "metalink": Scenario(
        lambda chance, length: {"piece": chance.choice([0, 64 * KIB, MIB, chance.randint(4096, 4 * MIB)])}),
    "other-bytes": Scenario(lambda chance, length: {"from": chance.choice([0, part_of(chance, length)])},
                            completes=True),
    "dies": Scenario(death, takes_mirrors=True),
}


def names(swoop):
    """The scenarios that this swoop has."""
    listing = subprocess.run([swoop, "chaos", "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [word for word in re.findall(r"^([a-z0-9-]+)$", listing, re.MULTILINE)]
