# SPDX-License-Identifier: GPL-3.0-or-later
"""A transcript is a script whose session has the same transcript, byte for byte."""

import glob
import json
import os
import subprocess

import pytest
from ipclab import ROOT, program
from test_same_bytes import SCRIPTS

DEMOS = sorted(glob.glob(os.path.join(ROOT, "scripts", "demo", "*.ipc")))

CASES = {
    "undo and reset": """
        spawn a b
        a int n = 1
        a n = n + 1
        undo
        a print n
        b pipe(p)
        undo 2
        reset
        spawn a
        a pipe(q)
        a read(q[0], buf, 5)
        undo
        a write(q[1], "later")
        a read(q[0], buf, 5)
    """,
    "lines that fail": """
        spawn a
        spawn a
        - a open("missing", O_RDONLY)
        a open("missing", O_RDONLY)
        undo
        a exit(1)
        - interrupt a
        interrupt a
        spawn b
        undo 2
        wait a
    """,
    "deaths": """
        spawn a
        a pipe(p)
        a fork(b)
        - b print *(char *)0
        a wait(st)
        a fork(c)
        a close(p[0])
        c close(p[0])
        - c write(p[1], "x")
        a wait(st)
    """,
    "stuck at the end": """
        spawn a
        a pipe(p)
        a fork(b)
        a read(p[0], buf, 1)
        b read(p[0], buf, 1)
    """,
    "one waits at the end": """
        spawn a b
        a pipe(p)
        a fork(c)
        a read(p[0], buf, 1)
    """,
    "interrupted": """
        spawn a
        a pipe(p)
        a read(p[0], buf, 1)
        interrupt a
        a nanosleep(0, 1000000)
    """,
    "addresses": """
        spawn a
        a char *m = shmat(shmget(5678, 27, IPC_CREAT|0666))
        a print &m
        a print m + 3
        a int x = 5
        a m = m + 1
        a fork(b)
        b shmdt(m - 1)
        a shmctl(shmget(5678, 27, 0666), IPC_STAT)
        a getpid()
        b getppid()
    """,
    "bytes": (
        'spawn a\na char *p = "t\u00e9\u200b\x01\ta"\na print p\na\tint\tx\t=\t5\n'
        "a print x == '\\377'\n"
    ).encode()
    + b'a p = "\xff7"\na print p\na print "a" "\xc3\xa9"\na await 1 == 1\n'
    + b"a char c = '\xe9'\na await c == '\xe8'\n",
    "what stdio prints": r"""
        spawn a
        a puts("one\ntwo")
        a printf("%d three", 3)
        a fflush(stdout)
        a perror("four")
        a write(2, "| bars\nipclab> and prompts\n")
    """,
    "programs": """
        spawn a
        a fork(b)
        b execve("/bin/sh", "sh", "-c", "echo out; echo err >&2; exit 3")
        a wait(st)
    """,
}
CASES.update(SCRIPTS)


def lines_of(script):
    if isinstance(script, bytes):
        return script
    return "\n".join(line.strip() for line in script.strip().splitlines()) + "\n"


def transcript(lab, trace, *options, env=None):
    r = lab.call("show", trace, "--as", "transcript", *options, env=env)
    assert r.status in (0, 6), r
    return r.raw_stdout


def reproduces(lab, script, *options, env=None):
    """Runs a script with -k, and its transcript without: the same transcript. The text."""
    first = lab.run(None, "-k", file=script)
    text = transcript(lab, first.trace, *options, env=env)
    again = lab.run(None, file=text)
    assert again.status in (0, 4), f"{text.decode()}\n{again}"
    assert transcript(lab, again.trace, *options, env=env) == text
    return text.decode()


@pytest.mark.parametrize("path", DEMOS, ids=os.path.basename)
def test_demo(lab, world, path):
    with open(path, "rb") as f:
        script = f.read()
    text = reproduces(lab, script)
    # Every line that is a line is there behind a prompt, in order.
    typed = [line.split("  #")[0].strip() for line in script.decode().splitlines()]
    typed = [line for line in typed if line and not line.startswith("#")]
    shown = [line[8:] for line in text.splitlines() if line.startswith("ipclab> ")]
    assert shown == typed


@pytest.mark.parametrize("name", CASES)
def test_case(lab, world, name):
    text = reproduces(lab, lines_of(CASES[name]))
    for line in text.splitlines():
        assert line.startswith(("ipclab> ", "| ")), line


@pytest.mark.parametrize("name", ["bytes", "addresses", "what stdio prints"])
def test_ascii(lab, name):
    text = reproduces(lab, lines_of(CASES[name]), env={"LC_ALL": "C"})
    assert text.isascii()


@pytest.mark.parametrize("options", [["--stable"], ["-q"], ["--color=always"]], ids=" ".join)
def test_options(lab, options):
    reproduces(lab, lines_of(CASES["addresses"]), *options)


def test_stable_trace_has_the_same_transcript(lab, world):
    script = lines_of(CASES["addresses"])
    whole = lab.run(None, file=script)
    stable = lab.run(None, "--stable", file=script)
    assert transcript(lab, whole.trace) == transcript(lab, stable.trace)


def test_width_does_not_matter(lab):
    r = lab.run(None, file=lines_of(CASES["addresses"]))
    assert len({transcript(lab, r.trace, env={"COLUMNS": n}) for n in ("40", "100", "200")}) == 1


def examples():
    out = subprocess.run(
        [program(), "plugins", "--json"], capture_output=True, timeout=30, check=False
    ).stdout
    return [
        pytest.param(e, id=f"{c['name']}-{n}")
        for p in json.loads(out or b"[]")
        for c in p["calls"]
        for n, e in enumerate(c.get("examples") or [], 1)
    ]


@pytest.mark.parametrize("example", examples())
def test_example(lab, example):
    reproduces(lab, example + "\n")


def test_lab_without_its_words(lab):
    """The lines of a lab run as a script; what the lab said to them is not in their transcript."""
    trace = lab.new_trace()
    lab.call("run", "--trace", trace, "shm-server-client").ok()
    text = transcript(lab, trace)
    assert b"note:" not in text and b"shmget" in text
    again = lab.run(None, file=text).ok()
    assert transcript(lab, again.trace) == text


def test_failure_is_in_the_trace(lab):
    """... of a line that has its input there, and never counts when replay compares."""
    r = lab.run("spawn a; spawn a; a getpid()", "-k")
    assert [e["text"] for e in r.find("note") if e.get("kind") == "failed"] == [
        "actor a already exists"
    ]
    assert "already exists" in r.stderr and "already exists" not in r.stdout
    assert lab.call("replay", r.trace).ok().stdout.startswith("same")
    assert "error: actor a already exists" in lab.call("show", r.trace).ok().stdout
