# SPDX-License-Identifier: Apache-2.0
"""The origins under test: random files, a certificate of our own CA, and an nginx of our own."""

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

from say import Trouble

NAME = "file.bin"

CONFIG = """
daemon off;
{user}
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
    # fields: seconds since the epoch at the end, seconds taken, body bytes sent, connection, cipher
    log_format bench '$msec $request_time $body_bytes_sent $connection $ssl_protocol:$ssl_cipher';
    access_log {home}/access.log bench;
    client_body_temp_path {home}/t1;
    proxy_temp_path {home}/t2;
    fastcgi_temp_path {home}/t3;
    uwsgi_temp_path {home}/t4;
    scgi_temp_path {home}/t5;
    default_type application/octet-stream;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 1000000;
    server {{
        listen unix:{home}/status;  # a path, so that it is reached from any network namespace
        location = /status {{ stub_status; access_log off; }}
    }}
    {servers}
}}
"""

LOOPBACK = """
    server {{
        listen 127.0.0.1:{http};
        location / {{ root {data}; }}
        location /throttled/ {{
            alias {data}/;
            limit_rate {rate};
            sendfile_max_chunk 256k;  # small bursts: little lies in socket buffers when the client is killed
        }}
    }}
    server {{
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate {home}/leaf.pem;
        ssl_certificate_key {home}/leaf.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:s:1m;
        location / {{ root {data}; }}
    }}
"""


@dataclass
class Seen:
    """What the origin saw of one run; the figures are `None` if it keeps no log."""

    requests: int | None = None
    connections: int | None = None
    bytes: int | None = None
    cipher: str = ""
    first_request: float = 0.0  # seconds since the epoch


def make_file(folder, size, name=NAME):
    """Makes a random file unless it is there; reading it for the digest also warms the page cache."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    if not os.path.exists(path) or os.path.getsize(path) != size:
        with open(path + ".new", "wb") as file:
            left = size
            while left > 0:
                left -= file.write(os.urandom(min(left, 4 << 20)))
        os.rename(path + ".new", path)
    return path, sha256(path)


def sha256(path, length=None):
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        left = os.fstat(file.fileno()).st_size if length is None else length
        while left > 0 and (block := file.read(min(left, 4 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def make_certificates(home):
    """A CA of our own and a leaf for 127.0.0.1, as a name too because axel looks for one; returns the CA's file."""
    with open(f"{home}/leaf.ext", "w") as file:
        file.write("subjectAltName=IP:127.0.0.1,DNS:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for arguments in (
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "7", "-subj", "/CN=Swoop benchmark CA"],
        ["req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=127.0.0.1"],
        ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "7",
         "-extfile", "leaf.ext", "-out", "leaf.pem"],
    ):
        done = subprocess.run(["openssl", *arguments], cwd=home, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Trouble(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
    return f"{home}/ca.pem"


class Nginx:
    """nginx for the length of a `with` block, with `servers` as its configuration."""

    def __init__(self, home, data, prefix=()):
        self.home, self.data, self.prefix = home, data, list(prefix)

    def servers(self):
        """The server blocks; asked for when the origin starts."""
        raise NotImplementedError

    def values(self, tls=False, throttled=False):
        """What `$URL` and the like stand for."""
        raise NotImplementedError

    def settle(self):
        """Called before each run: nothing of the one before may be left."""

    def __enter__(self):
        os.makedirs(self.home, exist_ok=True)
        user = "user root;" if os.geteuid() == 0 else ""
        with open(f"{self.home}/nginx.conf", "w") as file:
            file.write(CONFIG.format(home=self.home, servers=self.servers(), user=user))
        with open(f"{self.home}/nginx.out", "wb") as out:
            self.process = subprocess.Popen(
                [*self.prefix, "nginx", "-e", f"{self.home}/error.log", "-p", self.home,
                 "-c", f"{self.home}/nginx.conf"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        try:
            self._await_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except BaseException as problem:
            os.killpg(self.process.pid, signal.SIGKILL)  # its own session: master and worker
            self.process.wait()
            if not isinstance(problem, subprocess.TimeoutExpired):
                raise

    def pids(self):
        master = self.process.pid
        with open(f"/proc/{master}/task/{master}/children") as file:
            return [master, *map(int, file.read().split())]

    def mark(self):
        return os.path.getsize(f"{self.home}/access.log")

    def seen_since(self, mark):
        """What was logged since `mark`, once nginx has let go of every connection but the one that asks."""
        self.await_idle()
        with open(f"{self.home}/access.log") as log:
            log.seek(mark)
            rows = [line.split() for line in log]
        ciphers = {row[4] for row in rows if row[4] != "-:-"}
        starts = [float(row[0]) - float(row[1]) for row in rows]
        return Seen(len(rows), len({row[3] for row in rows}), sum(int(row[2]) for row in rows),
                    ", ".join(sorted(ciphers)), min(starts, default=0.0))

    def await_idle(self):
        deadline = time.monotonic() + 30
        while self._active() > 1:
            if time.monotonic() > deadline:
                raise Trouble("nginx still holds connections 30 s after the client ended")
            time.sleep(0.02)

    def _active(self):
        status = http.client.HTTPConnection("status")
        with socket.socket(socket.AF_UNIX) as status.sock:
            status.sock.settimeout(10)
            status.sock.connect(f"{self.home}/status")
            status.request("GET", "/status")
            return int(status.getresponse().read().split(b"\n")[0].split(b":")[1])

    def _await_ready(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                self._active()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    with open(f"{self.home}/nginx.out") as out:
                        raise Trouble(f"nginx did not start: {out.read().strip() or 'no answer in 10 s'}") from None
                time.sleep(0.02)


class Origin(Nginx):
    """The fat pipe: HTTP and TLS on loopback, one file."""

    def __init__(self, home, data, rate):
        super().__init__(home, data)
        self.rate = rate
        self.ca = make_certificates(home)

    def servers(self):
        self.http, self.tls = free_port(), free_port()
        return LOOPBACK.format(home=self.home, data=self.data, http=self.http, tls=self.tls, rate=self.rate)

    def values(self, tls=False, throttled=False):
        return {"URL": self.url(tls, throttled), "CA": self.ca}

    def url(self, tls=False, throttled=False):
        base = f"https://127.0.0.1:{self.tls}" if tls else f"http://127.0.0.1:{self.http}"
        return f"{base}/throttled/{NAME}" if throttled else f"{base}/{NAME}"


class Site(Nginx):
    """An nginx with locations of a scenario's own; `address` is where it listens."""

    def __init__(self, home, data, locations, address="127.0.0.1", maps="", prefix=()):
        super().__init__(home, data, prefix)
        self.locations, self.address, self.maps, self.path = locations, address, maps, f"/{NAME}"

    def servers(self):
        self.port = free_port()
        locations = self.locations.replace("$DATA", self.data)
        return f"{self.maps}\n    server {{ listen {self.address}:{self.port}; {locations} }}"

    def base(self):
        return f"http://{self.address}:{self.port}"

    def values(self, tls=False, throttled=False):
        return {"URL": self.base() + self.path}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
