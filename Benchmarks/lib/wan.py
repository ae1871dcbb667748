# SPDX-License-Identifier: Apache-2.0
"""A long path on one machine: two network namespaces, joined by `wanlink`, with an nginx at the far end.

Everything is made for the length of a `with` block and taken away at its end, however it ends: the namespaces bear the
process id in their names, the relay runs in a third one (so that its devices are never seen outside), and only
processes that were started here are ended.
"""

import itertools
import os
import select
import shutil
import signal
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from origin import Site
from say import Trouble

SERVER, CLIENT_ROUTE = "10.77.0.1", "10.77.0.0/30"
QUEUE_KIB = 1024
AVAILABLE = "/proc/sys/net/ipv4/tcp_available_congestion_control"
_serial = itertools.count(1)


@dataclass(frozen=True)
class Path:
    """What the link does: round-trip time, rate and queue from server to client, share of packets lost there."""

    rtt_ms: float
    loss: float
    mbit: int = 400
    queue_kib: int = QUEUE_KIB

    @property
    def bytes_per_second(self):
        return self.mbit * 1e6 / 8

    def shown(self):
        return (f"{self.rtt_ms:g} ms, {self.mbit} Mbit/s, {100 * self.loss:g} % loss, "
                f"{self.queue_kib} KiB drop-tail queue")


def unavailable(bench, control=None):
    """Why there can be no such path on this machine, or `None`."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    if not shutil.which("ip"):
        return "ip is not installed (iproute2)"
    if "wanlink" in bench.absent:
        return f"wanlink: {bench.absent['wanlink']}"
    if control and control not in _controls():
        return f"this kernel has no {control}"
    return None


def _controls():
    subprocess.run(["modprobe", "-q", "tcp_bbr"], capture_output=True) if shutil.which("modprobe") else None
    with open(AVAILABLE) as controls:
        return controls.read().split()


class Wan:
    """The link; commands enter its ends with `client` and `server` as prefix."""

    def __init__(self, wanlink, path):
        self.wanlink, self.path = wanlink, path
        name = f"swoop-{os.getpid()}-{next(_serial)}"
        self.names = {end: f"{name}-{end}" for end in ("client", "server", "relay")}
        self.client, self.server = self._inside("client"), self._inside("server")

    def __enter__(self):
        self.stack = ExitStack()
        try:
            for name in self.names.values():
                self.stack.callback(_ip_quietly, "netns", "del", name)
                _ip("netns", "add", name)
                _ip("-n", name, "link", "set", "lo", "up")
            self._start_link()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with _undisturbed():
            self.stack.close()

    def pids(self):
        return [self.process.pid]

    def use(self, control):
        """Congestion control of connections that the server accepts from now on."""
        _ip("-n", self.names["server"], "route", "replace", CLIENT_ROUTE, "dev", "wans", "src", SERVER, "congctl",
            control)

    def forget(self):
        """Drops what the kernels remember of earlier connections (slow-start thresholds, round-trip times)."""
        for end in ("client", "server"):
            _ip_quietly("-n", self.names[end], "tcp_metrics", "flush")

    def _inside(self, end):
        return ["ip", "netns", "exec", self.names[end]]

    def _start_link(self):
        path = self.path
        self.process = subprocess.Popen(
            [*self._inside("relay"), self.wanlink, self.names["client"], self.names["server"],
             "--delay-ms", f"{path.rtt_ms / 2:g}", "--mbit", str(path.mbit), "--loss", f"{path.loss:g}",
             "--queue-kib", str(path.queue_kib)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.stack.callback(self._end_link)
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        line = self.process.stdout.readline().decode().strip() if ready else "nothing in 10 s"
        if line != "ready":
            raise Trouble(f"wanlink did not start: {line}")

    def _end_link(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()


class FarSite(Site):
    """nginx at the server's end of a `Wan`."""

    def __init__(self, home, data, wan):
        super().__init__(home, data, "location / { root $DATA; }", address=SERVER, prefix=wan.server)
        self.wan = wan

    def pids(self):
        return super().pids() + self.wan.pids()

    def settle(self):
        self.await_idle()
        self.wan.forget()


def _ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise Trouble(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _ip_quietly(*arguments):
    subprocess.run(["ip", *arguments], capture_output=True, timeout=20)


@contextmanager
def _undisturbed():
    """Signals that would end the run wait until this is done."""
    held = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
