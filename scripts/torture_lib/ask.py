# SPDX-License-Identifier: Apache-2.0
"""What to ask of the origin: a scenario, its parameters, a size and mirrors, drawn by chance."""

import math
import urllib.parse

from torture_lib.scenarios import ILLEGAL, KIB, MIB, PLAIN, TABLE, Scenario, rate_for

MIRRORS = ["plain", "plain", "throttled", "dies", "flaky", "short-body", "reset", "no-range", "wrong-start"]
# Mirrors with other bytes. Where the URL itself may be gone there is nothing left to hold them against.
LIARS = ["other-bytes", "changes-midway", "error-page"]


def pick(chance, among):
    """A scenario; more often one in which resuming can be judged exactly."""
    judged = [name for name in among if name in TABLE and TABLE[name].resumes]
    return chance.choice(judged if judged and chance.random() < 0.3 else among)


class Ask:
    """One URL, and what is known of it."""

    def __init__(self, chance, scenario, mark, base):
        self.scenario, self.base, self.mark = scenario, base, mark
        self.rules = TABLE.get(scenario) or Scenario(validators=())
        self.length = draw_length(chance, self.rules)
        self.name = name_of(chance, self.length)
        self.parameters = list(self.rules.parameters(chance, self.length).items())
        if self.rules.is_shaped:
            self.parameters += shape(chance, self.length)
        self.parameters += spoilt(chance, self.rules)
        self.resumes = self.rules.resumes and self.is_identified
        self.completes = self.rules.completes and not any(value in ILLEGAL for _, value in self.parameters)
        self.is_document = scenario == "metalink" and chance.random() < 0.5
        self.mirrors = []
        if self.rules.takes_mirrors and chance.random() < 0.25:
            self.mirrors = draw_mirrors(chance, self)
        elif scenario in ("mirrored", "metalink"):
            self.parameters += [("mirror", url) for url in draw_mirrors(chance, self)]
        if scenario == "mirrored" and chance.random() < 0.3:
            self.parameters.append(("describedby", self.link("metalink", self.name + ".meta4", [])))

    @property
    def is_identified(self):
        """Whether a later run can tell the version. A weak tag rules out If-Range, date or not (RFC 9110, 13.1.5)."""
        values = dict(self.parameters)
        return values.get("etag", "strong") == "strong" or values["etag"] == "none" and values.get("lastmod", 1) == 1

    @property
    def has_liars(self):
        """Whether other origins are asked, whose bytes may lie in a partial until they are found to be wrong."""
        return bool(self.mirrors) or self.scenario in ("mirrored", "metalink")

    @property
    def url(self):
        # The mark makes the origin keep what it remembers apart from what it remembers for other rounds.
        name = self.name + (".meta4" if self.is_document else "")
        return self.link(self.scenario, name, self.parameters + [("round", self.mark)])

    def link(self, scenario, name, parameters):
        query = urllib.parse.urlencode(parameters)
        return "%s/%s/%s%s" % (self.base, scenario, name, "?" + query if query else "")


def draw_length(chance, rules):
    way = chance.random()
    if way < 0.04:
        return 0
    if way < 0.12:
        return chance.choice([1, KIB, MIB - 1, MIB, MIB + 1, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1])
    if way < 0.2 and rules is PLAIN:
        return chance.randint(24 * MIB, 64 * MIB)
    if way < 0.45:
        return int(math.exp(chance.uniform(math.log(1000), math.log(rules.largest))))
    return chance.randint(0, rules.largest)


def name_of(chance, length):
    if length > 0 and length % MIB == 0:
        return "%dMiB.bin" % (length // MIB)
    return "%d.%s" % (length, chance.choice(["bin", "tar", "iso"]))


def shape(chance, length):
    if chance.random() < 0.2:
        return []
    rate = rate_for(chance, length)
    values = [("rate", rate)]
    if chance.random() < 0.5:
        values.append(("total", int(rate * chance.uniform(1, 6))))
    return values


def spoilt(chance, rules):
    """Things that any origin may have: delays, and few or no validators."""
    values = [("seed", chance.randint(1, 1_000_000))]
    if rules.is_shaped and not rules.is_slow and chance.random() < 0.1:
        values.append(("ttfb", "%dms" % chance.randint(5, 80)))
    if "etag" in rules.validators and chance.random() < 0.2:
        values.append(("etag", chance.choice(["weak", "none"])))
    if "lastmod" in rules.validators and chance.random() < 0.2:
        values.append(("lastmod", 0))
    return values


def draw_mirrors(chance, ask):
    """Places with the same bytes, or with others that samples can find."""
    known = MIRRORS + (LIARS if ask.rules.completes or ask.scenario in ("mirrored", "metalink") else [])
    urls = []
    for number in range(chance.randint(1, 3)):
        values = [("round", "%s-%d" % (ask.mark, number))] + shape(chance, ask.length)
        urls.append(ask.link(chance.choice(known), ask.name, values))
    return urls
