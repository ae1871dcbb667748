# SPDX-License-Identifier: Apache-2.0
"""Judges what a start of swoop said and left."""

import json
import os
import re

from torture_lib import origin, partial
from torture_lib.disk import BALLAST
from torture_lib.options import OLD, digest

MIB = 1 << 20
# P12 of the performance targets: what one kill may cost.
MOST_FETCHED_AGAIN = 16 * MIB
# Why swoop may fail at whatever moment, beside the reasons that the blows give it.
REFUSALS = {3, 4, 6}
SUFFIXES = (".part.journal", ".part.new", ".part")


class Complaint(Exception):
    """Something that must not happen: `kind` is wrong, hung or crashed."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


def require(condition, text):
    if not condition:
        raise Complaint("wrong", text)


class Judge:
    """What must hold after every start of one round."""

    def __init__(self, ask, options, known, directory, tally):
        self.ask, self.options, self.known, self.directory, self.tally = ask, options, known, directory, tally
        self.claimed = 0  # Bytes that the journal claimed after the last start.
        self.held = 0  # Bytes of the origin that were in the partial then.
        self.is_known = False  # Whether the journal said which version the partial is of.

    def judge(self, start, is_cramped, output, errors):
        """Complains, or says whether the whole file has got its name."""
        self.check_status(start, is_cramped, errors)
        was_known = self.is_known and self.options.resumes
        if self.options.is_json and not self.options.is_stream:
            self.check_events(start, output)
        names = set(os.listdir(self.directory)) - {BALLAST}
        self.look_at_partials(start, names)
        if self.options.is_stream:
            return self.check_stream(start)
        data = self.check_target(start, names, was_known)
        if data is not None and self.options.digest and start.status == 0:
            require(digest(self.options.digest, data) in output + errors, "the digest is not said, or is wrong")
        return data is not None

    # What it said.

    def check_status(self, start, is_cramped, errors):
        if start.is_hung:
            raise Complaint("hung", "does not end: %s" % (start.blows or "nobody touched it"))
        status = start.status
        if status < 0:
            if start.was_killed or start.died_early:
                return
            raise Complaint("crashed", "signal %d ended it: %s" % (-status, errors[-500:]))
        allowed = {0} | REFUSALS
        allowed |= {5} if start.was_asked_to_stop else set()
        allowed |= {7} if is_cramped or "fill" in start.blows else set()
        require(status in allowed, "exit %d after %s: %s" % (status, start.blows, errors[-500:]))
        if status != 0 and "twice" not in start.blows:
            require(re.search("^swoop: ", errors, re.MULTILINE), "exit %d without a word" % status)
        if status == 7:
            require(re.search("space|ulimit", errors), "exit 7 for another reason: %s" % errors[-500:])

    def check_events(self, start, output):
        events = list(read_events(output))
        began = next((event for event in events if event["event"] == "start"), None)
        if began:
            self.check_resumed(began["resumed_bytes"])
        if start.status >= 0 and "twice" not in start.blows:
            require(events and events[-1]["event"] == "summary", "the last event is no summary")
            require(events[-1]["exit"] == start.status, "the summary says exit %s, it is %d"
                    % (events[-1]["exit"], start.status))

    def check_resumed(self, resumed):
        """Compares what this start says it found with what the last one left."""
        claimed = self.claimed if self.options.resumes else 0
        require(resumed <= claimed, "resumes %d bytes of %d" % (resumed, claimed))
        if self.ask.resumes and self.options.resumes:
            require(resumed == claimed, "resumes only %d bytes of %d" % (resumed, claimed))
            again = self.held - resumed
            self.tally.fetched_again(again)
            require(again <= MOST_FETCHED_AGAIN, "fetches %d bytes again" % again)

    # What it left.

    def look_at_partials(self, start, names):
        """No byte of a partial is another than the origin's, and its journal claims nothing that is not there."""
        self.claimed = self.held = 0
        self.is_known = False
        for name in names:
            if not name.endswith(".part"):
                continue
            data = self.read(name)
            journal = self.read(name + ".journal")
            ranges = partial.claims(journal, len(data))
            self.is_known = self.is_known or partial.is_sound(journal, len(data))
            wrong = partial.wrong_claim(data, ranges, self.known)
            require(wrong is None, "the journal claims %s, which is not there" % (wrong,))
            if not self.ask.has_liars:
                foreign = partial.foreign_byte(data, self.known)
                require(foreign is None, "the partial has a wrong byte at %s" % foreign)
            self.claimed = max(self.claimed, sum(upper - lower for lower, upper in ranges))
            self.held = max(self.held, partial.held(data, self.known[0]))
        if start.status >= 0 and "twice" not in start.blows:
            require(not any(name.endswith(".part.new") for name in names), "a .part.new is left")

    def check_stream(self, start):
        data = self.read(self.ask.name)
        if start.status == 0:
            require(data in self.options.accepted, "exit 0, but %d wrong bytes in the stream" % len(data))
            return True
        require(any(content.startswith(data) for content in self.known), "%d wrong bytes in the stream" % len(data))
        return False

    def check_target(self, start, names, was_known):
        """The file under the final name, if there is one: it must be whole."""
        stems = [name for name in names if not name.endswith(SUFFIXES)]
        if start.status == 0:
            require(len(names) == 1 and stems, "after exit 0 there are %s" % sorted(names))
        require(len(stems) <= 1, "there are %s" % sorted(names))
        if not stems:
            return None
        if not self.options.is_name_given_by_origin:
            require(stems == [self.ask.name], "the name is %s" % stems)
        data = self.read(stems[0])
        if self.options.has_old and data == OLD and start.status != 0:
            return None
        accepted = list(self.options.accepted)
        if self.ask.scenario == "error-page" and was_known:
            # Who knows the file's length and tag must see that this is another thing.
            accepted = [content for content in accepted if content is not origin.PAGE]
        require(data in accepted, "exit %d, and %d wrong bytes under the final name" % (start.status, len(data)))
        return data

    def read(self, name):
        try:
            with open(os.path.join(self.directory, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""


def read_events(output):
    """The events; a kill may have cut the last line."""
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event
