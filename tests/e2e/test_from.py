# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab run --from TASK: a guided lab that begins in its middle."""

import os

import pytest
from terminal import Terminal
from test_lab_check import GOOD


def run(lab, lines, *options, text=GOOD):
    trace = lab.new_trace()
    args = ["run", "--trace", trace, "--world", lab.world, *options, lab.write("t.lua", text)]
    return lab.call(*args, stdin=lines, trace=trace)


def test_what_is_before_was_done(lab, world):
    r = run(lab, 'a write(p[1], "hi")\n', "--from", "use").ok()
    assert [(e["text"], e.get("from")) for e in r.find("input")] == [
        ("spawn a", "lab"), ("a getpid()", "from"), ("a pipe(p)", "from"), ('a write(p[1], "hi")', None)]
    assert [e["id"] for e in r.find("task", what="left")] == ["make"] and not r.find("task", what="skipped")
    assert r.one("task", what="opens")["from"] == "use"
    assert [e["id"] for e in r.find("task", what="begins")] == ["use"]
    assert r.last("check")["passed"] is True and "1 of 3 points" in r.stdout
    lab.call("replay", "--trust", "--world", lab.world, r.trace).ok()


def test_it_is_said_in_one_line(lab):
    """And not what the model solution did."""
    r = run(lab, "", "--from", "use").ok()
    assert "begins with task 2 of 2" in r.stdout and "pipe(" not in r.stdout and "getpid" not in r.stdout
    assert r.stdout.count("\n") < 12
    r = run(lab, "lanes\n", "--from", "use").ok()
    assert "pipe(p)" in r.stdout  # the views know it all the same


def test_what_is_left_out_is_not_judged(lab):
    """It is neither done nor failed, and that is said wherever points are."""
    r = run(lab, 'submit\na write(p[1], "hi")\nsubmit\ntask list\n', "--from", "use").ok()
    left = r.find("check", task="make")
    assert [e["passed"] for e in left] == [None, None] and all("points" not in e for e in left)
    assert r.stdout.count("not judged: make. It was left out") == 2
    assert [e["points"] for e in r.find("task", what="submitted")] == [0, 1]
    assert [e["passed"] for e in r.find("check", task="use")] == [False, True]
    ends = r.one("task", what="ends")
    assert ends["points"] == 1 and ends["text"].startswith("2 of them belong to tasks that were left out")
    assert "1  left out          make" in r.stdout
    lab.call("replay", "--trust", "--world", lab.world, r.trace).ok()


def test_from_the_first(lab):
    r = run(lab, "", "--from", "make").ok()
    assert not r.find("task", what="left") and "begins with" not in r.stdout


@pytest.mark.parametrize("options, text, status, says", [
    (["--from", "usee"], GOOD, 2, "did you mean use?"),
    (["--from", "x"], GOOD, 2, "the first is make"),
    (["--from", "use", "--resume"], GOOD, 2, "--from begins a session of its own"),
    (["--from", "use"], GOOD.replace("a pipe(p)\"", "a piep(p)\""), 3, "the model solution of make cannot be played"),
    (["--from", "use"], 'return require("ipclab").orchestrated { id = "x", title = "x", actors = { "a" }, run = print }', 2,
     "it leads itself")])
def test_what_cannot_be(lab, options, text, status, says):
    r = run(lab, "", *options, text=text)
    assert r.status == status and says in r.stderr, r


def test_what_was_done_before_is_left_alone(lab):
    """At a terminal it neither goes on with it nor writes there."""
    path = lab.write("t.lua", GOOD)

    def session(*options):
        with Terminal(lab, "run", *options, path) as t:
            t.wait("ipclab> ")
            t.line("task")
            t.wait("ipclab> ")
            t.type("\x04")
            t.end()

    def kept():
        for base, _, files in os.walk(lab.path("state", "ipclab", "labs")):
            for name in files:
                with open(os.path.join(base, name), "rb") as f:
                    yield os.path.join(base, name), f.read()

    session()
    before = list(kept())
    assert len(before) == 1
    session("--from", "use")
    assert list(kept()) == before
