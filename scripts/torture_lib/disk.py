# SPDX-License-Identifier: Apache-2.0
"""Small file systems in memory, which can be full."""

import errno
import os
import subprocess
import tempfile

KIB, MIB = 1 << 10, 1 << 20
BALLAST = "ballast"


def can_mount():
    """Whether we may mount at all: it needs root, and a container may forbid it even then."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory(prefix="swoop-torture-") as directory:
        try:
            Disk(directory, 64 * KIB).close()
        except OSError:
            return False
    return True


class Disk:
    """A tmpfs at a directory."""

    def __init__(self, path, size):
        self.path, self.size = path, size
        self.mount("size=%d,mode=700" % size)

    def mount(self, options):
        words = ["mount", "-t", "tmpfs", "-o", options, "swoop-torture", self.path]
        if subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            raise OSError("cannot mount " + self.path)

    def shrink(self, share):
        """Leaves only this share of what is free now."""
        state = os.statvfs(self.path)
        used = (state.f_blocks - state.f_bfree) * state.f_frsize
        # A little for the journal and for directories, or nothing could be begun at all.
        self.mount("remount,size=%d" % (used + 64 * KIB + int((self.size - used) * share)))

    def fill(self):
        """Takes every byte that is free."""
        with open(os.path.join(self.path, BALLAST), "ab", buffering=0) as file:
            for count in (MIB, 4 * KIB):
                try:
                    while file.write(bytes(count)):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self):
        """As large as it was, and without ballast."""
        ballast = os.path.join(self.path, BALLAST)
        try:
            # Emptied first: a child that another round has forked, and that has not come to exec yet, may hold it open.
            os.truncate(ballast, 0)
            os.remove(ballast)
        except FileNotFoundError:
            pass
        self.mount("remount,size=%d" % self.size)

    def close(self):
        # Lazily, so that nothing that still has a file open can keep it.
        if os.path.ismount(self.path):
            subprocess.run(["umount", "-l", self.path], check=False)
