# SPDX-License-Identifier: GPL-3.0-or-later
"""A session that lines are given to one after another, and whose processes a test can reach.

    with Live(lab) as s:
        s.line("spawn a")
        os.kill(s.host("a"), signal.SIGKILL)
        r = s.end()

The lines come through a pipe, so the order of what the test does and what the session does is known:
`line` returns when the line was done and all that came of it."""

import os
import signal
import subprocess

import leftovers
from ipclab import Result, read_trace

LIMIT = 10.0  # seconds for any one thing to come about


def children(pid):
    """Children of a process, in the order in which they were made."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(word) for word in f.read().split()]
    except OSError:
        return []


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def name(pid):
    try:
        with open(f"/proc/{pid}/comm") as f:
            return f.read().strip()
    except OSError:
        return ""


def state(pid):
    """The letter of /proc: R, S, T, Z ..., "" when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def is_gone(pid):
    return state(pid) in ("", "Z", "X")


def world_pid(pid):
    """The number of a process in its innermost world; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status") as f:
            for line in f:
                if line.startswith("NSpid:"):
                    return int(line.split()[-1])
    except OSError:
        return 0
    raise AssertionError(f"process {pid} without NSpid")


def descriptors(pid):
    """{number: what it is} of a process."""
    folder = f"/proc/{pid}/fd"
    found = {}
    for fd in os.listdir(folder):
        try:
            found[int(fd)] = os.readlink(os.path.join(folder, fd))
        except OSError:
            pass
    return found


class Live:
    def __init__(self, lab, *options, world=None, env=None):
        self.lab, self.trace = lab, lab.new_trace()
        self._marks = 0
        args = ["--trace", self.trace, "--world", world or lab.world, *options, "-"]
        self.process = lab.popen(*args, env=env, stdin=subprocess.PIPE)
        self.pid = self.process.pid
        self.send("spawn mark")  # lives on, and shows that the session does

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    @property
    def events(self):
        return read_trace(self.trace)

    def until(self, condition, what, seconds=LIMIT):
        value = leftovers.until(condition, seconds)
        if not value:
            self.process.kill()
            out, err = self.process.communicate()
            r = Result(["(live)"], self.process.returncode, out, err, self.trace)
            raise AssertionError(f"not within {seconds} s: {what}\n{r}")
        return value

    def send(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()

    def line(self, text):
        """Gives a line, and waits until the next one would be taken."""
        self.send(text)
        self.settle()

    def settle(self):
        """Waits until everything given so far was done: `mark` has made a step after it."""
        self._marks += 1
        self.send("mark getpid()")
        self.until(
            lambda: len(self.has(ev="exit", actor="mark")) == self._marks, "the step of mark"
        )

    def has(self, **wanted):
        return [e for e in self.events if all(e.get(k) == v for k, v in wanted.items())]

    @property
    def launcher(self):
        found = [p for p in children(self.pid) if name(p).startswith("ipclab-launch")]
        return found[0] if found else None

    @property
    def init(self):
        """The first process of the world: what the launcher made first of all that is left."""
        for pid in children(self.launcher) if self.launcher else []:
            if name(pid).startswith("ipclab-launch") and children(pid):
                return pid
        return None

    def host(self, actor):
        """The pid that an actor has outside its world."""
        told = [e for e in self.events if e["ev"] == "process" and e["actor"] == actor]
        made = [e for e in told if e["what"] in ("spawn", "fork")][-1]
        wanted = made.get("pid") or made["vol"]["pid"]
        for pid in descendants(self.pid):
            if name(pid).startswith("ipclab-launch") and world_pid(pid) == wanted:
                return pid
        raise AssertionError(f"no process is {actor} (pid {wanted} in its world)")

    def kill(self, actor, sig=signal.SIGKILL):
        pid = self.host(actor)
        os.kill(pid, sig)
        return pid

    def end(self, *lines):
        """Gives the last lines, ends the input, and waits for the end of the session."""
        data = "".join(line + "\n" for line in lines).encode()
        out, err = self.process.communicate(data, timeout=30)
        result = Result(["(live)"], self.process.returncode, out, err, self.trace)
        self.lab.check(result)
        return result
