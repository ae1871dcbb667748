# SPDX-License-Identifier: Apache-2.0
"""What the runner tells the person who started it, and how it gives up."""

import os
import sys


class Trouble(Exception):
    """The suite cannot go on; the text says why and what to do."""


def say(text=""):
    print(text, flush=True)


def warn(text):
    print(f"{os.path.basename(sys.argv[0])}: {text}", file=sys.stderr, flush=True)
