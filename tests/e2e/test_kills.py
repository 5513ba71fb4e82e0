# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at random instants, start-up included: of the shell, the launcher, the first process of the
world, an actor. Whatever dies, nothing is left 2 s later, and what was recorded reads.

Each round gives a session lines to do, chooses an instant from the moment at which the victim is
there, and kills. Who survived is then asked to go on. The instants of a run are printed by their
seed: the same seed gives the same instants, if not the same machine."""

import json
import os
import random
import signal
import subprocess
import time

import leftovers
import pytest
from live import children, descendants, is_gone

SEALED = int(os.environ.get("IPCLAB_KILLS", "250"))
SHARED = int(os.environ.get("IPCLAB_KILLS_SHARED", "60"))
VICTIMS = ["shell", "launcher", "init", "actor"]

BODY = [
    "spawn a b",
    "a pipe(p)",
    "a id = shmget(1234, 64, IPC_CREAT|0666)",
    "a sm = shmat(id)",
    'a f = open("f", O_RDWR|O_CREAT, 0600)',
    "a fork(c)",
    "b x = shmat(shmget(1234, 64, 0666))",
    "c read(p[0], buf, 8)",
    'a write(p[1], "x")',
    "c fork(d)",
    "d k = shmget(IPC_PRIVATE, 64, IPC_CREAT|0600)",
    'd g = open("g", O_RDWR|O_CREAT, 0600)',
    "d exit(3)",
    "c wait(st)",
    'b execve("/bin/echo", "echo", "x")',
]
BUSY = ['a write(p[1], "y")', "c read(p[0], buf, 1)", "a *sm = 1", "c print *sm"] * 6


class Storm:
    """Rounds of one test: the seed, the sessions, and what is common to all rounds."""

    def __init__(self, lab, victim, seed):
        self.lab, self.victim = lab, victim
        self.random = random.Random(seed)
        self.seconds = 0.0  # how long the lines take when nobody kills
        self.round = 0

    def start(self):
        self.round += 1
        self.trace = self.lab.path("work", f"{self.round}.trace")
        args = ["-k", "-q", "--trace", self.trace, "--world", self.lab.world, "-"]
        self.process = self.lab.popen(*args, stdin=subprocess.PIPE)
        self.give(BODY + BUSY)
        return self.process.pid

    def give(self, lines):
        data = "".join(line + "\n" for line in lines).encode()
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def shell(self):
        """The shell itself; setpriv becomes it by execve."""
        return self.process.pid

    def found(self):
        """The victim as soon as it is there, or None."""
        shell = self.shell()
        if self.victim == "shell":
            return shell
        launcher = next(iter(children(shell)), None)
        if launcher is None or self.victim == "launcher":
            return launcher
        inits = children(launcher)
        init = inits[0] if inits else None
        if init is None or self.victim == "init":
            return init
        actors = descendants(init)
        return self.random.choice(actors) if actors else None

    def wait_for_victim(self):
        return leftovers_until(self.found, lambda: self.process.poll() is not None)

    def measure(self):
        """The time from the victim's appearance to the end of the lines."""
        took = []
        for _ in range(3):
            self.start()
            self.wait_for_victim()
            begin = time.monotonic()
            self.process.communicate(timeout=30)
            took.append(time.monotonic() - begin)
        self.seconds = max(took)

    def kill(self):
        """One round up to the kill; what was killed."""
        self.start()
        pid = self.wait_for_victim()
        assert pid is not None, "the victim never was there"
        pause(self.random.random() * self.seconds * 1.1)
        pid = self.found() or pid
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return pid

    def finish(self, *lines):
        """Gives the survivor the last lines; (status, events, what it wrote on stderr)."""
        data = "".join(line + "\n" for line in lines).encode()
        _, err = self.process.communicate(data, timeout=30)
        text = err.decode("utf-8", "backslashreplace")
        assert self.process.returncode >= 0, f"the shell died\n{text}"
        return self.process.returncode, self.events(), text

    def events(self):
        """The events on disk: all lines but the last one must be whole."""
        for path in (self.trace, self.trace + ".partial"):
            if os.path.exists(path):
                break
        else:
            return []
        with open(path, "rb") as f:
            lines = f.read().split(b"\n")
        events = [json.loads(line) for line in lines[:-1]]
        assert [e["seq"] for e in events] == list(range(len(events)))
        return events

    def reads(self):
        """`show` reads what is on disk, whole or not."""
        for path in (self.trace, self.trace + ".partial"):
            if os.path.exists(path) and self.events():
                shown = self.lab.call("show", path)
                assert shown.status == 0, shown

    def release(self):
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        self.process.wait()
        for path in (self.trace, self.trace + ".partial"):
            if os.path.exists(path):
                os.unlink(path)
        self.lab.forget(self.process)


def pause(seconds):
    """Until an instant: the kill's instant is what this test is about, nothing is waited for."""
    end = time.monotonic() + seconds
    if seconds > 0.002:
        time.sleep(seconds - 0.001)
    while time.monotonic() < end:
        pass


def leftovers_until(condition, over):
    """The condition's value as soon as there is one, without a pause between two looks."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        value = condition()
        if value or over():
            return value
    return None


def ledgers(lab):
    """What the ledgers of this lab's sessions name: folders of worlds and keys of segments. Other
    sessions of the machine have theirs elsewhere."""
    folder = lab.path("run", "ipclab")
    named = set()
    for entry in os.listdir(folder) if os.path.isdir(folder) else []:
        named.add(os.path.join(folder, entry))
        try:
            with open(os.path.join(folder, entry)) as f:
                lines = [line.split() for line in f]
        except OSError:
            continue
        named |= {line[2] for line in lines if len(line) > 2 and line[1] in ("dir", "path")}
        named |= {int(line[2]) for line in lines if len(line) > 2 and line[1] == "shm"}
    return named


def still_there(named):
    with open("/proc/sysvipc/shm") as f:
        keys = {int(line.split()[0]) & 0xFFFFFFFF for line in f.readlines()[1:]}
    return [
        n for n in named if (n in keys if isinstance(n, int) else os.path.lexists(n))
    ]


def nothing_left(lab, named):
    assert leftovers.until(lambda: not leftovers.processes(lab.marker)), (
        f"processes left after 2 s: {leftovers.processes(lab.marker)}"
    )
    assert leftovers.until(lambda: not still_there(named)), f"left behind: {still_there(named)}"


def sealed_round(storm, i):
    storm.kill()
    if storm.victim == "shell":
        storm.process.wait(timeout=10)
        storm.events()
        return
    if storm.victim == "actor":
        status, events, err = storm.finish("spawn z", "z getpid()", "reset", "spawn z", "z getpid()")
    else:
        status, events, err = storm.finish("reset", "spawn z", "z getpid()")
    if not events:  # killed before there was a session
        assert status == 5 and err.strip(), (status, err)
        return
    assert events[-1]["ev"] == "end", err
    assert status in (0, 2, 4, 5), err
    assert status == 0 or err.strip()
    alive = [e["ret"] for e in events if e["ev"] == "exit" and e.get("actor") == "z"]
    assert len(alive) == (2 if storm.victim == "actor" else 1), (i, err, events[-12:])
    if storm.lab.world == "sealed":
        assert alive[-1] == 2, "pid 2 of a fresh world"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("victim", VICTIMS)
def test_sealed(lab, victim):
    lab.world = "sealed"
    storm = Storm(lab, victim, seed=victim)
    storm.measure()
    folder = lab.path("run")
    for i in range(SEALED):
        try:
            sealed_round(storm, i)
            assert leftovers.until(lambda: not leftovers.processes(lab.marker)), (
                f"round {i}: left after 2 s: {leftovers.processes(lab.marker)}"
            )
            assert not [n for n in os.listdir(folder) if n.startswith("ipclab-")]
            if i % 5 == 0:
                storm.reads()
        finally:
            storm.release()


@pytest.mark.serial
@pytest.mark.timeout(300)
@pytest.mark.parametrize("victim", VICTIMS)
def test_shared(lab, user, victim):
    """Here nobody but the next start can know what was left; after it there is nothing."""
    lab.world = "shared"
    storm = Storm(lab, victim, seed=victim)
    storm.measure()
    for _ in range(SHARED):
        try:
            storm.kill()
            named = ledgers(lab)
            if victim == "shell":
                storm.process.wait(timeout=10)
                storm.events()
            else:
                storm.finish("reset", "spawn z", "z getpid()")
            storm.reads()
            named |= ledgers(lab)
            assert lab.call("--world", "shared", "-c", "spawn a").status == 0
            nothing_left(lab, named)
        finally:
            storm.release()


def says_and_goes_on(lab, victim):
    storm = Storm(lab, victim, seed=0)
    storm.start()
    try:
        leftovers.until(lambda: any(e["ev"] == "process" for e in storm.events()), 10)
        pid = storm.found()
        os.kill(pid, signal.SIGKILL)
        assert leftovers.until(lambda: is_gone(pid))
        return storm.finish("b getpid()", "reset", "spawn z", "z getpid()")
    finally:
        storm.release()


def test_init_dies(lab, world):
    """The end of the world is said, its lines are errors, `reset` makes a new one."""
    status, events, err = says_and_goes_on(lab, "init")
    assert status in (2, 5), err
    assert [e for e in events if e["ev"] == "note" and "world has ended" in e["text"]], events
    assert events[-1]["ev"] == "end"
    assert [e for e in events if e["ev"] == "exit" and e["actor"] == "z"], err


def test_launcher_dies(lab):
    """Worlds do not depend on it: the lines go on, and `reset` starts another."""
    status, events, err = says_and_goes_on(lab, "launcher")
    assert status in (0, 2), err
    assert events[-1]["ev"] == "end"
    assert [e for e in events if e["ev"] == "exit" and e["actor"] == "z"], err
    assert [e for e in events if e["ev"] == "exit" and e.get("call") == "wait"], "the lines went on"
