# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done in a guided lab is kept, and the next session goes on with it, whatever ended the
one before. IPCLAB_KILLS says how many kills there are (200 for the whole of it)."""

import glob
import os
import random
import re
import signal
import time

import pytest
from ipclab import read_trace
from terminal import Terminal

PROMPT = r"ipclab> $"

LAB = r"""local lab = require "ipclab"
return lab.guided {
  id = "t", title = "t", actors = { "a", "b" }, hint_cost = 1,
  tasks = {
    { id = "make", points = 3, say = "Let a make a pipe.", hints = { "pipe(2)", "a pipe(p)" },
      check = function(h) h:need(h:find { actor = "a", call = "pipe", ret = 0 }, "no pipe") end, solution = "a pipe(p)" },
    { id = "use", points = 2, say = "Write and read.",
      predict = { ask = "What does read return?", points = 1,
                  truth = function(h) local r = h:find { call = "read", done = true } return r and r.ret end },
      check = function(h) h:need(h:find { call = "read", buf = "hi" }, "nothing read") end,
      solution = "answer 2\na write(p[1], \"hi\")\na read(p[0], buf, 8)" },
    { id = "gone", points = 1, say = "Make another pipe.", skip = 1,
      check = function(h) h:need(h:find { call = "pipe", obj = "pipe#2" }, "no pipe") end,
      solution = "b pipe(p)\nb write(p[1], \"x\")\nb read(p[0], buf, 8)" },
    { id = "end", points = 2, say = "End b.",
      check = function(h) h:need(h:find { what = "exit", actor = "b" }, "b lives") end, solution = "b exit(0)" },
  },
}
"""

LINES = ["hint", "a int n = 5", "b getpid()", "a pipe(p)", "b getppid()", "undo", "answer 2", "a print n", "check",
         'a write(p[1], "hi")', "a read(p[0], buf, 8)", "a print buf", "skip", "reset", "a getpid()", "undo 3",
         "b exit(0)"]
POINTS = 2 + 2 + 1 + 1 + 2  # one hint of the first task


class Session(Terminal):
    def __init__(self, lab, *options):
        super().__init__(lab, "run", *options, lab.path("work", "t.lua"))

    def pid(self):
        """Of the session itself, over which a guardian stands."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            return int(f.read().split()[0])


def trace_of(lab, student="student"):
    return lab.path("state", "ipclab", "labs", "t", student + ".trace")


def typed(events):
    return [e["text"] for e in events if e["ev"] == "input" and "from" not in e]


def whole(lab):
    """The events kept so far; their order is whole."""
    events = read_trace(trace_of(lab))
    assert [e["seq"] for e in events] == list(range(len(events)))
    return events


@pytest.fixture
def guided(lab):
    lab.write("t.lua", LAB)
    return lab


def type_lines(t, lines):
    for line in lines:
        t.line(line, PROMPT)


def test_quit_and_go_on(guided):
    with Session(guided) as t:
        t.wait(PROMPT)
        type_lines(t, ["hint", "hint", "a pipe(p)", "answer 3"])
        t.line("quit", "2 of 9 points; `ipclab run t` goes on from here")
        assert t.end() == 0
    kept = whole(guided)
    assert typed(kept) == ["hint", "a pipe(p)", "answer 3"]
    with Session(guided) as t:
        t.wait(r"resumed: task 2 of 4, 2 of 9 points")
        t.wait(r"task 2/4")
        t.wait("you said 3")
        t.wait(PROMPT)
        t.line("a print p", r"\{?3, 4")  # its variables are there
        t.line("undo", PROMPT)
        t.line('a write(p[1], "hi")', PROMPT)
        t.line("a read(p[0], buf, 8)", r"not so: you said 3, and it was 2")
        t.wait("done: use, 2 of 2 points")
        t.line("quit")
        assert t.end() == 0
    events = whole(guided)
    assert events[: len(kept)] == kept
    assert [e["ev"] for e in events].count("session") == 1 and [e["ev"] for e in events].count("hint") == 1


def test_killed_at_any_instant(guided):
    """Random kills while lines run: what was answered is there, nothing is counted twice."""
    chance = random.Random(int(os.environ.get("IPCLAB_SEED", "1")))
    left = int(os.environ.get("IPCLAB_KILLS", "15"))
    while left > 0:
        for old in glob.glob(guided.path("state", "ipclab", "labs", "t", "*")):
            os.unlink(old)
        at = 0
        while at < len(LINES):
            with Session(guided) as t:
                t.wait(PROMPT, seconds=20)
                told = []
                kill_at = chance.randrange(at, len(LINES)) if left > 0 else None
                while at < len(LINES) and kill_at != at:
                    twice = LINES[at] == "hint" and at == 0  # it costs a point, so it is asked for twice
                    for _ in range(1 + twice):
                        t.line(LINES[at], PROMPT)
                    told.append(LINES[at])
                    at += 1
                if kill_at is None:
                    break
                left -= 1
                pid = t.pid()
                t.type((LINES[at] + "\n") * (1 + (at == 0)))
                until = time.monotonic() + chance.random() * 0.004
                while time.monotonic() < until:
                    pass
                os.kill(pid, signal.SIGKILL)
                t.process.wait()
            have = typed(read_trace(trace_of(guided)))
            if len(have) > at:
                # It was on its way to the disk: the next session runs it once more, or has it whole.
                assert have == [x for x in LINES[: at + 1]], (have, at)
                at += 1
            else:
                assert have == LINES[:at], (have, at)
        with Session(guided) as t:  # the last line may have been cut
            t.wait(PROMPT)
            t.line("quit")
            assert t.end() == 0
        events = whole(guided)
        assert typed(events) == LINES
        assert sum(e["ev"] == "hint" for e in events) == 1
        done = {e["task"]: e["points"] for e in events if e["ev"] == "check" and e.get("passed") is True}
        skipped = [e["points"] for e in events if e["ev"] == "task" and e["what"] == "skipped"]
        assert done == {"make": 2, "use": 2, "end": 2} and skipped == [1]
        assert [e["points"] for e in events if e["ev"] == "predict" and e["what"] == "judged"] == [1]
        assert [e["points"] for e in events if e["ev"] == "task" and e["what"] == "ends"] == [POINTS]
        guided.call("replay", trace_of(guided)).ok()


def test_a_torn_tail_is_repaired(guided):
    with Session(guided) as t:
        t.wait(PROMPT)
        type_lines(t, ["a int n = 5", "a print n", "b getpid()"])
        t.line("quit")
        assert t.end() == 0
    with open(trace_of(guided), "rb") as f:
        data = f.read()
    cuts = [len(data) - n for n in range(1, 200, 13)] + [0, 10]
    for cut in cuts:
        with open(trace_of(guided), "wb") as f:
            f.write(data[:cut])
        r = guided.call("run", "--resume", guided.path("work", "t.lua"), stdin="a getpid()\n").ok()
        events = whole(guided)
        assert typed(events)[-1] == "a getpid()" and ("resumed" in r.stdout) == (cut > 1000)


def test_damage_in_the_middle_is_said(guided):
    guided.call("run", "--resume", guided.path("work", "t.lua"), stdin="a getpid()\nb getpid()\n").ok()
    with open(trace_of(guided), "r+b") as f:
        f.seek(20)
        f.write(b"\x00\x00")
    r = guided.call("run", "--resume", guided.path("work", "t.lua"), stdin="a getpid()\n")
    assert r.status == 6 and "--fresh" in r.stderr
    guided.call("run", "--resume", "--fresh", guided.path("work", "t.lua"), stdin="a getpid()\n").ok()
    assert len(glob.glob(trace_of(guided)[: -len(".trace")] + "-*.trace")) == 1
    assert typed(whole(guided)) == ["a getpid()"]


def test_fresh_keeps_the_old_one(guided):
    with Session(guided) as t:
        t.wait(PROMPT)
        t.line("a pipe(p)", PROMPT)
        t.line("quit")
        assert t.end() == 0
    with Session(guided, "--fresh") as t:
        t.wait(r"task 1/4")
        t.wait(PROMPT)
        t.line("quit")
        assert t.end() == 0
    (old,) = glob.glob(trace_of(guided)[: -len(".trace")] + "-*.trace")
    assert typed(read_trace(old)) == ["a pipe(p)"] and typed(whole(guided)) == []


def test_one_at_a_time(guided):
    with Session(guided) as t:
        t.wait(PROMPT)
        r = guided.call("run", "--resume", guided.path("work", "t.lua"), stdin="a getpid()\n")
        assert r.status == 2 and f"is being written by pid {t.pid()}" in r.stderr
        guided.call("run", "--resume", "--student", "other", guided.path("work", "t.lua"), stdin="a getpid()\n").ok()
        t.line("quit")
        assert t.end() == 0


@pytest.mark.parametrize("student", ["../../etc", "a b/c", ".hidden", "ü", "x" * 300])
def test_odd_students(guided, student):
    guided.call("run", "--resume", "--student", student, guided.path("work", "t.lua"), stdin="a getpid()\n").ok()
    (name,) = os.listdir(guided.path("state", "ipclab", "labs", "t"))
    assert re.fullmatch(r"[%A-Za-z0-9._@+-]+\.trace", name) and not name.startswith(".")
    r = guided.call("run", "--resume", "--student", student, guided.path("work", "t.lua"), stdin="a getpid()\n").ok()
    assert "resumed" in r.stdout


def test_what_a_script_does_is_not_kept(guided):
    guided.call("run", guided.path("work", "t.lua"), stdin="a pipe(p)\n").ok()
    assert not os.path.exists(trace_of(guided))


def test_submit_writes_a_whole_trace(guided):
    with Session(guided, "--student", "s1") as t:
        t.wait(PROMPT)
        type_lines(t, ["a pipe(p)"])
        t.line("submit", r"to hand in: t-s1\.trace")
        t.wait(PROMPT)
        t.line("a getpid()", PROMPT)
        t.line("submit mine.trace", r"to hand in: mine\.trace")
        t.line("quit")
        assert t.end() == 0
    first, second = (read_trace(guided.path("work", n)) for n in ("t-s1.trace", "mine.trace"))
    assert first[-1]["ev"] == second[-1]["ev"] == "end" and len(first) < len(second)
    assert first[0]["student"] == "s1" and typed(first) == ["a pipe(p)", "submit"]
    for name in ("t-s1.trace", "mine.trace"):
        r = guided.call("replay", guided.path("work", name)).ok()
        assert "hash" not in r.stderr and "incomplete" not in r.stderr
    # The next session goes on, and what is handed in then is whole again.
    guided.call("run", "--resume", "--student", "s1", guided.path("work", "t.lua"), stdin="b getpid()\nsubmit\n").ok()
    assert "hash" not in guided.call("replay", guided.path("work", "t-s1.trace")).ok().stderr
    assert typed(read_trace(guided.path("work", "t-s1.trace")))[-2:] == ["b getpid()", "submit"]


def test_a_lab_that_was_reset_and_undone_goes_on(guided):
    lines = ["a pipe(p)", "reset", "a int k = 3", "b getpid()", "undo", "- b nothing()"]
    guided.call("run", "--resume", "-k", guided.path("work", "t.lua"), stdin="\n".join(lines) + "\n")
    r = guided.call("run", "--resume", guided.path("work", "t.lua"), stdin="a print k\nundo 2\na print k\n")
    assert "= 3" in r.stdout and r.status == 2 and "no variable" in r.stderr
    assert "done: make" not in r.stdout  # that was before
