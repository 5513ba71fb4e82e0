# SPDX-License-Identifier: GPL-3.0-or-later
"""Group E of the corpus: hostile traces that need a file of their own. The other rows are in
test_replay.py; two that were handed in twice (E30) are for grading."""

import json
import os
import subprocess

import pytest

from ipclab import ROOT, read_trace


def forged(inputs):
    """A trace that claims no more than that these lines were typed."""
    events = [{"seq": 0, "ev": "session", "ipclab": 1, "version": "1", "seed": 0, "world": "sealed", "plugins": {}}]
    events += [{"seq": i + 1, "ev": "input", "text": t} for i, t in enumerate(inputs)]
    return "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in events)


# ---- E01 -----------------------------------------------------------------------------------------


def test_e01_every_byte_is_read(lab):
    """Cut at each offset: read as far as it goes, or said to be no trace; never a crash."""
    trace = lab.run("spawn a; a n = 5", world="sealed").ok().trace
    with open(trace, "rb") as f:
        data = f.read()
    first = data.index(b"\n")
    for cut in range(len(data) + 1):
        r = lab.call("show", "--as", "json", lab.write("cut.trace", data[:cut]))
        assert r.status == (6 if cut < first else 0), (cut, r)
        assert r.status == 6 or "ends after event" in r.stderr or cut >= len(data) - 1, (cut, r)


# ---- E26 -----------------------------------------------------------------------------------------

OUTSIDE = ["/etc/shadow", "/etc/machine-id", "../../x", "../../../../../../etc/hostname", "/root/.bashrc", "/home",
           "/proc/1/environ", "/proc/self/root/root/.bashrc", "/dev/mem", "/var/lib", "~/.ssh/id_rsa"]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_e26_nothing_of_this_machine_is_read(lab, path):
    """In a world for lines of others there is no such file."""
    lines = ["spawn a", f'a fd = open("{path}", O_RDONLY)', "- a read(fd, buf, 64)"]
    trace = lab.run(lines, "--judged", "-k", world="sealed")
    opened = trace.one("exit", call="open")
    assert opened["ret"] == -1 and opened["errno"] in ("ENOENT", "EACCES", "EPERM"), trace
    lab.call("replay", "--judged", trace.trace).ok()


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/root/etc/passwd", "/proc/1/root/etc/passwd"])
def test_e26_users_are_not_those_of_this_machine(lab, path):
    r = lab.run(["spawn a", f'a fd = open("{path}", O_RDONLY)', "- a read(fd, buf, 4096)"], "--judged", "-k", world="sealed")
    with open("/etc/passwd", encoding="utf-8") as f:
        mine = f.read()
    for e in r.find("exit", call="read"):
        assert "daemon" in mine and "daemon" not in json.dumps(e), r


@pytest.mark.parametrize("judged", [(), ("--judged",)])
def test_e26_nothing_outside_is_written(lab, judged):
    victim = lab.write("victim", "mine")
    new = lab.path("work", "new")
    paths = [victim, new, "../new", "../../../new", "/new", "/etc/new-from-a-trace", "/tmp/new-from-a-trace"]
    lines = ["spawn a"]
    for p in paths:
        lines += [f'- a f = open("{p}", O_WRONLY|O_CREAT|O_TRUNC, 0666)', '- a write(f, "owned")', f'- a unlink("{p}")']
    trace = lab.write("e.trace", forged(lines))
    r = lab.call("replay", "--world", "sealed", *judged, trace)
    assert r.status == 1, r
    with open(victim, encoding="utf-8") as f:
        assert f.read() == "mine"
    for p in (new, "/new", "/etc/new-from-a-trace", "/tmp/new-from-a-trace"):
        assert not os.path.exists(p), p


def test_e26_a_nul_and_a_long_path(lab):
    r = lab.call("replay", lab.write("e.trace", forged(["spawn a", 'a open("x\0/etc/passwd", O_RDONLY)'])))
    assert r.status in (1, 6), r
    r = lab.run(["spawn a", f'a open("{"p" * 5000}", O_RDONLY)'], world="sealed").ok()
    assert r.one("exit", call="open")["errno"] == "ENAMETOOLONG"
    lab.call("replay", r.trace).ok()


# ---- E29 -----------------------------------------------------------------------------------------


def host_objects():
    kinds = ("shm", "sem", "msg")
    counts = []
    for kind in kinds:
        with open(f"/proc/sysvipc/{kind}", encoding="utf-8") as f:
            counts.append(len(f.readlines()))
    return counts + [len(os.listdir("/dev/shm"))]


@pytest.mark.serial
def test_e29_more_objects_than_there_may_be(lab):
    """A line makes 16 of a kind; the kernel's limits hold in the world, and nothing is left of it."""
    before = host_objects()
    lines = ["spawn " + " ".join(f"a{i}" for i in range(16))]
    lines += ["* shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600)"] * 300
    lines += ["* semget(IPC_PRIVATE, 1, IPC_CREAT|0600)"] * 10 + ["* msgget(IPC_PRIVATE, IPC_CREAT|0600)"] * 10
    r = lab.run(lines, "-q", world="sealed", timeout=60).ok()
    assert "ENOSPC" in r.returns("shmget"), r.returns("shmget")[-20:]
    lab.call("replay", "--world", "sealed", r.trace, timeout=60).ok()
    assert host_objects() == before


def test_e29_more_actors_than_there_may_be(lab):
    names = [f"a{i}" for i in range(5000)]
    lines = ["spawn " + " ".join(names[i : i + 100]) for i in range(0, 5000, 100)]
    r = lab.call("replay", "--world", "sealed", "--judged", lab.write("e.trace", forged(lines)), timeout=60)
    assert r.status in (1, 5), r  # it claims that no process came of it
    one = "spawn " + " ".join(f"a{i}" for i in range(100000))
    r = lab.call("replay", lab.write("e.trace", forged([one])))
    assert r.status in (1, 6), r


def test_e29_the_limit_is_an_error_of_its_line(lab):
    """More than 4,096 actors were refused then and are refused now."""
    lines = ["spawn " + " ".join(f"a{i}" for i in range(j, j + 64)) for j in range(0, 256, 64)]
    r = lab.run(lines + ["spawn " + " ".join(f"b{i}" for i in range(4096))], "-k", "-q", world="sealed", timeout=60)
    assert r.status == 2 and "actors" in r.stderr, r
    assert len(r.find("process", what="spawn")) <= 4096
    lab.call("replay", r.trace, timeout=60).ok()


# ---- E31 -----------------------------------------------------------------------------------------


def test_e31_a_race_ends_the_same_each_time(lab):
    """Who is first is what the lines say and not the scheduler: 10 replays agree, with company too."""
    golden = os.path.join(ROOT, "labs", "shm-race", "golden.trace")
    assert [e for e in read_trace(golden) if e["ev"] in ("schedule", "check", "exit")]
    said = set()
    with subprocess.Popen(["sh", "-c", "while :; do :; done"]) as busy:
        try:
            for _ in range(10):
                r = lab.call("replay", "--world", "sealed", golden).ok()
                said.add(r.stdout)
        finally:
            busy.kill()
    assert len(said) == 1 and said.pop().startswith("same:")


def test_e31_what_a_timer_decides_is_never_a_difference(lab):
    """Two timers of the same length: either may be first, and no replay says that it differs."""
    lines = ["spawn a b", "a nanosleep(0, 5000000)", "b nanosleep(0, 5000000)", "a signal(SIGALRM, h)", "b signal(SIGALRM, h)",
             "a setitimer(ITIMER_REAL, 20)", "b setitimer(ITIMER_REAL, 20)", "a pause()", "b pause()"]  # fmt: skip
    trace = lab.run(lines, world="sealed").ok().trace
    for _ in range(10):
        assert lab.call("replay", trace).status in (0, 5)
