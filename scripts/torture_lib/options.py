# SPDX-License-Identifier: Apache-2.0
"""Options of swoop, drawn by chance."""

import hashlib

KIB, MIB = 1 << 10, 1 << 20
ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "sha-1": "sha1", "md5": "md5"}
OLD = b"what was here before\n" * 100


def digest(algorithm, data):
    return hashlib.new(ALGORITHMS[algorithm], data).hexdigest()


class Options:
    """One command line, the same for every start of a round."""

    def __init__(self, chance, ask, known):
        self.ask = ask
        self.known = known
        self.place = self.draw_place(chance)
        self.is_stream = self.place == "-"
        self.is_json = chance.random() < 0.75
        self.resumes = self.is_stream or chance.random() < 0.95
        self.restarts = chance.random() < 0.92
        self.has_old = not self.is_stream and not self.is_name_given_by_origin and chance.random() < 0.07
        self.checksum = self.draw_checksum(chance)
        self.digest = chance.choice(list(ALGORITHMS)) if chance.random() < 0.3 else None
        self.words = self.patience(chance) + self.draw_ways(chance) + self.draw_views(chance)

    @property
    def is_name_given_by_origin(self):
        return self.place == "-d" and self.ask.scenario == "evil-name"

    def draw_place(self, chance):
        # -o NAME with a document's URL would save the document.
        if self.ask.is_document:
            return "-d"
        way = chance.random()
        return "-" if way < 0.12 else "-d" if way < 0.4 else "-o"

    def draw_checksum(self, chance):
        """An algorithm and what the bytes must hash to: mostly right, now and then hopeless."""
        if self.ask.is_document or chance.random() > 0.25:
            return None
        algorithm = chance.choice(list(ALGORITHMS))
        data = chance.choice(self.known)
        return algorithm, digest(algorithm, data + b"!" if chance.random() < 0.1 else data)

    def patience(self, chance):
        """Short time-outs, so that an origin that is silent costs seconds."""
        return ["--connect-timeout", "2", "--stall-timeout", str(chance.randint(1, 3)), "--retries",
                str(chance.randint(4, 6)), "--retry-wait", "0.1"]

    def draw_ways(self, chance):
        words = []
        if chance.random() < 0.4:
            # A single connection that drips has nothing to be held against, and may go on for ever.
            fewest = 2 if self.ask.scenario in ("drip", "slow-one") else 1
            words += ["-c", str(chance.choice([fewest, 2, 3, 4, 8, 16]))]
        elif chance.random() < 0.15:
            words += ["--max-connections", str(chance.choice([2, 4, 64]))]
        if chance.random() < 0.25 and not self.ask.rules.is_slow:
            smallest = max(64 * KIB, self.ask.length // 100)
            words += ["--segment-size", str(chance.randint(smallest, max(smallest, 8 * MIB)))]
        if chance.random() < 0.15:
            words += ["--limit-rate", str(max(256 * KIB, int(self.ask.length / chance.uniform(0.5, 4))))]
        for url in self.ask.mirrors:
            words += ["--mirror", url]
        words += ["--no-sync"] if chance.random() < 0.3 else []
        words += [] if self.resumes else ["--no-resume"]
        words += [] if self.restarts else ["--on-change", "fail"]
        words += ["--overwrite"] if self.has_old else []
        words += ["--checksum", "%s:%s" % self.checksum] if self.checksum else []
        return words + (["--digest", self.digest] if self.digest else [])

    def draw_views(self, chance):
        words = ["--json"] if self.is_json else []
        way = chance.random()
        words += ["-q"] if way < 0.1 else ["-v"] if way < 0.2 else ["--progress", "lines"] if way < 0.3 else []
        return words + (["--explain"] if chance.random() < 0.05 else [])

    def command(self, swoop, directory):
        to = {"-": ["-o", "-"], "-d": ["-d", directory], "-o": ["-o", "%s/%s" % (directory, self.ask.name)]}[self.place]
        return [swoop, "get"] + self.words + to + [self.ask.url]

    @property
    def accepted(self):
        """What may be presented as success."""
        if self.checksum is None:
            # An empty file comes as a 416, whose fields say nothing of the file.
            return [data for data in self.known if not data] if self.ask.scenario == "bad-digest" else self.known
        # What the user says outweighs what the origin says.
        algorithm, value = self.checksum
        return [data for data in self.known if digest(algorithm, data) == value]

    @property
    def completes(self):
        # Tags that take turns are found out by starting over, which a stream cannot.
        must_start_over = self.ask.scenario == "rotating-etag"
        may_start_over = self.restarts and not self.is_stream
        return self.ask.completes and bool(self.accepted) and (may_start_over or not must_start_over)
