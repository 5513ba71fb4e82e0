# SPDX-License-Identifier: GPL-3.0-or-later
"""A check that never comes back while a student sits at the prompt: it is stopped and said, the
session goes on with all that was done, and the task can be left for all its points."""

import os
import re
import time

import pytest
from terminal import Terminal

LAB = """local lab = require "ipclab"
return lab.guided {
  id = "hangs", title = "Hangs", actors = { "a" },
  tasks = {
    { id = "make", title = "A pipe", points = 2, say = "Make a pipe.",
      check = function(h) do %s end h:need(h:find { call = "pipe" }, "no pipe") end, solution = "a pipe(p)" },
    { id = "use", title = "Through it", points = 3, say = "Write.",
      predict = { ask = "How many?", truth = function(h) %s end, points = 1 },
      check = function(h)
        if h:find { call = "write" } then %s end
        h:need(false, "nothing written")
      end, solution = { "answer 2", "a write(p[1], \\"hi\\")" } },
    { id = "last", title = "The last", points = 1, say = "getpid.",
      check = function(h) h:need(h:find { call = "getpid" }, "no") end, solution = "a getpid()" },
  },
}
"""
REP = "return #(''):rep(1e18)"
MATCH = "return (('a'):rep(60) .. 'b'):find(('a*'):rep(30) .. 'c')"
STOPPED = r"lab\.lua:\d+: a loop in the lab that does not end was stopped"
PROMPT = "ipclab> "


def write(lab, first="", truth="", use=""):
    return lab.write("hangs/lab.lua", LAB % (first, truth, use))


@pytest.fixture
def lab_folder(lab):
    os.mkdir(lab.path("work", "hangs"))
    return lab


def leave(t):
    """By Ctrl-D: the score, and the status."""
    t.wait(PROMPT)
    t.type("\x04")
    t.wait(r"\d of 7 points")
    return t.end()


@pytest.mark.parametrize("loop", [REP, MATCH])
def test_it_is_stopped_and_the_session_goes_on(lab_folder, world, loop):
    path = write(lab_folder, use=loop)
    with Terminal(lab_folder, "run", "--world", world, path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait(PROMPT)
        t.line("a pipe(p)", "done: A pipe, 2 of 2 points")
        t.wait(PROMPT)
        t.line('a write(p[1], "hi")', STOPPED)
        t.wait("not judged: Through it")
        t.wait("fault of the lab, not yours")
        t.wait("resumed: task 2 of 3, 2 of 7 points")
        t.wait(PROMPT)
        t.line("check", "fault of the lab, not yours")  # it is not asked again
        t.wait(PROMPT)
        t.line("a print p", r"\[3, 4\]")  # and all is there
        t.wait(PROMPT)
        t.line("skip", "skipped: Through it, 3 of 3 points")
        t.wait(PROMPT)
        t.line("a getpid()", "all tasks are over: 6 of 7 points")
        assert leave(t) == 0
    with Terminal(lab_folder, "run", "--world", world, path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait("resumed: .*6 of 7 points")  # of what was kept
        assert leave(t) == 0
        assert not t.text.count("was stopped")


def test_ctrl_c_ends_it_sooner(lab_folder):
    """Than the clock, which would give it ten seconds."""
    path = write(lab_folder, use=REP)
    with Terminal(lab_folder, "run", path) as t:
        t.wait(PROMPT)
        t.line("a pipe(p)", "done: A pipe")
        t.wait(PROMPT)
        t.line('a write(p[1], "hi")', r'write\(4, "hi", 2\) = 2')
        start = time.monotonic()
        while not re.search(STOPPED, t.text):  # what is printed before the check begins is too early
            assert time.monotonic() - start < 8, t.text
            t.type("\x03")
            try:
                t.wait(STOPPED, seconds=2)
            except AssertionError:
                pass
        t.wait("resumed: task 2 of 3")
        assert leave(t) == 0


def test_a_loop_of_lua_needs_no_new_session(lab_folder):
    path = write(lab_folder, use="while true do end")
    with Terminal(lab_folder, "run", path) as t:
        t.wait(PROMPT)
        t.line("a pipe(p)", "done: A pipe")
        t.wait(PROMPT)
        t.line('a write(p[1], "hi")', "instruction limit")
        t.wait("fault of the lab, not yours")
        assert leave(t) == 0 and "resumed" not in t.text


def test_the_truth_of_a_question_too(lab_folder):
    path = write(lab_folder, truth=REP)
    with Terminal(lab_folder, "run", path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait(PROMPT)
        t.line("a pipe(p)", "done: A pipe")
        t.wait(STOPPED)
        t.wait("resumed: task 2 of 3, 2 of 7 points")
        t.wait(PROMPT)
        t.line("skip", "skipped: Through it, 3 of 3 points")
        assert leave(t) == 0


def test_before_anything_was_typed(lab_folder):
    path = write(lab_folder, first=REP)
    with Terminal(lab_folder, "run", path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait(STOPPED)
        t.wait("not judged: A pipe")
        t.wait(PROMPT)
        t.line("skip", "skipped: A pipe, 2 of 2 points")
        assert leave(t) == 0


def test_what_was_done_before_is_not_put_aside_again(lab_folder):
    """--fresh is for the session as it was begun."""
    path = write(lab_folder, use=REP)
    with Terminal(lab_folder, "run", "--fresh", path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait(PROMPT)
        t.line("a pipe(p)", "done: A pipe")
        t.wait(PROMPT)
        t.line('a write(p[1], "hi")', STOPPED)
        t.wait("resumed: task 2 of 3, 2 of 7 points")
        assert leave(t) == 0


@pytest.mark.parametrize("options, text", [((), REP), (("--trace", "t.trace"), None)])
def test_where_nothing_is_kept_it_ends(lab_folder, options, text):
    """A lab that is read for ever, and a session whose trace goes elsewhere."""
    path = lab_folder.write("hangs/lab.lua", text) if text else write(lab_folder, first=REP)
    with Terminal(lab_folder, "run", *options, path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait(STOPPED + r" \(status 3\)")
        assert t.end() == 3
