# SPDX-License-Identifier: Apache-2.0
"""The misbehaving origin, and the bytes that it serves, fetched from it by other means than swoop."""

import http.client
import re
import subprocess
import sys
import time
import urllib.parse

PAGE = (b"<!DOCTYPE html><html><head><title>Sign in</title></head>"
        b"<body>Please sign in.</body></html>\n")


class Origin:
    """A `swoop chaos` of our own."""

    def __init__(self, swoop):
        # In a session of its own: Ctrl-C on the terminal is for us, and we end it when nobody needs it any more.
        self.process = subprocess.Popen([swoop, "chaos"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                        start_new_session=True)
        self.base = self.process.stdout.readline().strip()
        if not self.base.startswith("http"):
            sys.exit("torture: the origin does not start")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def is_alive(self):
        return self.process.poll() is None

    def fetch(self, path):
        """A file in one piece, and which version it is."""
        address = urllib.parse.urlsplit(self.base)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        try:
            connection.request("GET", "/" + path)
            response = connection.getresponse()
            data = response.read()
            if response.status != 200:
                raise OSError("the origin answers %d to %s" % (response.status, path))
            version = re.match(r'"v(\d+)-', response.getheader("ETag") or "")
            return data, int(version[1]) if version else None
        finally:
            connection.close()

    def bytes(self, path):
        return self.fetch(path)[0]


def contents(origin, ask):
    """Every content that the origin may serve for `ask`. A partial may hold bytes of these and no others."""
    first = origin.bytes("plain/" + ask.name)
    values = dict(ask.parameters)
    scenario = ask.scenario
    if scenario == "empty":
        return [b""]
    if scenario == "one-byte":
        return [first[:1]]
    if scenario == "exact-segment":
        return [first[:values["bytes"]]]
    if scenario == "segment-plus-one":
        return [first[:values["bytes"] + 1]]
    if scenario == "other-bytes":
        return [second(origin, ask.name, values["from"], 0)]
    if scenario in ("changes-midway", "changes-same-length"):
        return [first, second(origin, ask.name, 0, values.get("delta", 0))]
    if scenario == "grows":
        return [first, second(origin, ask.name, len(first), values["delta"])]
    if scenario == "changes-on-resume" and first:
        return successive(origin, ask.name, values["n"], values["delta"])
    if scenario == "error-page":
        return [first, PAGE]
    if scenario == "status-416" and len(first) + values["delta"] == 0:
        # To the first range already the origin says that the file is empty.
        return [first, b""]
    return [first]


def second(origin, name, start, delta):
    """Version 2 of a file: other bytes from an offset on, and so many more than version 1 has."""
    return origin.bytes("other-bytes/%s?from=%d&delta=%d" % (name, start, delta))


def successive(origin, name, changes, delta):
    """All versions of a file that changes whenever its reader has left."""
    mark = time.monotonic_ns()
    path = "changes-on-resume/%s?n=%d&delta=%d&reference=%d" % (name, changes, delta, mark)
    found = {}
    for _ in range(500):
        data, version = origin.fetch(path)
        found[version] = data
        if len(found) == changes + 1:
            return [found[version] for version in sorted(found)]
        # The origin has to see that we have left.
        time.sleep(0.01)
    raise OSError("the origin does not change " + path)
