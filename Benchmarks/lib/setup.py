# SPDX-License-Identifier: Apache-2.0
"""Installs what is missing, builds the references, and knows what is absent and which version the rest has."""

import glob
import os
import re
import shutil
import subprocess

from say import Trouble, say, warn

# tool: the Debian packages that hold it, best first
PACKAGES = {
    "nginx": ["nginx-light", "nginx"], "openssl": ["openssl"], "gcc": ["gcc"], "curl-config": ["libcurl4-openssl-dev"],
    "curl": ["curl"], "aria2c": ["aria2"], "axel": ["axel"], "wget2": ["wget2"], "lftp": ["lftp"], "rclone": ["rclone"],
    "strip": ["binutils"],
}
NEEDED = ["nginx", "openssl", "gcc"]
# what a contestant may need of swoop: how it shows in the help of `swoop get`
FLAGS = {"swoop --max-connections": "--max-connections", "swoop -i": "--input-file", "swoop -j": "--jobs",
         "swoop --mirror": "--mirror"}
HF = "hf_transfer==0.1.9"
VERSIONS = {
    "nginx": ["nginx", "-v"], "openssl": ["openssl", "version"], "gcc": ["gcc", "--version"],
    "curl": ["curl", "--version"], "aria2": ["aria2c", "--version"], "axel": ["axel", "--version"],
    "wget2": ["wget2", "--version"], "lftp": ["lftp", "--version"], "rclone": ["rclone", "version"],
    "libcurl": ["curl-config", "--version"], "swiftc": ["swiftc", "--version"],
}


class Bench:
    """What this machine has to race with."""

    def __init__(self, root, install):
        self.here = os.path.join(root, "Benchmarks")
        self.build = os.path.join(root, ".build-bench")
        self.venv = os.path.join(self.build, "venv", "bin", "python")
        self.swoop = os.path.abspath(os.environ.get("SWOOP") or os.path.join(root, ".build-release/release/swoop"))
        self.absent = {}  # tool: why
        os.makedirs(self.build, exist_ok=True)
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        if install:
            self._install_packages()
            self._install_hf()
        self._look()
        self._compile()
        for tool, why in self.absent.items():
            warn(f"{tool} is absent: {why}")

    def program(self, name):
        return os.path.join(self.build, name)

    def values(self):
        """What the `$NAMES` of the commands stand for, as far as the machine decides it."""
        return {"SWOOP": self.swoop, "MULTI": self.program("multi"), "THREADS": self.program("threads"),
                "PYTHON": self.venv, "HF": os.path.join(self.here, "lib", "hf.py")}

    def versions(self):
        commands = {**VERSIONS, "swoop": [self.swoop, "--version"]}
        found = {tool: first_line(command) for tool, command in commands.items()}
        if "hf_transfer" not in self.absent:
            found["hf_transfer"] = HF.replace("==", " ")
        return {tool: f"absent: {self.absent[tool]}" if tool in self.absent else found.get(tool) or "absent"
                for tool in {**found, **self.absent} if not tool.startswith("swoop -")}

    def _install_packages(self):
        missing = [tool for tool in PACKAGES if not shutil.which(tool)]
        if not missing:
            return
        say(f"installing {', '.join(missing)}")
        quiet(["apt-get", "update"])
        for tool in missing:
            if not any(self._apt(package) for package in PACKAGES[tool]):
                warn(f"{tool} could not be installed")

    def _apt(self, package):
        command = ["apt-get", "install", "-y", "--no-install-recommends", package]
        return quiet(command, {"DEBIAN_FRONTEND": "noninteractive"})

    def _install_hf(self):
        if has_hf(self.venv):
            return
        say("installing hf_transfer")
        quiet(["python3", "-m", "venv", os.path.dirname(os.path.dirname(self.venv))])
        quiet([self.venv, "-m", "pip", "install", "--quiet", HF])

    def _look(self):
        for tool in NEEDED:
            if not shutil.which(tool):
                raise Trouble(f"{tool} is not installed: the suite needs {', '.join(NEEDED)}")
        for tool in ("curl", "aria2", "axel", "wget2", "lftp", "rclone"):
            if not shutil.which("aria2c" if tool == "aria2" else tool):
                self.absent[tool] = "not installed"
        if not has_hf(self.venv):
            self.absent["hf_transfer"] = "not installed"
        if not os.access(self.swoop, os.X_OK):
            self.absent["swoop"] = "not built (make release, or SWOOP=/path/to/swoop)"
        self._look_at_swoop()

    def _look_at_swoop(self):
        if "swoop" in self.absent:
            self.scenarios = set()
            self.absent.update({feature: self.absent["swoop"] for feature in [*FLAGS, "swoop -o -"]})
            return
        help_text = output([self.swoop, "get", "--help"])
        for feature, flag in FLAGS.items():
            if not re.search(rf"(^|[ ,]){flag}\b", help_text, re.MULTILINE):
                self.absent[feature] = f"this swoop has no {flag}"
        # The discard port refuses at once; exit 2 means that the command line itself was refused.
        if output([self.swoop, "get", "-q", "--retries", "0", "-o", "-", "http://127.0.0.1:9/x"], code=True) == 2:
            self.absent["swoop -o -"] = "this swoop does not write to standard output"
        # the chaos origin's scenarios, by the headings of its list
        self.scenarios = set(re.findall(r"^([a-z][a-z0-9-]*)$", output([self.swoop, "chaos", "--list"]), re.MULTILINE))

    def _compile(self):
        strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"]
        self._make("measure", ["lib/measure.c"], ["gcc", *strict])
        self._make("wanlink", ["wanlink/wanlink.c"], ["gcc", "-O2", "-pthread"])
        if "measure" in self.absent:
            raise Trouble("lib/measure.c does not compile")
        if shutil.which("curl-config"):
            flags = subprocess.check_output(["curl-config", "--cflags", "--libs"], text=True).split()
            self._make("multi", ["reference/multi.c"], ["gcc", *strict], flags)
        else:
            self.absent["multi"] = "libcurl's headers are not installed"
        if shutil.which("swiftc"):
            swift = ["swiftc", "-O", "-swift-version", "6", "-warnings-as-errors", "-parse-as-library"]
            self._make("threads", ["reference/threads/*.swift"], swift)
        else:
            self.absent["threads"] = "no Swift compiler"

    def _make(self, name, patterns, compiler, libraries=()):
        sources = sorted(path for pattern in patterns for path in glob.glob(os.path.join(self.here, pattern)))
        out = self.program(name)
        if os.path.exists(out) and all(os.path.getmtime(out) > os.path.getmtime(path) for path in sources):
            return
        say(f"compiling {name}")
        if not quiet([*compiler, *sources, *libraries, "-o", out]):
            self.absent[name] = "does not compile"


def has_hf(python):
    return os.path.exists(python) and quiet([python, "-c", "import hf_transfer"], complain=False)


def quiet(command, extra=None, complain=True):
    """Runs a step of the setup; shows the end of what it printed only when it failed."""
    try:
        done = subprocess.run(command, env={**os.environ, **(extra or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
    except (OSError, subprocess.TimeoutExpired) as problem:
        warn(f"{command[0]}: {type(problem).__name__}")
        return False
    if done.returncode != 0 and complain:
        warn("\n".join(done.stdout.splitlines()[-10:]))
    return done.returncode == 0


def output(command, code=False):
    """What a command prints on standard output, or its exit code."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None if code else ""
    return done.returncode if code else done.stdout


def first_line(command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return lines[0] if lines and done.returncode == 0 else None
